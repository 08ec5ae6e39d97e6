"""The sweep against a real log: exact, in order, bounded by consumers, invisible to readers."""

import asyncio
from datetime import datetime
from typing import Any

import asyncpg
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from plantwright.core.clock import from_milliseconds
from plantwright.identity.models import Tier
from plantwright.identity.registration import create_tenant
from plantwright.journal.service import Journal
from plantwright.readings.compaction import sweep as compaction
from plantwright.readings.compaction.merging import HOUR_MS
from plantwright.readings.compaction.sweep import Compacted, compact_tenant
from plantwright.readings.ingest.segments import DAY_MS
from plantwright.readings.models import Level

from tests.backend.readings.door import PlainTenant
from tests.backend.readings.log_writer import CONSUMERS, LogWriter, Reading, expected_order
from tests.conftest import Databases

SERIES = 7
# A day that is long over, and a moment at which all of its hours are closed.
DAY = 20_000 * DAY_MS
AFTERWARDS = from_milliseconds(DAY + 2 * DAY_MS)
GRACE_MS = 300_000


@pytest.fixture
async def log(ingest: asyncpg.Connection, databases: Databases, plain_tenant: PlainTenant) -> LogWriter:
    return LogWriter(ingest, databases, await plain_tenant())


async def sweep(log: LogWriter, now: datetime = AFTERWARDS, **options: Any) -> Compacted:
    return await compact_tenant(log.databases.worker, log.tenant.id, now, CONSUMERS, **options)


async def consume_and_sweep(log: LogWriter, now: datetime = AFTERWARDS) -> Compacted:
    await log.consume()
    return await sweep(log, now)


def regular(start_ms: int, count: int, step_ms: int = 1_000, series: int = SERIES) -> list[Reading]:
    return [(series, start_ms + place * step_ms, place / 7, 0) for place in range(count)]


async def test_flushes_of_a_closed_hour_become_one_row(log: LogWriter) -> None:
    flushes = [regular(DAY + minute * 60_000, 60) for minute in range(60)]
    for flush in flushes:
        await log.flush(flush)
    before = await log.read(SERIES)

    done = await consume_and_sweep(log)

    assert (done.readings, done.is_complete) == (3_600, True)
    assert [tuple(row) for row in await log.rows()] == [(SERIES, DAY, Level.HOUR, 1_000, 3_600)]
    assert await log.read(SERIES) == before == expected_order(flushes, SERIES)
    assert await log.select("SELECT count(*) FROM segment WHERE offsets IS NOT NULL") == [(0,)]


async def test_the_view_shows_merged_readings_as_before(log: LogWriter) -> None:
    view = "SELECT time, value, quality FROM reading ORDER BY time, value"
    await log.flush([(SERIES, DAY, 1.5, 0), (SERIES, DAY + 10, 2.5, 2), (SERIES, DAY + 20, -0.0, 1)])
    await log.flush([(8, DAY + 5, 5e-324, 0)])
    await log.flush([(9, DAY + 5, 1.0, 0), (9, DAY + 5, 2.0, 0)])
    before = await log.select(view)

    await consume_and_sweep(log)

    assert [row.period for row in await log.rows()] == [10, 0, 0]
    assert await log.select(view) == before


async def test_nothing_is_merged_before_every_consumer_has_passed_it(log: LogWriter) -> None:
    await log.flush(regular(DAY, 10))
    await log.flush(regular(DAY + 60_000, 10))

    assert (await sweep(log)).readings == 0
    await log.consume()
    missing = await compact_tenant(log.databases.worker, log.tenant.id, AFTERWARDS, ("latest", "detection"))
    assert missing.readings == 0
    assert [row.level for row in await log.rows()] == [Level.FLUSH] * 2
    assert await log.cursor("rollup") == DAY

    assert (await sweep(log)).readings == 20


