"""What the agent sends is what the server understands."""

import gzip
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from plantwright.readings.ingest.decode_columns import decode_columns
from plantwright.readings.ingest.decode_json import decode_json
from plantwright_agent.samples import Reading
from plantwright_agent.uplink.wire import compressed, encode_readings

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
def test_the_columns_say_what_the_json_form_would(batch: list[Reading]) -> None:
    agent = str(uuid4())
    sent = {"agent": agent, "stream": "press-line", "sequence": 7, "readings": batch}

    rows = decode_json(msgspec.json.encode(sent), NOW_MS)
    columns = decode_columns(encode_readings(agent, "press-line", 7, batch), NOW_MS)

    assert rows is not None
    assert rows.key == columns.key
    assert rows.digest == columns.digest
    assert list(rows.columns.names) == [tuple(name) for name in columns.columns.names]
    for column in ("index", "name_of", "time_ms", "value", "quality"):
        assert getattr(rows.columns, column).tobytes() == getattr(columns.columns, column).tobytes()


def test_series_that_differ_in_the_raw_tag_alone_are_one_to_the_server() -> None:
    batch = [Reading("M", NOW, "m", 1.0, "bar", tag, "good") for tag in ("a", "b")]
    assert len(decode_columns(encode_readings(str(uuid4()), "s", 1, batch), NOW_MS).columns.names) == 1


def test_a_body_is_compressed_when_that_pays() -> None:
    small, large, noise = b"x" * 100, b"x" * 10_000, bytes(i * i % 251 for i in range(400))
    assert compressed(small)[0] == small
    packed, headers = compressed(large)
    assert headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed) == large
    assert "Content-Encoding" not in compressed(noise)[1]
    assert compressed(large) == compressed(large)
