from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plantwright.readings.ingest.timestamps import INVALID, parse_column

instants = st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone


@given(st.lists(instants, min_size=1, max_size=30), st.sampled_from(["seconds", "milliseconds", "microseconds"]))
def test_reads_what_isoformat_writes(moments: list[datetime], precision: str) -> None:
    expected = [
        (moment.replace(microsecond=0) if precision == "seconds" else moment) - datetime(1970, 1, 1, tzinfo=UTC)
        for moment in moments
    ]
    texts = [moment.isoformat(timespec=precision) for moment in moments]

    for column in (texts, [text.replace("+00:00", "Z") for text in texts]):
        assert parse_column(column).tolist() == [delta // timedelta(milliseconds=1) for delta in expected]


def test_takes_offsets_and_mixed_forms() -> None:
    east = datetime(2026, 5, 1, 12, 0, tzinfo=timezone(timedelta(hours=2)))

    column = parse_column([east.isoformat(), "2026-05-01T10:00:00Z", "2026-05-01T10:00:00.000500Z", "20260501T100000Z"])

    assert set(column.tolist()) == {int(east.timestamp() * 1000)}


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-01-00T00:00:00Z",
        "2026-01-01T24:00:00Z",
        "2026-01-01T00:60:00Z",
        "2026-01-01T00:00:60Z",
        "2026-01-01T00:00:00",
        "2026-01-0:T00:00:00Z",
        "2026-01-01T00:00:0/Z",
        "\u0662026-01-01T00:00:00Z",
        "yesterday",
        "",
    ],
)
def test_refuses_what_names_no_instant_without_touching_its_neighbours(text: str) -> None:
    good = "2024-02-29T23:59:59Z"

    assert parse_column([good, text, good]).tolist() == [1_709_251_199_000, INVALID, 1_709_251_199_000]
