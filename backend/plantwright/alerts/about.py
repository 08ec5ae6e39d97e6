"""What a fact says of an alert beyond its row."""

from collections.abc import Sequence
from uuid import UUID

from plantwright.alerts import repository
from plantwright.alerts.facts import About
from plantwright.alerts.load import repository as load_repository
from plantwright.alerts.models import Alert
from plantwright.alerts.silences import SILENCE_UNIT
from plantwright.core.database import UnitOfWork


async def about_many(work: UnitOfWork, alerts: Sequence[Alert]) -> dict[UUID, About]:
    """By the id of the alert."""
    if not alerts:
        return {}
    metrics = await repository.metrics_by_id(work, {alert.metric_id for alert in alerts if alert.metric_id})
    running = await load_repository.running_floods(work, {alert.site for alert in alerts})
    flooded = {flood.site for flood in running}
    told = {}
    for alert in alerts:
        metric = metrics.get(alert.metric_id) if alert.metric_id else None
        unit = unit_without_metric(alert) if metric is None else metric.unit
        told[alert.id] = About(None if metric is None else metric.name, unit, alert.site in flooded)
    return told


async def about_one(work: UnitOfWork, alert: Alert) -> About:
    return (await about_many(work, [alert]))[alert.id]


def unit_without_metric(alert: Alert) -> str:
    """Of an alert about a link the seconds of silence; of one about a whole machine none."""
    return SILENCE_UNIT if alert.machine_id is None else ""