async def test_a_late_reading_and_a_corrected_one_are_merged_in_and_rolled_up(log: LogWriter) -> None:
    flushes = [regular(DAY, 100)]
    await log.flush(flushes[0])
    await consume_and_sweep(log)
    flushes.append([(SERIES, DAY + 500, 1e6, 0), (SERIES, DAY + 2_000, -1e6, 0)])
    await log.flush(flushes[1])
    await log.consume()

    await sweep(log)

    assert [(row.level, row.period, row.count) for row in await log.rows()] == [(Level.HOUR, None, 102)]
    assert await log.read(SERIES) == expected_order(flushes, SERIES)
    minute, hour, day = await log.select(
        "SELECT counts[1], minimums[1], maximums[1], lasts FROM rollup ORDER BY bucket_seconds"
    )
    assert tuple(hour) == (101, -1e6, 1e6, [99 / 7])
    assert tuple(day) == tuple(hour)
    assert tuple(minute) == (61, -1e6, 1e6, [59 / 7, 99 / 7])


async def test_a_correction_to_bad_removes_the_buckets(log: LogWriter) -> None:
    await log.flush([(SERIES, DAY, 1.0, 0)])
    await consume_and_sweep(log)
    assert len(await log.select("SELECT 1 FROM rollup")) == 3

    await log.flush([(SERIES, DAY, 1.0, 2)])
    await consume_and_sweep(log)

    assert await log.select("SELECT 1 FROM rollup") == []
    assert len(await log.read(SERIES)) == 2


async def test_a_flush_over_several_hours_is_cut_and_conflicting_readings_keep_their_order(log: LogWriter) -> None:
    """The first flush reaches over three hours; the second one corrects it in the second hour and was merged there."""
    flushes = [
        [(SERIES, DAY + hour * HOUR_MS + 1, float(hour), 0) for hour in range(3)],
        [(SERIES, DAY + HOUR_MS + 1, 50.0, 0)],
        [(SERIES, DAY, 60.0, 0), (SERIES, DAY + 2 * HOUR_MS + 1, 70.0, 0)],
    ]
    for flush in flushes:
        await log.flush(flush)

    await consume_and_sweep(log)

    assert [(row.start_ms, row.level, row.count) for row in await log.rows()] == [
        (DAY, Level.HOUR, 2),
        (DAY + HOUR_MS + 1, Level.HOUR, 2),
        (DAY + 2 * HOUR_MS + 1, Level.HOUR, 2),
    ]
    assert await log.read(SERIES) == expected_order(flushes, SERIES)
    [lasts] = await log.select("SELECT lasts FROM rollup WHERE bucket_seconds = 3600")
    assert lasts.lasts == [0.0, 50.0, 70.0]


async def test_a_row_that_reaches_into_an_hour_is_merged_with_it(log: LogWriter) -> None:
    """The second flush corrects the first one in the next hour; a third one gives that hour a later flush still."""
    flushes = [
        [(SERIES, DAY + HOUR_MS, 1.0, 0)],
        [(SERIES, DAY, 0.0, 0), (SERIES, DAY + HOUR_MS, 2.0, 0)],
        [(SERIES, DAY + HOUR_MS + 1, 3.0, 0)],
    ]
    for flush in flushes:
        await log.flush(flush)

    await consume_and_sweep(log)

    assert await log.read(SERIES) == expected_order(flushes, SERIES)
    assert [(row.level, row.count) for row in await log.rows()] == [(Level.HOUR, 1), (Level.HOUR, 3)]


async def test_a_flush_into_an_open_hour_is_cut_where_the_closed_one_ends(log: LogWriter) -> None:
    await log.flush([(SERIES, DAY + 1, 1.0, 0), (SERIES, DAY + HOUR_MS, 2.0, 0), (SERIES, DAY + HOUR_MS + 9, 3.0, 0)])
    now = DAY + HOUR_MS + GRACE_MS

    await consume_and_sweep(log, from_milliseconds(now - 1))
    assert [row.level for row in await log.rows()] == [Level.FLUSH]
    assert await log.cursor("rollup") == DAY
    await sweep(log, from_milliseconds(now))

    assert [(row.level, row.count) for row in await log.rows()] == [(Level.HOUR, 1), (Level.FLUSH, 2)]
    assert await log.cursor("rollup") == DAY + HOUR_MS


