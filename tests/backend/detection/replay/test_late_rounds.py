"""Late readings over a real log: noted by the consumer, derived anew beside it, told in the journal."""

import json
from functools import partial
from typing import Any

import numpy as np
import pytest
from plantwright.core.clock import to_milliseconds, utc_now
from plantwright.detection.consumer import DetectionConsumer
from plantwright.detection.replay import snapshots_repository
from plantwright.detection.replay.late_rounds import DERIVE_LATE_JOB
from plantwright.detection.replay.record import SUPERSEDED, in_order, line_of, payload_of
from plantwright.detection.replay.steps import days_begin_ms
from plantwright.detection.replay.walk import advance, start_walk
from plantwright.detection.service import change_metric, change_tenant_default
from plantwright.readings.compaction.sweep import compact_tenant
from plantwright.readings.latest import LatestConsumer
from plantwright.worker.consumers import Consumers
from sqlalchemy import text

from tests.backend.detection.stored_plant import COUNT, HOUR_MS, MINUTE_MS, START_MS, Plant, flushes_of, readings_of


async def test_readings_in_order_are_judged_once_and_leave_snapshots(plant: Plant) -> None:
    series = plant.series("flow")
    await plant.take(*flushes_of(readings_of(series, 3), 1000))
    assert await plant.marks() == {}
    assert await plant.derive() == 0
    assert len(await plant.lines()) > 4
    async with plant.databases.worker.reading(plant.tenant.id) as work:
        bases = await snapshots_repository.newest_before(work, {series: START_MS + COUNT * MINUTE_MS})
    last = int(bases[series].series.last_time[0])
    assert START_MS < last < START_MS + COUNT * MINUTE_MS
    day, begin = 24 * HOUR_MS, int(days_begin_ms(np.array([series]))[0])
    assert (last + MINUTE_MS - begin) // day > (last - begin) // day


async def test_a_replay_from_a_snapshot_says_the_same_as_one_from_the_beginning(plant: Plant) -> None:
    await plant.take(*flushes_of(readings_of(plant.series("flow"), 3), 1000))
    whole = await plant.lines()
    since = START_MS + 2_600 * MINUTE_MS
    part = await plant.lines(since)
    assert part
    assert part == whole[-len(part) :]


@pytest.mark.parametrize("is_merged", [False, True])
async def test_a_backlog_that_comes_after_live_readings_gives_what_order_gives(plant: Plant, is_merged: bool) -> None:
    flow, pressure = (readings_of(plant.series(name), seed) for name, seed in (("flow", 3), ("pressure", 4)))
    outage = slice(1795, 2300)
    live = flow[: outage.start] + flow[outage.stop :]
    await plant.take(*flushes_of(live, 700), *flushes_of(pressure, 700))
    if is_merged:
        await compact_tenant(plant.databases.worker, plant.tenant.id, utc_now(), ["latest", "detection"])
    await plant.take(*flushes_of(flow[outage], 100))
    assert await plant.marks() == {plant.series("flow"): flow[outage.start][1]}
    assert await plant.derive() == 1
    assert await plant.marks() == {}
    lines = await plant.lines()
    recorded = await plant.recorded()
    late = [payload for _, payload in recorded if payload.get("late")]
    assert {payload["detector"] for payload in late} >= {"static_baseline", "rate_of_change"}
    assert await derived_in_order(plant) == (await plant.state(), lines)


async def derived_in_order(plant: Plant) -> tuple[bytes, list[bytes]]:
    """From the log alone: without snapshots and without what is remembered."""
    async with plant.databases.worker.transaction(plant.tenant.id) as work:
        await snapshots_repository.delete_before(work, utc_now().date().replace(year=2100))
    series = sorted(plant.series(name) for name in plant.metrics)
    database = plant.databases.worker
    async with database.reading(plant.tenant.id) as work:
        walk = await start_walk(work, series, dict.fromkeys(series, START_MS))
    await advance(walk, partial(database.reading, plant.tenant.id), np.full(len(series), START_MS + 100 * HOUR_MS))
    states = [walk.state.take(np.array([row])) for row in range(len(series)) if walk.state.series.hour[row] > 0]
    payloads = in_order([payload_of(found, walk.subject.metrics[series[found.series]]) for found in walk.findings])
    return b"".join(state.to_bytes() for state in states), [line_of(payload) for payload in payloads]


async def test_what_is_derived_no_more_is_superseded_and_its_open_episode_withdrawn(plant: Plant) -> None:
    series = plant.series("flow")
    readings = readings_of(series, 3)[:1806]
    await plant.take(readings)
    before = [action for action, _ in await plant.recorded()]
    assert "finding.started" in before
    await plant.take([(series, at, 50.0, 0) for _, at, _, _ in readings[1800:1806]])
    assert await plant.derive() == 1
    after = (await plant.recorded())[len(before) :]
    superseded = [entry for action, payload in after if action == SUPERSEDED for entry in payload["findings"]]
    assert len(superseded) == len(before)
    assert all(entry["now"] is None for entry in superseded)
    withdrawn = [payload for _, payload in after if payload.get("withdrawn")]
    assert {(payload["kind"], payload["detector"]) for payload in withdrawn} == {
        ("ended", "static_baseline"),
        ("ended", "ewma"),
    }
    assert await plant.lines() == []
    assert await plant.derive() == 0


