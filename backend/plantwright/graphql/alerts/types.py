"""Alerts as the API shows them."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Self
from uuid import UUID

import strawberry
from strawberry.scalars import JSON

from plantwright.alerts import models
from plantwright.alerts.about import unit_without_metric
from plantwright.alerts.comments import Comment, comments_of
from plantwright.alerts.life_cycle import AlertState, state_of
from plantwright.alerts.load.nuisance import is_stale
from plantwright.alerts.models import AlertCause, AlertOutcome, Severity
from plantwright.alerts.suppression.axis import DesignReason, Suppression, suppression_of
from plantwright.assets.models import Metric
from plantwright.core.clock import utc_now
from plantwright.graphql.agents.types import Agent
from plantwright.graphql.alerts.suppression_types import AlertShelf, OutOfService
from plantwright.graphql.assets.types import Machine, load_machine
from plantwright.graphql.connection import PageInfo
from plantwright.graphql.context import Info
from plantwright.graphql.identity.people import load_user
from plantwright.graphql.identity.types import User
from plantwright.graphql.scalars import BigInt

if TYPE_CHECKING:
    from plantwright.graphql.maintenance.types import WorkOrder

strawberry.enum(AlertState, description="States of ISA-18.2: active or cleared, acknowledged or not.")
strawberry.enum(
    AlertOutcome,
    description="GENUINE: there was trouble. NUISANCE: it was so, and there was nothing to do. FALSE_ALARM: nothing "
    "was wrong.",
)
strawberry.enum(AlertCause, description="The detector that found it, a rule, or the link that is lost.")


@strawberry.type(description="What the score was computed from.")
class AlertEvidence:
    inputs: JSON = strawberry.field(description="Inputs of the formula, fractions as decimal text.")
    formula: str


@strawberry.type(description="Trouble on a machine or one of its metrics, or with a link to an agent or a source.")
class Alert:
    id: strawberry.ID
    cause: AlertCause
    rule_id: strawberry.ID | None = strawberry.field(description="Null when no rule found it.")
    severity: Severity
    state: AlertState
    message: str
    value: float = strawberry.field(
        description="The reading, in the unit of the metric; of a silent agent the seconds."
    )
    score: float = strawberry.field(description="What the detector made of it.")
    threshold: float = strawberry.field(description="Scores from here on violate.")
    occurrences: int = strawberry.field(description="Episodes that fell into this alert.")
    site: str = strawberry.field(description="Where the machine was when it was raised; empty when it is nowhere.")
    group_id: strawberry.ID = strawberry.field(description="The alert of its group that was out first.")
    is_first_out: bool
    suppression: list[Suppression] = strawberry.field(description="All that hold; empty: it announces itself.")
    design_reasons: list[DesignReason]
    shelved_until: datetime | None
    chatters: int = strawberry.field(description="How often it changed three times within a minute.")
    fleetings: int = strawberry.field(description="How often it cleared within a minute, before anyone took note.")
    is_stale: bool = strawberry.field(description="Active for more than 24 hours.")
    assigned_at: datetime | None
    evidence: AlertEvidence
    raised_at: datetime = strawberry.field(description="Time of the reading, not of its arrival; of the silence.")
    last_seen_at: datetime
    cleared_at: datetime | None
    acknowledged_at: datetime | None
    acknowledge_note: str | None
    opened_at: datetime | None = strawberry.field(description="When anybody first looked at it; who is not kept.")
    outcome: AlertOutcome | None = strawberry.field(description="What a person found; null until somebody says.")
    row: strawberry.Private[models.Alert]

    @classmethod
    def of(cls, row: models.Alert) -> Self:
        evidence = AlertEvidence(inputs=JSON(row.evidence["inputs"]), formula=row.evidence["formula"])
        return cls(
            id=strawberry.ID(str(row.id)),
            cause=AlertCause(row.cause),
            rule_id=None if row.rule_id is None else strawberry.ID(str(row.rule_id)),
            severity=Severity(row.severity),
            state=state_of(row),
            message=row.message,
            value=row.value,
            score=row.score,
            threshold=row.threshold,
            occurrences=row.occurrences,
            site=row.site,
            group_id=strawberry.ID(str(row.group_id or row.id)),
            is_first_out=row.group_id is None,
            suppression=suppression_of(row),
            design_reasons=[DesignReason(reason) for reason in row.design_reasons],
            shelved_until=row.shelved_until,
            chatters=row.chatters,
            fleetings=row.fleetings,
            is_stale=is_stale(row, utc_now()),
            assigned_at=row.assigned_at,
            evidence=evidence,
            raised_at=row.raised_at,
            last_seen_at=row.last_seen_at,
            cleared_at=row.cleared_at,
            acknowledged_at=row.acknowledged_at,
            acknowledge_note=row.acknowledge_note,
            opened_at=row.opened_at,
            outcome=None if row.outcome is None else AlertOutcome(row.outcome),
            row=row,
        )

    @strawberry.field(description="Null when the alert is about an agent.")
    async def machine(self, info: Info) -> Machine | None:
        return None if self.row.machine_id is None else await load_machine(info, self.row.machine_id)

    @strawberry.field(description="Null when the alert is about a machine, or the agent has been removed.")
    async def agent(self, info: Info) -> Agent | None:
        found = None if self.row.agent_id is None else await info.context.loaders.agent.load(self.row.agent_id)
        return None if found is None else Agent.of(found)

    @strawberry.field(description="Name of the metric; null when the alert is about an agent.")
    async def metric(self, info: Info) -> str | None:
        found = await self._load_metric(info)
        return found.name if found else None

    @strawberry.field
    async def unit(self, info: Info) -> str:
        found = await self._load_metric(info)
        return unit_without_metric(self.row) if found is None else found.unit

    async def _load_metric(self, info: Info) -> Metric | None:
        return None if self.row.metric_id is None else await info.context.loaders.metric.load(self.row.metric_id)

    @strawberry.field
    async def acknowledged_by(self, info: Info) -> User | None:
        return await load_user(info, self.row.acknowledged_by)

    @strawberry.field(description="Who is to see to it.")
    async def assignee(self, info: Info) -> User | None:
        return await load_user(info, self.row.assignee_id)

    @strawberry.field(description="How many alerts its group has, with itself.")
    async def group_size(self, info: Info) -> int:
        return await info.context.loaders.alert_group_size.load(self.row.group_id or self.row.id) or 1

    @strawberry.field(description="The shelf that it is on, or that was asked for.")
    async def shelf(self, info: Info) -> AlertShelf | None:
        found = await info.context.loaders.shelf_of_alert.load(self.row.id)
        return None if found is None else AlertShelf.of(found)

    @strawberry.field(description="Why it is out of service.")
    async def out_of_service(self, info: Info) -> OutOfService | None:
        out_of_service_id = self.row.out_of_service_id
        found = None if out_of_service_id is None else await info.context.loaders.out_of_service.load(out_of_service_id)
        return None if found is None else OutOfService.of(found)

    @strawberry.field(description="What people wrote and what the journal says, oldest first; the newest 200.")
    async def comments(self, info: Info) -> list["AlertComment"]:
        async with info.context.reading() as work:
            return [AlertComment.of(comment) for comment in await comments_of(work, self.row.id)]

    @strawberry.field(description="The newest work order that was made from this alert.")
    async def work_order(
        self, info: Info
    ) -> Annotated["WorkOrder", strawberry.lazy("plantwright.graphql.maintenance.types")] | None:
        from plantwright.graphql.maintenance.types import WorkOrder  # noqa: PLC0415 - the two types refer to each other

        found = await info.context.loaders.work_order_of_alert.load(self.row.id)
        return None if found is None else WorkOrder.of(found)


@strawberry.type(description="Something that was written on an alert, or that happened to it.")
class AlertComment:
    id: strawberry.ID
    is_system: bool = strawberry.field(description="Whether the journal says it.")
    body: str
    at: datetime
    author_id: strawberry.Private[UUID | None]

    @classmethod
    def of(cls, comment: Comment) -> Self:
        return cls(
            id=strawberry.ID(comment.id),
            is_system=comment.is_system,
            body=comment.body,
            at=comment.at,
            author_id=comment.author_id,
        )

    @strawberry.field(description="Null when nobody did it.")
    async def author(self, info: Info) -> User | None:
        return await load_user(info, self.author_id)


@strawberry.type
class AlertEdge:
    cursor: str
    node: Alert


@strawberry.type
class AlertConnection:
    edges: list[AlertEdge]
    page_info: PageInfo
    total_count: int = strawberry.field(description="Alerts that pass the filter, on all pages.")

    @strawberry.field
    def nodes(self) -> list[Alert]:
        return [edge.node for edge in self.edges]


@strawberry.type(description="A change of an alert; the alert is shown as it is now.")
class AlertEvent:
    cursor: BigInt = strawberry.field(description="`since`, to resume after a break.")
    action: str = strawberry.field(description="The journal's action, such as `alert.raised`.")
    alert: Alert