async def test_many_flushes_of_an_open_hour_become_a_piece(log: LogWriter) -> None:
    flushes = [regular(DAY + second * 1_000, 1) for second in range(compaction.PIECE_FLUSHES)]
    now = from_milliseconds(DAY + 120_000)
    for flush in flushes[1:]:
        await log.flush(flush)
    await consume_and_sweep(log, now)
    assert {row.level for row in await log.rows()} == {Level.FLUSH}

    await log.flush(flushes[0])
    await consume_and_sweep(log, now)

    assert [(row.level, row.period, row.count) for row in await log.rows()] == [(Level.PIECE, 1_000, len(flushes))]
    assert await log.select("SELECT 1 FROM rollup") == []
    await sweep(log)
    assert [row.level for row in await log.rows()] == [Level.HOUR]
    assert await log.read(SERIES) == sorted(expected_order(flushes, SERIES))
    assert await log.cursor("compaction") == await log.cursor("latest")


async def test_the_frontier_stands_before_what_is_not_rolled_up(log: LogWriter) -> None:
    await log.flush(regular(DAY + 5 * HOUR_MS, 3))
    await consume_and_sweep(log)
    at_the_end = (int(AFTERWARDS.timestamp() * 1000) - GRACE_MS) // HOUR_MS * HOUR_MS
    assert await log.cursor("rollup") == at_the_end

    # Stored, but not consumed.
    await log.flush(regular(DAY + 2 * HOUR_MS, 3))
    await sweep(log)
    assert await log.cursor("rollup") == DAY + 2 * HOUR_MS

    # Consumed, but left over by a sweep that may do nothing.
    await log.consume()
    assert not (await sweep(log, max_transactions=0)).is_complete
    assert await log.cursor("rollup") == DAY + 2 * HOUR_MS

    await sweep(log)
    assert await log.cursor("rollup") == at_the_end


async def test_rollups_of_readings_that_may_be_gone_stay(
    ingest: asyncpg.Connection, databases: Databases, journal: Journal, plain_tenant: PlainTenant
) -> None:
    """A tenant that keeps raw readings for a week: the first ones are dropped, then a late one comes."""
    free = await create_tenant(databases.app, journal, name="Free", tier=Tier.FREE)
    log = LogWriter(ingest, databases, await plain_tenant())
    log.tenant = type(log.tenant)(free.id, int(free.number or 0), "free", free.id, free.id, free.id)
    await log.flush(regular(DAY, 100))
    await consume_and_sweep(log)
    before = await log.select("SELECT * FROM rollup ORDER BY bucket_seconds")

    late = from_milliseconds(DAY + 8 * DAY_MS)
    await log.flush([(SERIES, DAY + 1, 1e9, 0), (SERIES, DAY + HOUR_MS, 5.0, 0)])
    await consume_and_sweep(log, late)

    after = await log.select("SELECT * FROM rollup ORDER BY bucket_seconds, start")
    assert after[0] == before[0]
    assert [row.counts for row in after] == [before[0].counts, [1], [100, 1], [101]]


async def test_another_tenants_log_is_not_touched(
    log: LogWriter, ingest: asyncpg.Connection, databases: Databases, plain_tenant: PlainTenant
) -> None:
    other = LogWriter(ingest, databases, await plain_tenant())
    for one in (log, other):
        await one.flush(regular(DAY, 5))
        await one.flush(regular(DAY + 10_000, 5))
        await one.consume()

    await sweep(log)

    assert [row.level for row in await log.rows()] == [Level.HOUR]
    assert [row.level for row in await other.rows()] == [Level.FLUSH] * 2
    assert await other.select("SELECT 1 FROM rollup") == []
    assert await other.cursor("rollup") == 0


async def test_two_sweeps_at_once_merge_once(log: LogWriter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compaction, "MAX_READINGS", 50)
    flushes = [regular(DAY + hour * HOUR_MS, 40) for hour in range(20)]
    for flush in flushes:
        await log.flush(flush)
    await log.consume()

    done = await asyncio.gather(*(sweep(log) for _ in range(4)))

    assert sum(one.readings for one in done) == 800
    assert await log.read(SERIES) == expected_order(flushes, SERIES)
    assert [(row.level, row.count) for row in await log.rows()] == [(Level.HOUR, 40)] * 20


