"""Computing and reading the health of machines.

Lock order of a recomputation: the machines by id, then the head of the journal; `update_machine` takes the same two
in the same order. With the head held no alert and no finding can be added, so a score is exactly what the journal up
to its own row says, and can be recomputed from an export.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from plantwright.core.clock import utc_now
from plantwright.core.database import UnitOfWork
from plantwright.core.errors import NotFound
from plantwright.health import history_repository, repository
from plantwright.health.formula import OLDEST, RECENT, Assessment, Deduction, assess, status_of
from plantwright.health.models import MachineHealth
from plantwright.health.repository import Episodes, KnownAlert, MachineState
from plantwright.health.settings import read_anomaly_weight, read_offline_after
from plantwright.journal import repository as journal_repository
from plantwright.journal.service import Fact, Journal

HEALTH_CHANGED = "health.changed"
STATUS_CHANGED = "machine.status_changed"
MACHINE_NOT_FOUND = "Machine not found."


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthReport(Assessment):
    """The score in force, itemised."""

    computed_at: datetime


async def health_of(work: UnitOfWork, machine_id: UUID) -> HealthReport:
    """
    Raises:
        NotFound: no such machine in this tenant.
    """
    if not await repository.exists(work, machine_id):
        raise NotFound(MACHINE_NOT_FOUND, ["id"])
    return (await health_of_machines(work, [machine_id]))[machine_id]


async def health_of_machines(work: UnitOfWork, machine_ids: Sequence[UUID]) -> dict[UUID, HealthReport]:
    """For every given machine; one that was never computed has nothing against it."""
    stored = {row.machine_id: _report(row) for row in await repository.stored(work, machine_ids)}
    missing = [machine_id for machine_id in machine_ids if machine_id not in stored]
    if missing:
        blank = await _blank_report(work)
        stored.update(dict.fromkeys(missing, blank))
    return stored


class _Inputs(NamedTuple):
    alerts: Mapping[UUID, Sequence[KnownAlert]]
    episodes: Mapping[UUID, Sequence[Episodes]]
    last_reading_at: Mapping[UUID, datetime]
    weight: float
    offline_after: timedelta
    now: datetime


async def recompute(work: UnitOfWork, journal: Journal, machine_ids: Collection[UUID], now: datetime) -> None:
    """Bring score and status of these machines up to date; journals what changed. Unknown ids are passed over."""
    machines = await repository.lock_machines(work, machine_ids)
    if not machines:
        return
    await journal_repository.lock_head(work)
    inputs = await _read_inputs(work, [machine.id for machine in machines], now)
    facts: list[Fact] = []
    changed: list[MachineState] = []
    assessments: dict[UUID, Assessment] = {}
    for machine in machines:
        alerts = [alert.entry for alert in inputs.alerts[machine.id]]
        assessment = assess(alerts, counts_of(inputs.episodes[machine.id]), inputs.weight, now)
        status, reason = status_of(
            assessment.score,
            (alert.severity for alert in alerts if alert.is_active and not alert.is_suppressed),
            inputs.last_reading_at.get(machine.id),
            inputs.offline_after,
            now,
        )
        assessments[machine.id] = assessment
        state = MachineState(machine.id, status.value, assessment.score)
        if state != machine:
            changed.append(state)
            facts += _facts(machine, state, assessment, reason, now)
    await repository.store(work, assessments, now)
    await repository.update_machines(work, changed)
    records = await journal.append(work, *facts)
    await history_repository.add(work, [record for record in records if record.action == HEALTH_CHANGED], now)


def counts_of(episodes: Iterable[Episodes]) -> dict[tuple[str | None, str], int]:
    """As the formula takes them."""
    return {(one.metric_id, one.detector): one.found for one in episodes}


async def _read_inputs(work: UnitOfWork, machine_ids: Sequence[UUID], now: datetime) -> _Inputs:
    return _Inputs(
        alerts=await repository.alerts_since(work, machine_ids, now - OLDEST),
        episodes=await repository.episodes_since(work, dict.fromkeys(machine_ids, now - RECENT)),
        last_reading_at=await repository.last_readings(work, machine_ids),
        weight=await read_anomaly_weight(work),
        offline_after=await read_offline_after(work),
        now=now,
    )


def _facts(old: MachineState, new: MachineState, assessment: Assessment, reason: str, now: datetime) -> Iterator[Fact]:
    if new.health_score != old.health_score:
        yield _fact(
            HEALTH_CHANGED,
            new.id,
            old_score=old.health_score,
            score=assessment.score,
            alert_score=assessment.alert_score,
            anomaly_score=assessment.anomaly_score,
            weight=assessment.anomaly_weight,
            anomaly_episodes=assessment.anomaly_episodes,
            deductions=[asdict(deduction) for deduction in assessment.deductions if deduction.found],
            computed_at=now,
        )
    if new.status != old.status:
        yield _fact(
            STATUS_CHANGED,
            new.id,
            old_status=old.status,
            new_status=new.status,
            health_score=new.health_score,
            reason=reason,
        )


def _fact(action: str, machine_id: UUID, **payload: object) -> Fact:
    return Fact(
        action=action,
        resource_type="machine",
        resource_id=str(machine_id),
        payload={"machine_id": machine_id, **payload},
    )


def _report(row: MachineHealth) -> HealthReport:
    return HealthReport(
        score=row.score,
        alert_score=int(row.alert_score),
        anomaly_score=int(row.anomaly_score),
        anomaly_weight=row.anomaly_weight,
        anomaly_episodes=row.anomaly_episodes,
        deductions=[Deduction(**deduction) for deduction in row.deductions],
        computed_at=row.computed_at,
    )


async def _blank_report(work: UnitOfWork) -> HealthReport:
    now = utc_now()
    nothing = assess((), {}, await read_anomaly_weight(work), now)
    return HealthReport(
        score=nothing.score,
        alert_score=nothing.alert_score,
        anomaly_score=nothing.anomaly_score,
        anomaly_weight=nothing.anomaly_weight,
        anomaly_episodes=nothing.anomaly_episodes,
        deductions=nothing.deductions,
        computed_at=now,
    )
