"""Derives machines with late readings anew, beside the consumer that goes on with the live ones.

As for series (`late_rounds`): first without holding anything up, from the newest snapshot before the earliest late
reading up to the last frame that was judged when this began; then, with the consumer's cursor held, the rest.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from plantwright.core.clock import from_milliseconds, iso_utc, to_milliseconds, utc_now
from plantwright.core.database import Database, UnitOfWork
from plantwright.detection.charts.state import NEVER
from plantwright.detection.findings import FindingKind
from plantwright.detection.multivariate import (
    late_repository,
    repository,
    snapshots_repository,
    statements_repository,
)
from plantwright.detection.multivariate.consumer import MachineConsumer
from plantwright.detection.multivariate.engine import known_until
from plantwright.detection.multivariate.findings import DETECTOR
from plantwright.detection.multivariate.known import Spans, spans_to_bytes, state_of
from plantwright.detection.multivariate.late_repository import LateMachine
from plantwright.detection.multivariate.repository import StoredState
from plantwright.detection.multivariate.settings import settings_history
from plantwright.detection.multivariate.state import MachineState
from plantwright.detection.replay.late_repository import position_of
from plantwright.detection.replay.late_rounds import AHEAD
from plantwright.detection.replay.machine_walk import MachineWalk, advance_machines, start_walks
from plantwright.detection.replay.record import (
    ACTIONS,
    Identity,
    Standing,
    compare,
    finding_fact,
    in_order,
    open_episodes,
    standing_of,
    superseded_facts,
)
from plantwright.detection.replay.record_repository import recorded_of_machines
from plantwright.detection.replay.walk import within
from plantwright.journal.repository import lock_cursor
from plantwright.journal.service import Fact, Journal

DETECTORS = frozenset({DETECTOR})
# What goes through the engine together.
ROUND_MACHINES = 16
# What came so lately is left to the second part: who is late all the time would have every round begun again.
_LAST_PART_MS = 60_000
_EVER = 2**62


@dataclass(frozen=True, slots=True)
class _Round:
    """Machines that are being derived anew.

    Attributes:
        position: of the log, up to which the first part took readings.
        said: number of the newest statement about each.
    """

    walks: list[MachineWalk]
    marks: dict[UUID, LateMachine]
    position: int
    said: Mapping[UUID, int]


async def derive_late_machines(
    database: Database, journal: Journal, tenant_id: UUID, *, machines: int = ROUND_MACHINES, at_once: bool = False
) -> int:
    """One round: machines whose late readings have stopped coming; returns how many are right again.

    Args:
        database: of the worker's role.
        journal: gets the findings that the record does not have yet.
        tenant_id: whose.
        machines: at most so many.
        at_once: also those that may still get more.
    """
    begun = await _begin(database, tenant_id, machines, at_once=at_once)
    if begun is None:
        return 0
    async with database.transaction(tenant_id) as work:
        return await _finish(work, journal, begun)


async def _begin(database: Database, tenant_id: UUID, limit: int, *, at_once: bool) -> _Round | None:
    async with database.snapshot(tenant_id) as work:
        marks = {mark.machine_id: mark for mark in await late_repository.due(work, limit, at_once=at_once)}
        if not marks:
            return None
        position = await position_of(work, MachineConsumer.name)
        said = await statements_repository.newest(work, list(marks))
        stored = await repository.read_states(work, list(marks))
        from_ms = {machine_id: mark.from_ms for machine_id, mark in marks.items()}
        walks = await start_walks(work, from_ms, has_edges=True)
    through_ms = {}
    for walk in walks:
        state = state_of(stored.get(walk.machine_id))
        through_ms[walk.machine_id] = NEVER if state is None else max(NEVER, known_until(state) - _LAST_PART_MS)
    opening = partial(database.reading, tenant_id)
    await advance_machines(walks, opening, through_ms, until=position, gives_way=True)
    return _Round(walks, marks, position, said)


async def _finish(work: UnitOfWork, journal: Journal, begun: _Round) -> int:
    cursor = await lock_cursor(work, MachineConsumer.name, start=0)
    walks = await _still_right(work, begun, cursor.position)
    kept = [walk.machine_id for walk in walks]
    latest = to_milliseconds(utc_now() + AHEAD)
    await advance_machines(walks, within(work), dict.fromkeys(kept, latest), until=cursor.position)
    await _replace(work, walks)
    await journal.append(work, *await _facts(work, walks))
    await late_repository.forget(work, kept)
    return len(kept)


async def _still_right(work: UnitOfWork, begun: _Round, position: int) -> list[MachineWalk]:
    """Those of which nothing was said and nothing came that belongs to the first part; others are left for later."""
    machine_ids = list(begun.marks)
    marks = await late_repository.of_machines(work, machine_ids)
    said = await statements_repository.newest(work, machine_ids)
    history = await settings_history(work, machine_ids)
    kept = []
    for walk in begun.walks:
        machine_id = walk.machine_id
        if machine_id not in marks or said.get(machine_id) != begun.said.get(machine_id):
            continue
        if list(history.spans(machine_id)) != list(walk.course.settings):
            continue
        is_same = marks[machine_id] == begun.marks[machine_id]
        if is_same or not await late_repository.came_between(
            work, list(walk.names), begun.position, position, walk.taken_ms
        ):
            kept.append(walk)
    return kept


async def _replace(work: UnitOfWork, walks: Sequence[MachineWalk]) -> None:
    states = {walk.machine_id: _stored(walk.state, walk.course.settings) for walk in walks}
    await repository.write_states(work, states)
    marks = await late_repository.of_machines(work, list(states))
    await snapshots_repository.make_void(work, {machine_id: mark.from_ms for machine_id, mark in marks.items()})
    for walk in walks:
        new = [one for one in walk.snapshots if one.is_edge or one.state.frame_time > walk.base_ms]
        await snapshots_repository.add(work, walk.machine_id, new)


def _stored(state: MachineState, spans: Spans) -> StoredState:
    return StoredState(state.live_bytes(), state.learnt_bytes(), spans_to_bytes(spans))


async def _facts(work: UnitOfWork, walks: Sequence[MachineWalk]) -> list[Fact]:
    """What the record does not have yet, what it has and no longer holds, and the end of episodes that never were."""
    going_on = {str(walk.machine_id) for walk in walks if walk.hear(_EVER).episode.is_open}
    base = {str(walk.machine_id): walk.base_ms for walk in walks}
    records = await recorded_of_machines(work, [walk.machine_id for walk in walks], ACTIONS)
    standing = standing_of(records, DETECTORS)
    concerned = {known: place for known, place in standing.items() if known.time_ms > base[known.machine_id]}
    derived = in_order([payload for walk in walks for payload in walk.payloads()])
    difference = compare(derived, concerned)
    late = [finding_fact(payload, late=True) for payload in difference.missing]
    is_over = {payload["machine_id"] for payload in difference.missing if payload["kind"] == FindingKind.ENDED.value}
    ends = _withdrawn(walks, standing, going_on | is_over)
    return [*late, *superseded_facts(difference.superseded), *ends]


def _withdrawn(walks: Sequence[MachineWalk], standing: Mapping[Identity, Standing], but: set[str]) -> list[Fact]:
    """Ends for recorded episodes that go on, as far as anybody knows, and are not derived any more."""
    of_machine = {str(walk.machine_id): walk for walk in walks}
    facts = []
    for (machine_id, _, _), payload in open_episodes(standing).items():
        if machine_id is None or machine_id in but:
            continue
        time_ms = max(of_machine[machine_id].state.frame_time, payload["time_ms"])
        ended = {"kind": FindingKind.ENDED.value, "time_ms": time_ms, "time": iso_utc(from_milliseconds(time_ms))}
        facts.append(finding_fact({**payload, **ended}, withdrawn=True))
    return facts
