"""The findings of rules derived again from the log and the journal, version by version."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from plantwright.core.clock import to_milliseconds
from plantwright.core.database import Database, UnitOfWork
from plantwright.detection.replay import late_repository
from plantwright.detection.replay.derivation import Filters, Period, Record, Replayed
from plantwright.detection.replay.record import Payload
from plantwright.journal.canonical import to_payload
from plantwright.rules import repository, version_repository
from plantwright.rules.findings import DETECTOR, RuleFinding, finding_payload
from plantwright.rules.following import CONSUMER
from plantwright.rules.inputs import read_batch
from plantwright.rules.judging import first_state
from plantwright.rules.program import HOUR_MS
from plantwright.rules.repository import WatchKey
from plantwright.rules.tracking import Mark, go_on
from plantwright.rules.watching import Watch, watches_of

# So many readings of a rule at once, about.
SLICE_READINGS = 200_000
_SHORTEST_MS, _LONGEST_MS = 60_000, 31 * 24 * HOUR_MS


class RuleDerivation:
    """Its units are versions of rules on machines; what one finds does not depend on the others."""

    name = "versions of rules on machines"
    together = 16
    detectors = frozenset({DETECTOR})

    async def units(self, work: UnitOfWork, filters: Filters) -> list[WatchKey]:
        watches = await watches_of(work, await version_repository.every(work))
        if filters.metrics or filters.machines:
            named = await _series_named(work, filters.metrics)
            watches = [one for one in watches if named & set(one.series) or _is_one_of(one, filters.machines)]
        return sorted(watch.key for watch in watches)

    async def derive(self, database: Database, tenant_id: UUID, units: Sequence[WatchKey], period: Period) -> Replayed:
        async with database.snapshot(tenant_id) as work:
            book = await repository.read_book(work, CONSUMER)
            through = await _judged_through(work, units)
            watches = [one for one in await _watches(work, units) if one.key in through and _held(one, period)]
        payloads: list[Payload] = []
        total = 0
        for watch in watches if book is not None else ():
            horizon = min(through[watch.key], period.end_ms - 1)
            found, readings = await _replay(database, tenant_id, watch, horizon, book.position if book else 0)
            payloads += [_payload(one, watch) for one in found if one.time_ms in period]
            total += readings
        return Replayed(payloads, total, 0)

    async def recorded(self, work: UnitOfWork, units: Sequence[WatchKey]) -> Sequence[Record]:
        wanted = {(str(rule_id), version, str(machine_id)) for rule_id, version, machine_id in units}
        rows = await version_repository.recorded(work, {rule_id for rule_id, _version, _machine in units})
        return [row for row in rows if _about(row[2]) in wanted and not row[2].get(Mark.RESUMED.value)]


async def _replay(
    database: Database, tenant_id: UUID, watch: Watch, horizon_ms: int, position: int
) -> tuple[list[RuleFinding], int]:
    """From the beginning of the version to the horizon, that time included."""
    async with database.reading(tenant_id) as work:
        state = await first_state(work, watch, position)
    findings: list[RuleFinding] = []
    total, length = 0, HOUR_MS
    while state.through_ms < horizon_ms:
        until = min(state.through_ms + length, horizon_ms)
        async with database.reading(tenant_id) as work:
            batch = await read_batch(work, watch, state.through_ms, until, position)
        readings = sum(len(slot.times) for slot in batch.slots)
        findings += go_on(state, batch, watch.program, watch.ending)
        total += readings
        length = _next_length(length, readings)
        if state.is_over:
            break
    return findings, total


def _next_length(length: int, readings: int) -> int:
    if readings < SLICE_READINGS // 2:
        return min(length * 2, _LONGEST_MS)
    return length if readings < 2 * SLICE_READINGS else max(length // 2, _SHORTEST_MS)


async def _watches(work: UnitOfWork, units: Sequence[WatchKey]) -> list[Watch]:
    versions = await version_repository.get_many(work, sorted({(rule, version) for rule, version, _ in units}))
    wanted = set(units)
    return [watch for watch in await watches_of(work, versions) if watch.key in wanted]


def _held(watch: Watch, period: Period) -> bool:
    """Whether the version held at any time of the period."""
    return watch.start_ms < period.end_ms and (watch.ending is None or watch.ending.time_ms >= period.start_ms)


async def _judged_through(work: UnitOfWork, units: Sequence[WatchKey]) -> Mapping[WatchKey, int]:
    """Up to which moment the worker has come; what it has not looked at yet is left out."""
    keys = sorted({(rule, version) for rule, version, _ in units})
    ends = {
        (one.rule_id, one.version): to_milliseconds(one.holds_until)
        for one in await version_repository.get_many(work, keys)
        if one.holds_until is not None
    }
    # What an ended version remembered is forgotten some day.
    through = {unit: ends[unit[0], unit[1]] for unit in units if (unit[0], unit[1]) in ends}
    for row in await version_repository.states(work, keys):
        through[row.rule_id, row.version, row.machine_id] = to_milliseconds(row.through)
    return through


async def _series_named(work: UnitOfWork, metrics: Sequence[str]) -> set[int | None]:
    rows = await late_repository.list_series(work)
    return {row.series for row in rows if {str(row.metric_id), f"{row.machine}/{row.metric}"} & set(metrics)}


def _is_one_of(watch: Watch, machines: Sequence[str]) -> bool:
    return bool({watch.machine.identifier, str(watch.machine.id)} & set(machines))


def _payload(finding: RuleFinding, watch: Watch) -> Payload:
    payload: Payload = to_payload(finding_payload(finding, watch.subject))
    return payload


def _about(payload: Payload) -> tuple[str, int, str]:
    inputs = payload.get("inputs") or payload
    return str(payload["rule_id"]), int(inputs["rule_version"]), str(payload["machine_id"])
