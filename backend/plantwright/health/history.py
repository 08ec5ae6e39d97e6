"""The score of a machine over time, and what led to each change of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from plantwright.assets.repository import get_machine
from plantwright.core.database import UnitOfWork
from plantwright.core.errors import ValidationFailed
from plantwright.health import history_repository
from plantwright.health.formula import FULL, Deduction
from plantwright.health.history_repository import HealthPoint, RecordedChange

MAX_POINTS = 2_000
MAX_CHANGES = 200
MAX_WINDOW = timedelta(days=3_660)


@dataclass(frozen=True, slots=True)
class HealthHistory:
    """`start_score` was in force at `start`: when the window begins, or when the machine came, if that was later."""

    machine_id: UUID
    start: datetime
    end: datetime
    start_score: int
    points: Sequence[HealthPoint]

    @property
    def is_reduced(self) -> bool:
        """Whether some points stand for several changes."""
        return any(point.changes > 1 for point in self.points)


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthChange:
    """Row `sequence` of the journal; `deductions` only of the rules that found something."""

    sequence: int
    changed_at: datetime
    old_score: int
    score: int
    alert_score: int
    anomaly_score: int
    anomaly_weight: float
    anomaly_episodes: int
    deductions: Sequence[Deduction]


async def health_history(
    work: UnitOfWork, machine_id: UUID, start: datetime, end: datetime, max_points: int
) -> HealthHistory | None:
    """Scores that came into force with `start <= time < end`; None for an unknown machine.

    Raises:
        ValidationFailed: a bound is broken.
    """
    _require_bounds(start, end, max_points)
    machine = await get_machine(work, machine_id)
    if machine is None:
        return None
    before = await history_repository.score_before(work, machine_id, start)
    return HealthHistory(
        machine_id=machine_id,
        start=start if before is not None else min(max(start, machine.created_at), end),
        end=end,
        start_score=FULL if before is None else before,
        points=await history_repository.points(work, machine_id, start, end, max_points),
    )


async def health_changes(
    work: UnitOfWork, machine_id: UUID, start: datetime, end: datetime, most: int
) -> Sequence[HealthChange]:
    """The newest of the window, newest first.

    Raises:
        ValidationFailed: more asked for than are given at once.
    """
    if not 1 <= most <= MAX_CHANGES:
        raise ValidationFailed(f"first must be 1 to {MAX_CHANGES}.", ["first"])
    return [_change(row) for row in await history_repository.changes(work, machine_id, start, end, most)]


def _change(row: RecordedChange) -> HealthChange:
    payload = row.payload
    return HealthChange(
        sequence=row.sequence,
        changed_at=row.changed_at,
        old_score=int(payload["old_score"]),
        score=int(payload["score"]),
        alert_score=int(payload["alert_score"]),
        anomaly_score=int(payload["anomaly_score"]),
        anomaly_weight=float(payload["weight"]),
        anomaly_episodes=int(payload["anomaly_episodes"]),
        deductions=[Deduction(**deduction) for deduction in payload["deductions"]],
    )


def _require_bounds(start: datetime, end: datetime, max_points: int) -> None:
    if start.tzinfo is None or end.tzinfo is None:
        raise ValidationFailed("Times need a zone, for example 2026-01-31T08:00:00Z.", ["from"])
    if start >= end:
        raise ValidationFailed("The window must begin before it ends.", ["from"])
    if end - start > MAX_WINDOW:
        raise ValidationFailed(f"The window may span at most {MAX_WINDOW.days} days.", ["from"])
    if not 1 <= max_points <= MAX_POINTS:
        raise ValidationFailed(f"maxPoints must be 1 to {MAX_POINTS}.", ["maxPoints"])
