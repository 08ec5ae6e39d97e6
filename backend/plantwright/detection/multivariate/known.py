"""What is known of machines beside their readings, as stored."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from plantwright.core.database import UnitOfWork
from plantwright.detection.charts.state import StateUnreadable
from plantwright.detection.multivariate import repository, statements_repository
from plantwright.detection.multivariate.config import MultivariateConfig
from plantwright.detection.multivariate.pieces import Course
from plantwright.detection.multivariate.repository import StoredState
from plantwright.detection.multivariate.settings import MachineSettingsHistory, settings_history
from plantwright.detection.multivariate.settings_repository import SavedSettings
from plantwright.detection.multivariate.state import MachineState
from plantwright.detection.multivariate.statements import after_statements

Spans = Sequence[tuple[int, MultivariateConfig]]
_EVER = 2**62
_DAY_MINUTES = 24 * 60
_MINUTE_MS = 60_000
_NO_MACHINE = UUID(int=0)


def state_of(stored: StoredState | None) -> MachineState | None:
    """None for a machine that is new, or whose state another release wrote."""
    if stored is None:
        return None
    try:
        return MachineState.from_parts(stored.live, stored.learnt)
    except StateUnreadable:
        return None


async def known_state(work: UnitOfWork, machine_id: UUID) -> MachineState:
    """As of the last frame, and with what was said of the reference since."""
    stored = (await repository.read_states(work, [machine_id])).get(machine_id)
    state = state_of(stored) or MachineState.empty(())
    said = await statements_repository.unheard(work, {machine_id: state.said})
    return after_statements(state, said.get(machine_id, []), _EVER)[0]


async def courses_of(
    work: UnitOfWork, said: Mapping[UUID, int], edges: Mapping[UUID, int] | None = None
) -> dict[UUID, Course]:
    """What holds for some machines.

    Args:
        work: of the tenant.
        said: number of the last statement that each of the machines has heard.
        edges: from when on each of them is derived anew.
    """
    spans = _spans_of(await settings_history(work, list(said)), list(said))
    statements = await statements_repository.unheard(work, said)
    return {
        machine_id: Course(
            settings=spans[machine_id],
            statements=statements.get(machine_id, ()),
            edge_ms=(edges or {}).get(machine_id),
            # All at midnight, those of a large plant would be half a gigabyte in one transaction.
            day_begins_ms=machine_id.int % _DAY_MINUTES * _MINUTE_MS,
        )
        for machine_id in said
    }


def _spans_of(history: MachineSettingsHistory, machine_ids: Sequence[UUID]) -> dict[UUID, Spans]:
    """Few machines have settings of their own; the others share those of the tenant."""
    of_all = [saved for saved in history.saved if saved.machine_id is None]
    own: dict[UUID, list[SavedSettings]] = {}
    for saved in history.saved:
        if saved.machine_id is not None:
            own.setdefault(saved.machine_id, []).append(saved)
    shared = MachineSettingsHistory(of_all).spans(_NO_MACHINE)
    return {
        machine_id: MachineSettingsHistory([*of_all, *own[machine_id]]).spans(machine_id)
        if machine_id in own
        else shared
        for machine_id in machine_ids
    }


def spans_to_bytes(spans: Spans) -> bytes:
    return msgspec.json.encode(spans)


def differ_from(known: bytes, spans: Spans) -> int | None:
    """The first event time (milliseconds) for which other settings hold than was known; None if all is the same."""
    if not known or known == spans_to_bytes(spans):
        return None
    before = msgspec.json.decode(known, type=list[tuple[int, MultivariateConfig]])
    times = sorted({time_ms for time_ms, _ in (*before, *spans)})
    return next((time_ms for time_ms in times if _at(before, time_ms) != _at(spans, time_ms)), None)


def _at(spans: Spans, time_ms: int) -> MultivariateConfig:
    return [config for start_ms, config in spans if start_ms <= time_ms][-1]
