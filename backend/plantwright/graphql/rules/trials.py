"""A rule tried on stored history, for its picture."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

import strawberry

from plantwright.alerts import models as alerts
from plantwright.alerts.models import AlertCause, Severity
from plantwright.alerts.repository import AlertFilter, page_newest_first
from plantwright.core import errors
from plantwright.core.clock import from_milliseconds
from plantwright.core.database import UnitOfWork
from plantwright.graphql.context import Info
from plantwright.graphql.errors import NotFound, ValidationFailed
from plantwright.graphql.readings.types import Series
from plantwright.graphql.rules.inputs import AlertRuleInput
from plantwright.graphql.rules.types import RuleTrouble
from plantwright.graphql.scalars import IntColumn, TimeColumn
from plantwright.readings.query.service import query_readings
from plantwright.rules import service
from plantwright.rules.trial import MAX_INTERVALS, Trial, TrialInterval, try_rule

_MAX_ALERTS = 200
_MAX_DRAWN = 2_000
_DRAWN_MACHINES = 3


@strawberry.input
class AlertRuleTrialInput:
    rule: AlertRuleInput
    from_: datetime = strawberry.field(name="from")
    to: datetime
    max_points: int = strawberry.field(default=500, description=f"Of each metric for the picture; up to {_MAX_DRAWN}.")


@strawberry.type(description="A span in which the rule would have held.")
class RuleTrialInterval:
    machine_id: strawberry.ID
    from_: datetime = strawberry.field(name="from")
    to: datetime | None = strawberry.field(description="Null when it would still hold.")
    severity: Severity = strawberry.field(description="The highest.")
    message: str

    @classmethod
    def of(cls, one: TrialInterval) -> Self:
        return cls(
            machine_id=strawberry.ID(str(one.machine_id)),
            from_=from_milliseconds(one.start_ms),
            to=None if one.end_ms is None else from_milliseconds(one.end_ms),
            severity=Severity(one.severity.value),
            message=one.message,
        )


@strawberry.type(description="An alert that did happen.")
class RuleTrialAlert:
    id: strawberry.ID
    machine_id: strawberry.ID | None
    cause: AlertCause
    severity: Severity
    message: str
    raised_at: datetime
    cleared_at: datetime | None

    @classmethod
    def of(cls, row: alerts.Alert) -> Self:
        return cls(
            id=strawberry.ID(str(row.id)),
            machine_id=None if row.machine_id is None else strawberry.ID(str(row.machine_id)),
            cause=AlertCause(row.cause),
            severity=Severity(row.severity),
            message=row.message,
            raised_at=row.raised_at,
            cleared_at=row.cleared_at,
        )


@strawberry.type(description="What the rule reads of a machine.")
class RuleTrialSeries:
    machine_id: strawberry.ID
    series: Series


@strawberry.type
class AlertRuleTrial:
    from_: datetime = strawberry.field(name="from")
    to: datetime
    times_fired: int
    active_seconds: float = strawberry.field(description="Of all machines together.")
    readings: int = strawberry.field(description="How many were judged, with those from before that conditions need.")
    machine_ids: list[strawberry.ID] = strawberry.field(description="On which it was tried.")
    intervals: list[RuleTrialInterval] = strawberry.field(description=f"The first {MAX_INTERVALS:,}.")
    days: TimeColumn = strawberry.field(description="Starts of the days (UTC).")
    fired_per_day: IntColumn
    alerts: list[RuleTrialAlert] = strawberry.field(description=f"Of the same machines, the newest {_MAX_ALERTS}.")
    series: list[RuleTrialSeries] = strawberry.field(description="Of the first three machines.")
    troubles: list[RuleTrouble]


AlertRuleTrialResult = Annotated[AlertRuleTrial | ValidationFailed | NotFound, strawberry.union("AlertRuleTrialResult")]


async def trial_of(info: Info, given: AlertRuleTrialInput) -> AlertRuleTrial:
    """
    Raises:
        ValidationFailed, NotFound: something is wrong with the rule or the period.
    """
    _ = info.context.principal
    if not 1 <= given.max_points <= _MAX_DRAWN:
        raise errors.ValidationFailed(f"maxPoints is from 1 to {_MAX_DRAWN:,}.", ["maxPoints"])
    async with info.context.snapshot() as work:
        definition = await service.require_sound(work, given.rule.to_domain(), path=("rule",))
        trial = await try_rule(work, definition, given.from_, given.to)
        happened = await _alerts(work, list(trial.slots), trial)
        series = await _series(work, trial, given.max_points)
    days, counts = trial.per_day()
    return AlertRuleTrial(
        from_=from_milliseconds(trial.start_ms),
        to=from_milliseconds(trial.end_ms),
        times_fired=trial.times_fired,
        active_seconds=trial.active_ms / 1000,
        readings=trial.readings,
        machine_ids=[strawberry.ID(str(machine_id)) for machine_id in trial.slots],
        intervals=[RuleTrialInterval.of(one) for one in trial.intervals[:MAX_INTERVALS]],
        days=TimeColumn(days),
        fired_per_day=IntColumn(counts),
        alerts=[RuleTrialAlert.of(row) for row in happened],
        series=series,
        troubles=RuleTrouble.all_of(trial.troubles),
    )


async def _alerts(work: UnitOfWork, machine_ids: Sequence[UUID], trial: Trial) -> list[alerts.Alert]:
    found: list[alerts.Alert] = []
    for machine_id in machine_ids:
        where = AlertFilter(
            machine_id=machine_id,
            raised_from=from_milliseconds(trial.start_ms),
            raised_to=from_milliseconds(trial.end_ms),
        )
        found += await page_newest_first(work, where, None, _MAX_ALERTS)
    return sorted(found, key=lambda row: row.raised_at, reverse=True)[:_MAX_ALERTS]


async def _series(work: UnitOfWork, trial: Trial, max_points: int) -> list[RuleTrialSeries]:
    drawn: list[RuleTrialSeries] = []
    start, end = from_milliseconds(trial.start_ms), from_milliseconds(trial.end_ms)
    for slots in list(trial.slots.values())[:_DRAWN_MACHINES]:
        metrics: dict[UUID, list[str]] = {}
        for slot in slots:
            if slot.metric is not None:
                metrics.setdefault(slot.machine_id, []).append(slot.metric)
        for machine_id, names in metrics.items():
            found = await query_readings(work, machine_id, names, start=start, end=end, max_points=max_points)
            if found is not None:
                own = strawberry.ID(str(machine_id))
                drawn += [RuleTrialSeries(machine_id=own, series=Series.of(data)) for data in found.series]
    return drawn
