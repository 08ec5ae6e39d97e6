"""Machines over a real log: consumed as readings came, derived anew, and in the end what order of time gives."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import asyncpg
import numpy as np
import pytest
from plantwright.core.clock import from_milliseconds, to_milliseconds, utc_now
from plantwright.core.database import UnitOfWork
from plantwright.detection.multivariate import late_repository, repository, snapshots_repository
from plantwright.detection.multivariate.consumer import MachineConsumer
from plantwright.detection.multivariate.service import Span, restart, vouch
from plantwright.detection.multivariate.state import MachineState
from plantwright.detection.replay import machine_rounds
from plantwright.detection.replay.derivation import Filters, Period, difference_from
from plantwright.detection.replay.late_rounds import DERIVE_LATE_JOB
from plantwright.detection.replay.machine_replay import MachineDerivation
from plantwright.detection.replay.machine_rounds import derive_late_machines
from plantwright.detection.replay.machine_walk import advance_machines, start_walks
from plantwright.detection.replay.record import ACTIONS, SUPERSEDED, line_of
from plantwright.detection.replay.record_repository import recorded_of_machines
from plantwright.journal.service import Journal
from plantwright.readings.compaction.sweep import compact_tenant
from plantwright.readings.consumers import run_readings_consumer
from plantwright.readings.latest import LatestConsumer
from plantwright.worker.consumers import Consumers
from sqlalchemy import text

from tests.backend.detection.multivariate.support import related
from tests.backend.readings.log_writer import LogWriter, Reading
from tests.conftest import Databases
from tests.factories import MachineFactory, MadeTenant

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
COUNT = 44 * 60
START_MS = to_milliseconds(utc_now()) // HOUR_MS * HOUR_MS - 60 * HOUR_MS
NAMES = ("current", "flow", "power", "level", "speed")
EVER = Period(START_MS - HOUR_MS, START_MS + 100 * HOUR_MS)
_CHANGE = text("""
    INSERT INTO machine_chart_settings (tenant_id, machine_id, holds_from, settings)
    VALUES (:tenant_id, :machine_id, :holds_from, '{"confirm_frames": 30}')""")


@dataclass
class Line:
    """One machine, its log, and what the chart makes of it."""

    log: LogWriter
    databases: Databases
    journal: Journal
    tenant: MadeTenant
    machine_id: UUID
    series: Sequence[int]
    source: MachineDerivation = field(default_factory=MachineDerivation)

    async def take(self, *flushes: Sequence[Reading], batch: int = 50_000) -> None:
        for flush in flushes:
            await self.log.flush(flush)
        for consumer in (LatestConsumer(), MachineConsumer(self.journal)):
            await run_readings_consumer(self.databases.worker, self.tenant.id, consumer, batch=batch)

    async def derive(self) -> int:
        return await derive_late_machines(self.databases.worker, self.journal, self.tenant.id, at_once=True)

    async def marks(self) -> dict[UUID, int]:
        async with self.databases.worker.reading(self.tenant.id) as work:
            return {mark.machine_id: mark.from_ms for mark in await late_repository.due(work, 100, at_once=True)}

    async def recorded(self) -> list[tuple[str, dict[str, Any]]]:
        async with self.databases.worker.reading(self.tenant.id) as work:
            rows = await recorded_of_machines(work, [self.machine_id], ACTIONS)
        return [(action, dict(payload)) for _, action, payload in rows]

    async def state(self) -> bytes:
        async with self.databases.worker.reading(self.tenant.id) as work:
            stored = (await repository.read_states(work, [self.machine_id]))[self.machine_id]
        return MachineState.from_parts(stored.live, stored.learnt).to_bytes()

    async def lines(self, period: Period = EVER) -> list[bytes]:
        """What a replay gives; the record has to hold just that."""
        async with self.databases.worker.reading(self.tenant.id) as work:
            units = await self.source.units(work, Filters())
        replayed = await self.source.derive(self.databases.worker, self.tenant.id, units, period)
        async with self.databases.worker.reading(self.tenant.id) as work:
            records = await self.source.recorded(work, units)
        difference, _ = difference_from(records, self.source.detectors, period, replayed.payloads)
        assert (difference.missing, difference.superseded) == ([], [])
        assert difference.equal == len(replayed.payloads)
        return [line_of(payload) for payload in replayed.payloads]

    async def derived_in_order(self) -> tuple[bytes, list[bytes]]:
        """From the log alone: without snapshots and without what is remembered."""
        async with self.databases.worker.transaction(self.tenant.id) as work:
            await snapshots_repository.make_void(work, {self.machine_id: 0})
        async with self.databases.worker.reading(self.tenant.id) as work:
            walks = await start_walks(work, {self.machine_id: 0})
        opening = partial(self.databases.worker.reading, self.tenant.id)
        await advance_machines(walks, opening, {self.machine_id: EVER.end_ms})
        state = walks[0].state.to_bytes()
        walks[0].hear(EVER.end_ms)
        return state, [line_of(payload) for payload in walks[0].payloads()]

    async def say(self, statement: Any) -> None:
        async with self.databases.app.transaction(self.tenant.id) as work:
            await statement(work, self.journal, self.tenant.admin_id, self.machine_id)

    def rows(self, hours_from: float, hours_to: float, metrics: Sequence[int] = range(5)) -> list[Reading]:
        """Readings by time: a fault from 27 to 28 and one from 38 to 40 hours; the last metric begins at 30 hours."""
        table = np.concatenate((related(COUNT), np.random.default_rng(5).normal(size=(COUNT, 1))), axis=1)
        table[27 * 60 : 28 * 60, 0] += 3.0
        table[38 * 60 : 40 * 60, 1] += 6.0
        return [
            (self.series[metric], START_MS + row * MINUTE_MS, float(table[row, metric]), 0)
            for row in range(int(hours_from * 60), int(hours_to * 60))
            for metric in metrics
            if metric < len(NAMES) - 1 or row >= 30 * 60
        ]


@pytest.fixture
async def line(
    ingest: asyncpg.Connection,
    databases: Databases,
    journal: Journal,
    tenant: MadeTenant,
    make_machine: MachineFactory,
) -> Line:
    machine, metrics = await make_machine(tenant, metrics=dict.fromkeys(NAMES, "1"))
    series = [int(metrics[name].series_id or 0) for name in NAMES]
    return Line(LogWriter(ingest, databases, tenant), databases, journal, tenant, machine.id, series)


def flushes_of(readings: list[Reading], size: int) -> list[list[Reading]]:
    return [readings[low : low + size] for low in range(0, len(readings), size)]


async def vouched(work: UnitOfWork, journal: Journal, actor_id: UUID, machine_id: UUID) -> None:
    span = Span(from_milliseconds(START_MS), from_milliseconds(START_MS + 20 * HOUR_MS))
    await vouch(work, journal, actor_id, machine_id, span)


async def test_whatever_comes_late_and_whatever_is_said_the_record_is_what_order_gives(line: Line) -> None:
    for low in range(0, 25, 5):
        await line.take(*flushes_of(line.rows(low, low + 5), 77), batch=500)
    await line.say(vouched)
    # An outage of one metric from 26 to 29 hours, in which a fault lies.
    await line.take(*flushes_of(line.rows(25, 26) + line.rows(26, 29, [1, 2, 3]) + line.rows(29, 31), 333), batch=100)
    assert await line.marks() == {}
    await line.take(*flushes_of(line.rows(31, 39), 1_000))
    started = [payload for action, payload in await line.recorded() if action == "finding.started"]
    assert started, "the second fault"
    # Somebody has it learnt anew while that goes on; then the backlog comes, and corrections.
    await line.say(restart)
    assert (await line.recorded())[-1][1]["message"].startswith("The reference of the machine was drawn anew")
    await compact_tenant(line.databases.worker, line.tenant.id, utc_now(), ["latest", MachineConsumer.name])
    await line.take(*flushes_of(line.rows(26, 29, [0]), 40), line.rows(39, 44))
    wrong = [(series, at, value + 40.0, 0) for series, at, value, _ in line.rows(33, 33.5, [1])]
    await line.take([(series, at, value, 2) for series, at, value, _ in line.rows(32, 32.2, [2])], wrong)
    assert await line.marks() == {line.machine_id: START_MS + 26 * HOUR_MS}
    assert await line.derive() == 1
    assert await line.marks() == {}
    recorded = await line.recorded()
    assert any(payload.get("late") for _, payload in recorded)
    async with line.databases.app.transaction(line.tenant.id) as work:
        change = {"tenant_id": line.tenant.id, "machine_id": line.machine_id}
        await work.execute(_CHANGE, {**change, "holds_from": from_milliseconds(START_MS + 36 * HOUR_MS)})
    await line.take([(line.series[0], START_MS + 44 * HOUR_MS, 50.0, 0)])
    assert await line.marks() == {line.machine_id: START_MS + 36 * HOUR_MS}
    assert await line.derive() == 1
    assert SUPERSEDED in [action for action, _ in await line.recorded()]
    lines = await line.lines()
    assert len(lines) > 3
    since = START_MS + 35 * HOUR_MS
    part = await line.lines(Period(since, EVER.end_ms))
    assert part
    assert part == lines[-len(part) :]
    assert await line.derived_in_order() == (await line.state(), lines)


async def test_what_is_derived_no_more_is_superseded_and_its_open_episode_withdrawn(line: Line) -> None:
    await line.take(line.rows(0, 27.5))
    told = await line.recorded()
    assert [action for action, _ in told][:1] == ["finding.started"]
    usual = {at: value for _, at, value, _ in line.rows(20, 21, [0])}
    calm = list(usual.values())
    await line.take([(one, at, calm[row % 60], 0) for row, (one, at, _, _) in enumerate(line.rows(27, 27.5, [0]))])
    assert await line.derive() == 1
    after = (await line.recorded())[len(told) :]
    superseded = [entry for action, payload in after if action == SUPERSEDED for entry in payload["findings"]]
    assert [entry["now"] for entry in superseded] == [None] * len(told)
    assert [payload["kind"] for _, payload in after if payload.get("withdrawn")] == ["ended"]
    assert await line.lines() == []
    assert await line.derive() == 0


async def test_a_round_that_fails_or_is_overtaken_leaves_everything_as_it_was(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    await line.take(line.rows(0, 26), line.rows(26, 30, [1, 2, 3]))
    before = await line.state()
    await line.take(line.rows(26, 27, [0]))
    mark = await line.marks()
    whole = machine_rounds._facts

    async def broken(*_: Any) -> None:
        raise ConnectionError

    monkeypatch.setattr(machine_rounds, "_facts", broken)
    with pytest.raises(ConnectionError):
        await line.derive()
    assert (await line.state(), await line.marks()) == (before, mark)
    assert await line.recorded() == []
    monkeypatch.setattr(machine_rounds, "_facts", whole)
    begun = await machine_rounds._begin(line.databases.worker, line.tenant.id, 10, at_once=True)
    assert begun is not None
    await line.take(line.rows(27, 30, [0]))
    async with line.databases.worker.transaction(line.tenant.id) as work:
        assert await machine_rounds._finish(work, line.journal, begun) == 0
    begun = await machine_rounds._begin(line.databases.worker, line.tenant.id, 10, at_once=True)
    assert begun is not None
    # Late, but no later than what the round reads at its end: it does not begin again.
    [noted] = (await line.marks()).values()
    await line.take([(line.series[0], START_MS + 30 * HOUR_MS - MINUTE_MS - 5_000, 51.0, 0)], line.rows(30, 31))
    assert await line.marks() == {line.machine_id: noted}
    async with line.databases.worker.transaction(line.tenant.id) as work:
        assert await machine_rounds._finish(work, line.journal, begun) == 1
    lines = await line.lines()
    assert len(lines) > 1
    assert await line.derived_in_order() == (await line.state(), lines)


async def test_a_sweep_has_late_machines_derived_anew_once_no_more_comes(line: Line) -> None:
    consumers = Consumers(
        line.databases.worker,
        line.journal,
        of_readings=(LatestConsumer(),),
        of_journal=(),
        of_machines=(MachineConsumer(line.journal),),
    )
    await line.log.flush(line.rows(0, 26) + line.rows(26, 30, [1, 2, 3]))
    assert DERIVE_LATE_JOB not in await consumers.sweep_tenant(line.tenant.id)
    await line.log.flush(line.rows(26, 30, [0]))
    assert DERIVE_LATE_JOB not in await consumers.sweep_tenant(line.tenant.id)
    async with line.databases.worker.transaction(line.tenant.id) as work:
        await work.execute(text("UPDATE machine_chart_late SET last_noted_at = now() - interval '6 seconds'"))
    assert await consumers.sweep_tenant(line.tenant.id) == [DERIVE_LATE_JOB]
    await consumers.derive_late(line.tenant.id)
    assert await line.marks() == {}
    assert await consumers.sweep_tenant(line.tenant.id) == []
    assert len(await line.lines()) > 1


async def test_who_is_late_by_the_same_time_over_and_over_is_derived_from_the_last_time_on(line: Line) -> None:
    await line.take(line.rows(0, 3, [1, 2, 3]))
    for hour in range(3):
        await line.take(line.rows(hour + 3, hour + 4, [1, 2, 3]), line.rows(hour, hour + 1, [0]))
        assert await line.marks() == {line.machine_id: START_MS + hour * HOUR_MS}
        assert await line.derive() == 1
        async with line.databases.worker.reading(line.tenant.id) as work:
            edges = await work.execute(text("SELECT next_ms FROM machine_chart_snapshot WHERE is_edge"))
            assert list(edges.scalars()) == ([START_MS + hour * HOUR_MS] if hour else [])
    assert await line.derived_in_order() == (await line.state(), await line.lines())


async def test_what_another_release_remembered_is_derived_from_the_beginning(line: Line) -> None:
    await line.take(line.rows(0, 26))
    async with line.databases.worker.transaction(line.tenant.id) as work:
        await work.execute(text("UPDATE machine_chart SET live = 'of old'"))
        await work.execute(text("UPDATE machine_chart_snapshot SET state = 'of old'"))
    await line.take(line.rows(26, 26.1))
    assert await line.marks() == {line.machine_id: 0}
    await line.take(line.rows(26.1, 29))
    async with line.databases.worker.reading(line.tenant.id) as work:
        assert [mark.notes for mark in await late_repository.due(work, 9, at_once=True)] == [1]
    assert await line.derive() == 1
    assert len(await line.lines()) > 1
    assert await line.derived_in_order() == (await line.state(), await line.lines())


async def test_old_months_keep_one_snapshot_and_silences_a_week(line: Line) -> None:
    await line.take(line.rows(0, 30), line.rows(31, 44))
    async with line.databases.worker.transaction(line.tenant.id) as work:
        kept = (await work.execute(text("SELECT next_ms, is_daily FROM machine_chart_snapshot"))).all()
        # A day of the machine, which begins at a minute of its own, may begin within the silence.
        assert {row.next_ms for row in kept if not row.is_daily} <= {START_MS + 31 * HOUR_MS}
        assert START_MS + 31 * HOUR_MS in {row.next_ms for row in kept}
        assert any(row.is_daily for row in kept)
        later = utc_now() + timedelta(days=90)
        await snapshots_repository.keep(work, later, later - timedelta(days=200))
        months = (await work.execute(text("SELECT next_ms, is_daily FROM machine_chart_snapshot"))).all()
        assert all(row.is_daily for row in months)
        assert len(months) == len({from_milliseconds(row.next_ms).strftime("%Y-%m") for row in months})
        await snapshots_repository.keep(work, later, later)
        assert (await work.execute(text("SELECT count(*) FROM machine_chart_snapshot"))).scalar_one() == 0
