"""What helps to decide about one alert: the moment, what happened beside it, and what was done the last time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from plantwright.alerts import service
from plantwright.alerts.insight import triage_repository as repository
from plantwright.alerts.models import Alert
from plantwright.core.database import UnitOfWork

BEFORE = timedelta(minutes=30)
AFTER = timedelta(minutes=15)
LONGEST_TREND = timedelta(hours=8)
NEAR = timedelta(minutes=15)
MOST_NEIGHBOURS = 20
MOST_PREVIOUS = 5


class Relation(StrEnum):
    """The closest that holds."""

    SAME_GROUP = "same_group"
    SAME_MACHINE = "same_machine"
    SAME_SITE = "same_site"


@dataclass(frozen=True, slots=True)
class Neighbour:
    """`seconds` after the alert in question; negative before it."""

    alert: Alert
    relation: Relation
    seconds: float


@dataclass(frozen=True, slots=True)
class Trend:
    machine_id: UUID
    metric_id: UUID
    begin: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Triage:
    """`previous` are earlier alerts of the same key, newest first."""

    alert: Alert
    trend: Trend | None
    neighbours: Sequence[Neighbour]
    previous: Sequence[Alert]


async def triage(work: UnitOfWork, alert_id: UUID, now: datetime) -> Triage:
    """
    Raises:
        NotFound: no such alert in this tenant.
    """
    alert = await service.get(work, alert_id)
    near = await repository.neighbours(work, alert, NEAR, MOST_NEIGHBOURS)
    neighbours = [
        Neighbour(other, _relation(alert, other), (other.raised_at - alert.raised_at).total_seconds()) for other in near
    ]
    previous = await repository.previous(work, alert, MOST_PREVIOUS)
    return Triage(alert, _trend(alert, now), sorted(neighbours, key=lambda one: one.seconds), previous)


def _trend(alert: Alert, now: datetime) -> Trend | None:
    """Around the moment at which it was raised, as long as it lasted, but no longer than a shift."""
    if alert.machine_id is None or alert.metric_id is None:
        return None
    begin = alert.raised_at - BEFORE
    last = alert.cleared_at or max(alert.last_seen_at, alert.raised_at)
    end = min(last + AFTER, begin + LONGEST_TREND)
    return Trend(alert.machine_id, alert.metric_id, begin, max(min(end, now), alert.raised_at + timedelta(minutes=1)))


def _relation(alert: Alert, other: Alert) -> Relation:
    if (other.group_id or other.id) == (alert.group_id or alert.id):
        return Relation.SAME_GROUP
    is_same = other.machine_id is not None and other.machine_id == alert.machine_id
    return Relation.SAME_MACHINE if is_same else Relation.SAME_SITE