async def test_a_reader_always_sees_everything_once(log: LogWriter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compaction, "MAX_READINGS", 30)
    for hour in range(24):
        for minute in range(0, 60, 20):
            await log.flush(regular(DAY + hour * HOUR_MS + minute * 60_000, 10))
    await log.consume()
    before = await log.read(SERIES)

    merging = asyncio.create_task(sweep(log))
    seen = 0
    while not merging.done():
        assert await log.read(SERIES) == before
        seen += 1

    assert (await merging).readings == len(before) == 720
    assert seen > 1
    assert await log.read(SERIES) == before


async def test_a_bounded_sweep_goes_on_where_it_stopped(log: LogWriter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compaction, "MAX_READINGS", 10)
    for hour in range(6):
        await log.flush(regular(DAY + hour * HOUR_MS, 10))
    await log.consume()

    done = [await sweep(log, max_transactions=4), await sweep(log, max_transactions=4)]

    assert [(one.transactions, one.readings, one.is_complete) for one in done] == [(4, 40, False), (2, 20, True)]


# Few hours, times and values around the end of a day, so that flushes reach over hours and contradict each other.
moments = st.builds(
    lambda hour, place: DAY + hour * HOUR_MS + place, st.integers(21, 25), st.sampled_from([0, 1, 3_599_999])
)
reading_rows = st.tuples(
    st.integers(1, 2), moments, st.sampled_from([0.0, -0.0, 1.5, 5e-324, -1e300]), st.sampled_from([0, 0, 0, 1, 2])
)
# A flush, or a sweep at an hour at which some are still open.
steps = st.lists(
    st.one_of(st.lists(reading_rows, min_size=1, max_size=6), st.integers(22, 27)), min_size=3, max_size=12
)


@hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
async def test_any_interleaving_of_flushes_and_sweeps_reads_the_same(
    ingest: asyncpg.Connection, databases: Databases, plain_tenant: PlainTenant, steps: list[Any]
) -> None:
    log = LogWriter(ingest, databases, await plain_tenant())
    flushes: list[list[Reading]] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compaction, "PIECE_FLUSHES", 2)
        for step in steps:
            if isinstance(step, int):
                await consume_and_sweep(log, from_milliseconds(DAY + step * HOUR_MS + GRACE_MS))
            else:
                flushes.append(step)
                await log.flush(step)
        for series in (1, 2):
            assert await log.read(series) == expected_order(flushes, series)
        await consume_and_sweep(log)

    for series in (1, 2):
        assert await log.read(series) == expected_order(flushes, series)
    assert {row.level for row in await log.rows()} <= {Level.HOUR}
    await assert_rollups_are_right(log, flushes)


async def assert_rollups_are_right(log: LogWriter, flushes: list[list[Reading]]) -> None:
    """Every bucket against the last reading of each time, counted by hand."""
    counting = {(row[0], row[1]): row for flush in flushes for row in flush}
    for seconds in (60, 3_600, 86_400):
        expected: dict[tuple[int, int], list[float]] = {}
        for (series, at), (_, _, value, quality) in sorted(counting.items()):
            if quality != 2:
                expected.setdefault((series, at // (seconds * 1000)), []).append(value)
        rows = await log.select(
            "SELECT *, date_part('epoch', start)::bigint AS epoch FROM rollup WHERE bucket_seconds = :seconds",
            seconds=seconds,
        )
        found = {
            (row.series_id, row.epoch // seconds + place): (row.counts[at], row.lasts[at], *extremes(row, at))
            for row in rows
            for at, place in enumerate(row.places)
        }
        assert found == {key: (len(values), values[-1], min(values), max(values)) for key, values in expected.items()}


def extremes(row: Any, at: int) -> tuple[float, float]:
    return (row.minimums or row.lasts)[at], (row.maximums or row.lasts)[at]
