import io
from itertools import pairwise
from typing import Any
from uuid import UUID

import asyncpg
import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from plantwright.core.settings import Settings
from plantwright.readings.ingest.batch import SeriesColumns, StoreRequest
from plantwright.readings.ingest.segments import COPY_COLUMNS, DAY_MS, build_segments, copy_payload

BASE_MS = 1_780_000_000_000

# Few tenants, series and times, so that equal ones meet; days around a boundary.
readings = st.tuples(
    st.integers(1, 2),
    st.integers(1, 3),
    st.one_of(st.integers(0, 5), st.integers(0, 4 * DAY_MS)),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([0, 0, 0, 1, 2]),
)


def request(tenant_no: int, rows: list[Any]) -> StoreRequest:
    columns = SeriesColumns(
        np.array([row[1] for row in rows], np.int32),
        np.array([BASE_MS + row[2] for row in rows], np.int64),
        np.array([row[3] for row in rows], np.float64),
        np.array([row[4] for row in rows], np.int8),
    )
    return StoreRequest(UUID(int=tenant_no), tenant_no, None, columns)


def requests_of(rows: list[Any]) -> list[StoreRequest]:
    """One request per reading: the order of requests is the order of arrival."""
    return [request(row[0], [row]) for row in rows]


@given(st.lists(readings, min_size=1, max_size=40))
def test_segments_keep_every_reading_in_order(rows: list[Any]) -> None:
    segments = build_segments(requests_of(rows))

    # sorted() is stable, as the segments have to be: readings of one time stay in the order of arrival.
    expected = sorted(rows, key=lambda row: row[:3])
    assert segments.time_ms.tolist() == [BASE_MS + row[2] for row in expected]
    assert segments.value.tolist() == [row[3] for row in expected]
    assert segments.quality.tolist() == [row[4] for row in expected]


@given(st.lists(readings, min_size=1, max_size=40))
def test_a_segment_is_one_series_on_one_day(rows: list[Any]) -> None:
    segments = build_segments(requests_of(rows))

    keys = []
    for low, high in pairwise(segments.first.tolist()):
        days = segments.time_ms[low:high] // DAY_MS
        key = {*zip(segments.tenant_no[low:high], segments.series_id[low:high], days, strict=True)}
        assert len(key) == 1
        keys.append(key.pop())
    assert len(set(keys)) == len(keys) == len(segments)


@pytest.fixture
async def owner(settings: Settings) -> Any:
    connection = await asyncpg.connect(settings.owner_url())
    await connection.execute("CREATE TEMPORARY TABLE copied (LIKE segment INCLUDING DEFAULTS)")
    yield connection
    await connection.close()


@hypothesis_settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(readings, min_size=1, max_size=40))
async def test_postgres_reads_back_the_same_bits(owner: Any, rows: list[Any]) -> None:
    await owner.execute("TRUNCATE copied")
    payload = copy_payload(build_segments(requests_of(rows)))

    await owner.copy_to_table("copied", source=io.BytesIO(payload), columns=COPY_COLUMNS, format="binary")

    stored = await owner.fetch("SELECT * FROM copied ORDER BY tenant_no, series_id, start")
    unnested = [
        (row["tenant_no"], row["series_id"], int(row["start"].timestamp() * 1000) + offset, value, quality)
        for row in stored
        for offset, value, quality in zip(
            offsets_of(row), row["values"], row["quality"] or [0] * len(row["values"]), strict=True
        )
    ]
    expected = [(*row[:2], BASE_MS + row[2], *row[3:]) for row in sorted(rows, key=lambda row: row[:3])]
    assert [(*row[:3], float(row[3]).hex(), row[4]) for row in unnested] == [
        (*row[:3], float(row[3]).hex(), row[4]) for row in expected
    ]
    assert all(len(set(np.diff(row["offsets"]))) > 1 for row in stored if row["period"] is None)


def offsets_of(row: Any) -> list[int]:
    if row["period"] is None:
        return list(row["offsets"])
    assert row["offsets"] is None
    return [place * row["period"] for place in range(len(row["values"]))]
