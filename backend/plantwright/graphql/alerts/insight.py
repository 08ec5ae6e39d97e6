"""What helps with one alert, and how the alerts of a house perform."""

from datetime import date, datetime, timedelta
from typing import Self
from uuid import UUID

import strawberry

from plantwright.alerts.insight import performance, triage
from plantwright.alerts.insight.performance import Figure, FigureUnit, FigureValue, Mark
from plantwright.alerts.insight.performance_repository import BadActor
from plantwright.alerts.insight.triage import Neighbour, Relation, Trend
from plantwright.alerts.load import models as load_models
from plantwright.alerts.load import repository as load_repository
from plantwright.core.clock import utc_now
from plantwright.core.errors import NotFound
from plantwright.core.ids import parse_id
from plantwright.graphql.alerts.types import Alert
from plantwright.graphql.context import Info

FLOODS_SHOWN = timedelta(hours=24)
MOST_FLOODS = 200

strawberry.enum(Relation, description="How near another alert is; the closest that holds.")
strawberry.enum(Mark, description="WITHIN the target, ABOVE it, BEYOND what is manageable; NONE without a target.")
strawberry.enum(Figure, description="docs/alerts.md says how each is computed and where its target is from.")
strawberry.enum(FigureUnit)


@strawberry.type(description="What to draw: the metric around the moment.")
class AlertTrend:
    machine_id: strawberry.ID
    metric_id: strawberry.ID
    from_: datetime = strawberry.field(name="from")
    to: datetime

    @classmethod
    def of(cls, trend: Trend) -> Self:
        return cls(
            machine_id=strawberry.ID(str(trend.machine_id)),
            metric_id=strawberry.ID(str(trend.metric_id)),
            from_=trend.begin,
            to=trend.end,
        )


@strawberry.type
class AlertNeighbour:
    alert: Alert
    relation: Relation
    seconds: float = strawberry.field(description="After the alert in question; negative before it.")

    @classmethod
    def of(cls, found: Neighbour) -> Self:
        return cls(alert=Alert.of(found.alert), relation=found.relation, seconds=found.seconds)


@strawberry.type(description="The moment of an alert, what happened beside it, and what was done the last time.")
class AlertTriage:
    alert: Alert
    trend: AlertTrend | None = strawberry.field(description="Null when it is not about one metric.")
    neighbours: list[AlertNeighbour] = strawberry.field(description="Of its group, machine or site; 20 at the most.")
    previous: list[Alert] = strawberry.field(description="Earlier ones of the same cause, newest first; 5 at the most.")


@strawberry.type(description="More than ten alerts in ten minutes at one site, until fewer than five are left.")
class AlertFlood:
    id: strawberry.ID
    site: str
    began_at: datetime
    ended_at: datetime | None
    alerts: int
    peak: int = strawberry.field(description="The most in ten minutes.")
    key: strawberry.Private[UUID]

    @classmethod
    def of(cls, row: load_models.Flood) -> Self:
        return cls(
            id=strawberry.ID(str(row.id)),
            site=row.site,
            began_at=row.began_at,
            ended_at=row.ended_at,
            alerts=row.alerts,
            peak=row.peak,
            key=row.id,
        )

    @strawberry.field(description="The alert that was out first in the ten minutes in which it began.")
    async def first_out(self, info: Info) -> Alert | None:
        alert_id = await info.context.loaders.first_out_of_flood.load(self.key)
        row = None if alert_id is None else await info.context.loaders.alert.load(alert_id)
        return None if row is None else Alert.of(row)


@strawberry.type
class AlertFigure:
    figure: Figure
    unit: FigureUnit
    value: float | None = strawberry.field(description="Null when there was nothing to measure.")
    target: float | None
    limit: float | None
    mark: Mark

    @classmethod
    def of(cls, found: FigureValue) -> Self:
        return cls(
            figure=found.figure,
            unit=found.unit,
            value=found.value,
            target=found.target,
            limit=found.limit,
            mark=found.mark,
        )


@strawberry.type
class AlertDay:
    day: date
    info: int
    warning: int
    critical: int


@strawberry.type(description="One cause, and how often it came.")
class AlertBadActor:
    alerts: int
    chatters: int
    fleetings: int
    alert_id: strawberry.Private[str]

    @classmethod
    def of(cls, found: BadActor) -> Self:
        return cls(
            alerts=found.alerts, chatters=found.chatters, fleetings=found.fleetings, alert_id=str(found.alert_id)
        )

    @strawberry.field(description="Its newest alert.")
    async def alert(self, info: Info) -> Alert | None:
        alert_id = parse_id(self.alert_id)
        row = None if alert_id is None else await info.context.loaders.alert.load(alert_id)
        return None if row is None else Alert.of(row)


@strawberry.type(description="The past 30 days, or as long as the house has been watched.")
class AlertPerformance:
    from_: datetime = strawberry.field(name="from")
    to: datetime
    site: str | None
    positions: int = strawberry.field(description="Operator positions that the targets are for.")
    alerts: int
    figures: list[AlertFigure]
    days: list[AlertDay]
    bad_actors: list[AlertBadActor] = strawberry.field(description="The ten most frequent.")


@strawberry.type
class InsightQuery:
    @strawberry.field(description="Null when there is no such alert in this tenant.")
    async def alert_triage(self, info: Info, id: strawberry.ID) -> AlertTriage | None:  # noqa: A002 - the API's word
        alert_id = parse_id(id)
        async with info.context.reading() as work:
            if alert_id is None:
                return None
            try:
                found = await triage.triage(work, alert_id, utc_now())
            except NotFound:
                return None
        return AlertTriage(
            alert=Alert.of(found.alert),
            trend=None if found.trend is None else AlertTrend.of(found.trend),
            neighbours=[AlertNeighbour.of(one) for one in found.neighbours],
            previous=[Alert.of(one) for one in found.previous],
        )

    @strawberry.field(description="Floods that last, and those of the past day; newest first.")
    async def alert_floods(self, info: Info) -> list[AlertFlood]:
        since = utc_now() - FLOODS_SHOWN
        async with info.context.reading() as work:
            rows = await load_repository.floods(work, since=since, limit=MOST_FLOODS)
        return [AlertFlood.of(row) for row in rows]

    @strawberry.field(description="That have ever had an alert; the one without a name is of alerts that are nowhere.")
    async def alert_sites(self, info: Info) -> list[str]:
        async with info.context.reading() as work:
            return list(await performance.sites(work))

    @strawberry.field(description="Figures of one site, or with null of the whole house.")
    async def alert_performance(self, info: Info, site: str | None = None) -> AlertPerformance:
        async with info.context.reading() as work:
            found = await performance.performance(work, site, utc_now())
        return AlertPerformance(
            from_=found.period.begin,
            to=found.period.end,
            site=site,
            positions=found.positions,
            alerts=found.alerts,
            figures=[AlertFigure.of(one) for one in found.figures],
            days=[AlertDay(**day._asdict()) for day in found.days],
            bad_actors=[AlertBadActor.of(one) for one in found.bad_actors],
        )