async def test_a_round_that_is_overtaken_is_begun_again(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    """More late readings, and live ones, come while a series is being derived anew."""
    from plantwright.detection.replay import late_rounds  # noqa: PLC0415

    series = plant.series("flow")
    readings = readings_of(series, 3)
    await plant.take(readings[:500] + readings[600:2000])
    await plant.take(readings[500:550])
    finish = late_rounds._finish
    calls = 0

    async def overtaken(*args: Any) -> int:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise ConnectionError
        return await finish(*args)

    monkeypatch.setattr(late_rounds, "_finish", overtaken)
    with pytest.raises(ConnectionError):
        await plant.derive()
    begun = await late_rounds._begin(plant.databases.worker, plant.tenant.id, 10, at_once=True)
    assert begun is not None
    await plant.take(readings[2000:2100], readings[550:600])
    async with plant.databases.worker.transaction(plant.tenant.id) as work:
        assert await finish(work, plant.journal, begun) == 0
    begun = await late_rounds._begin(plant.databases.worker, plant.tenant.id, 10, at_once=True)
    assert begun is not None
    await plant.take(readings[2100:])
    async with plant.databases.worker.transaction(plant.tenant.id) as work:
        assert await finish(work, plant.journal, begun) == 1
    state, lines = await plant.state(), await plant.lines()
    assert len(lines) > 4
    assert await derived_in_order(plant) == (state, lines)


async def test_who_sends_out_of_order_is_derived_from_the_last_time_on(plant: Plant) -> None:
    """Each pair comes the wrong way round; what was derived once is not read again."""
    series = plant.series("flow")
    readings = readings_of(series, 3)
    for low in range(0, 2_000, 500):
        for later, earlier in zip(readings[low + 1 : low + 500 : 100], readings[low : low + 500 : 100], strict=True):
            await plant.take([later])
            await plant.take([earlier])
        assert await plant.derive() == 1
        async with plant.databases.worker.reading(plant.tenant.id) as work:
            bases = await snapshots_repository.newest_before(work, {series: readings[low + 500][1]})
            edges = (await work.execute(text("SELECT count(*) FROM detection_snapshot WHERE is_edge"))).scalar_one()
        assert int(bases[series].series.last_time[0]) == readings[low + 401][1]
        assert edges == 1
    assert await derived_in_order(plant) == (await plant.state(), await plant.lines())


async def test_settings_hold_from_their_time_on(plant: Plant) -> None:
    """Also for readings that were judged before the change was known, and for late ones from before it."""
    series = plant.series("flow")
    now = to_milliseconds(utc_now())
    rng = np.random.default_rng(3)
    values = rng.normal(50.0, 1.0, 3000)
    values[-200:] += 7.0
    times = now + 120_000 - (3000 - np.arange(3000)) * 1_000
    readings = [(series, int(at), float(value), 0) for at, value in zip(times, values, strict=True)]
    await plant.take(readings)
    assert [action for action, _ in await plant.recorded()].count("finding.started") > 0
    async with plant.databases.app.transaction(plant.tenant.id) as work:
        await change_metric(work, plant.journal, plant.tenant.admin_id, plant.metrics["flow"].id, {"enabled": False})
    await plant.take([(series, now + 121_000, 50.0, 0)])
    assert list(await plant.marks()) == [series]
    assert await plant.derive() == 1
    before = [line for line in await plant.lines() if json.loads(line)["time_ms"] <= now]
    assert before
    async with plant.databases.app.transaction(plant.tenant.id) as work:
        await change_tenant_default(work, plant.journal, plant.tenant.admin_id, {"confirm_readings": 9})
        await change_metric(work, plant.journal, plant.tenant.admin_id, plant.metrics["flow"].id, None)
    await plant.take([(series, now + 122_000, 50.0, 0)])
    assert await plant.derive() == 1
    after = await plant.lines()
    assert [line for line in after if json.loads(line)["time_ms"] <= now] == before
    assert len(after) > len(before)


async def test_a_sweep_has_late_readings_derived_anew_once_no_more_come(plant: Plant) -> None:
    consumers = Consumers(
        plant.databases.worker,
        plant.journal,
        of_readings=(LatestConsumer(), DetectionConsumer(plant.journal)),
        of_journal=(),
    )
    readings = readings_of(plant.series("flow"), 3)
    await plant.log.flush(readings[:1795] + readings[1900:])
    assert DERIVE_LATE_JOB not in await consumers.sweep_tenant(plant.tenant.id)
    await plant.log.flush(readings[1795:1900])
    assert DERIVE_LATE_JOB not in await consumers.sweep_tenant(plant.tenant.id)
    assert await plant.marks()
    async with plant.databases.worker.transaction(plant.tenant.id) as work:
        await work.execute(text("UPDATE detection_late SET last_noted_at = now() - interval '6 seconds'"))
    assert await consumers.sweep_tenant(plant.tenant.id) == [DERIVE_LATE_JOB]
    await consumers.derive_late(plant.tenant.id)
    assert await plant.marks() == {}
    assert await consumers.sweep_tenant(plant.tenant.id) == []
    assert len(await plant.lines()) > 4
