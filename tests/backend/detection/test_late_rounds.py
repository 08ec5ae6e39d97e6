"""Late readings over a real log: noted by the consumer, derived anew beside it, told in the journal."""

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import asyncpg
import numpy as np
import pytest
from plantwright.assets.models import Metric
from plantwright.core.clock import to_milliseconds, utc_now
from plantwright.core.settings import Settings
from plantwright.detection import late_repository, snapshots_repository
from plantwright.detection.consumer import DetectionConsumer
from plantwright.detection.late_rounds import derive_late
from plantwright.detection.replay import Period, check, in_order, replay_group
from plantwright.detection.replay_record import ACTIONS, SUPERSEDED, line_of, payload_of
from plantwright.detection.replay_walk import advance, start_walk
from plantwright.detection.series_states import read_states
from plantwright.detection.service import change_metric, change_tenant_default
from plantwright.journal.service import Journal
from plantwright.readings.compaction.sweep import compact_tenant
from plantwright.readings.consumers import run_readings_consumer
from plantwright.readings.latest import LatestConsumer

from tests.backend.readings.log_writer import LogWriter, Reading
from tests.conftest import Databases
from tests.factories import MachineFactory, MadeTenant, TenantFactory

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
COUNT = 50 * 60
START_MS = to_milliseconds(utc_now()) // HOUR_MS * HOUR_MS - 60 * HOUR_MS


@dataclass
class Plant:
    """One tenant's log and what the detectors make of it."""

    log: LogWriter
    databases: Databases
    journal: Journal
    tenant: MadeTenant
    metrics: dict[str, Metric]

    def series(self, name: str) -> int:
        return int(self.metrics[name].series_id or 0)

    async def take(self, *flushes: Sequence[Reading]) -> None:
        for flush in flushes:
            await self.log.flush(flush)
        for consumer in (LatestConsumer(), DetectionConsumer(self.journal)):
            await run_readings_consumer(self.databases.worker, self.tenant.id, consumer)

    async def derive(self) -> int:
        return await derive_late(self.databases.worker, self.journal, self.tenant.id, at_once=True)

    async def state(self) -> bytes:
        async with self.databases.worker.reading(self.tenant.id) as work:
            states = await read_states(work, [self.series(name) for name in self.metrics])
        return b"".join(states[number].to_bytes() for number in sorted(states))

    async def marks(self) -> dict[int, int]:
        async with self.databases.worker.reading(self.tenant.id) as work:
            found = await late_repository.due(work, 100, at_once=True)
        return {mark.series: mark.from_ms for mark in found}

    async def recorded(self) -> list[tuple[str, dict[str, Any]]]:
        async with self.databases.worker.reading(self.tenant.id) as work:
            ids = [metric.id for metric in self.metrics.values()]
            rows = await late_repository.recorded_findings(work, ids, ACTIONS)
        return [(action, dict(payload)) for _, action, payload in rows]

    async def lines(self, since_ms: int = START_MS) -> list[bytes]:
        series = [self.series(name) for name in self.metrics]
        period = Period(since_ms, START_MS + 100 * HOUR_MS)
        replayed = await replay_group(self.databases.worker, self.tenant.id, series, period)
        difference, _ = await check(self.databases.worker, self.tenant.id, series, period, replayed.payloads)
        assert (difference.missing, difference.superseded) == ([], [])
        assert difference.equal == len(replayed.payloads)
        return [line_of(payload) for payload in replayed.payloads]


def readings_of(series: int, seed: int) -> list[Reading]:
    rng = np.random.default_rng(seed)
    values = rng.normal(50.0, 1.0, COUNT)
    values[1800:1810] += 40.0
    values[2700:2704] += 40.0
    return [(series, START_MS + at * MINUTE_MS, float(value), 0) for at, value in enumerate(values)]


@pytest.fixture
async def ingest(settings: Settings) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(settings.role_url("ingest"))
    yield connection
    await connection.close()


@pytest.fixture
async def plant(
    ingest: asyncpg.Connection,
    databases: Databases,
    journal: Journal,
    make_tenant: TenantFactory,
    make_machine: MachineFactory,
) -> Plant:
    tenant = await make_tenant()
    _, metrics = await make_machine(tenant, metrics={"flow": "l/s", "pressure": "bar"})
    async with databases.app.transaction(tenant.id) as work:
        for metric in metrics.values():
            work.session.add(metric)
            await work.session.refresh(metric)
    return Plant(LogWriter(ingest, databases, tenant), databases, journal, tenant, metrics)


def flushes_of(readings: list[Reading], size: int) -> list[list[Reading]]:
    return [readings[low : low + size] for low in range(0, len(readings), size)]


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
    day = 24 * HOUR_MS
    assert (last + MINUTE_MS) // day > last // day


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
    from plantwright.detection import late_rounds  # noqa: PLC0415

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
