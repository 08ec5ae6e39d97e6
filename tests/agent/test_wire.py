"""Both forms of a batch say the same, as far as the server keeps it."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st
from plantwright.readings.ingest.decode_columns import decode_columns
from plantwright.readings.ingest.decode_json import decode_json
from plantwright_agent.samples import Reading
from plantwright_agent.wire import encode_columns, encode_reading, encode_request

NOW = datetime(2026, 5, 1, tzinfo=UTC)
NOW_MS = int(NOW.timestamp() * 1000)

names = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=20)
readings = st.builds(
    Reading,
    machine_identifier=names,
    timestamp=st.timedeltas(timedelta(0), timedelta(days=300)).map(lambda age: NOW - age),
    metric_name=names,
    value=st.floats(allow_nan=False, allow_infinity=False),
    unit=names,
    raw_tag=names,
    quality=st.sampled_from(["good", "uncertain", "bad"]),
)


@given(st.lists(readings, max_size=30))
def test_the_server_understands_both_forms_alike(batch: list[Reading]) -> None:
    parts = (str(uuid4()), "press-line", 7, [encode_reading(reading) for reading in batch])

    rows = decode_json(encode_request(*parts), NOW_MS)
    columns = decode_columns(encode_columns(*parts), NOW_MS)

    assert rows is not None
    assert rows.key == columns.key
    assert rows.digest == columns.digest
    assert list(rows.columns.names) == [tuple(name) for name in columns.columns.names]
    for column in ("index", "name_of", "time_ms", "value", "quality"):
        assert getattr(rows.columns, column).tobytes() == getattr(columns.columns, column).tobytes()
