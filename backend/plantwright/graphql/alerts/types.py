"""Alerts as the API shows them."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Self
from uuid import UUID

import strawberry
from strawberry.scalars import JSON

from plantwright.alerts import models
from plantwright.alerts.life_cycle import AlertState, state_of
from plantwright.alerts.models import AlertCause, Severity
from plantwright.alerts.silences import SILENCE_UNIT
from plantwright.assets.models import Metric
from plantwright.graphql.agents.types import Agent
from plantwright.graphql.assets.types import Machine, load_machine
from plantwright.graphql.connection import PageInfo
from plantwright.graphql.context import Info
from plantwright.graphql.identity.types import User
from plantwright.graphql.scalars import BigInt

if TYPE_CHECKING:
    from plantwright.graphql.maintenance.types import WorkOrder

strawberry.enum(Severity, description="How soon somebody has to act.")
strawberry.enum(AlertState, description="States of ISA-18.2: active or cleared, acknowledged or not.")
strawberry.enum(AlertCause, description="The detector that found it, a rule, or what is wrong with an agent.")


@strawberry.type(description="What the score was computed from.")
class AlertEvidence:
    inputs: JSON = strawberry.field(description="Inputs of the formula, fractions as decimal text.")
    formula: str


@strawberry.type(description="Trouble on one metric of one machine, or with an agent.")
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
    evidence: AlertEvidence
    raised_at: datetime = strawberry.field(description="Time of the reading, not of its arrival; of the silence.")
    last_seen_at: datetime
    cleared_at: datetime | None
    acknowledged_at: datetime | None
    acknowledge_note: str | None
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
            evidence=evidence,
            raised_at=row.raised_at,
            last_seen_at=row.last_seen_at,
            cleared_at=row.cleared_at,
            acknowledged_at=row.acknowledged_at,
            acknowledge_note=row.acknowledge_note,
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
        if found is None:
            return SILENCE_UNIT if self.row.agent_id is not None else ""
        return found.unit

    async def _load_metric(self, info: Info) -> Metric | None:
        return None if self.row.metric_id is None else await info.context.loaders.metric.load(self.row.metric_id)

    @strawberry.field
    async def acknowledged_by(self, info: Info) -> User | None:
        return await load_user(info, self.row.acknowledged_by)

    @strawberry.field(description="The newest work order that was made from this alert.")
    async def work_order(
        self, info: Info
    ) -> Annotated["WorkOrder", strawberry.lazy("plantwright.graphql.maintenance.types")] | None:
        from plantwright.graphql.maintenance.types import WorkOrder  # noqa: PLC0415 - the two types refer to each other

        found = await info.context.loaders.work_order_of_alert.load(self.row.id)
        return None if found is None else WorkOrder.of(found)


async def load_user(info: Info, user_id: UUID | None) -> User | None:
    found = None if user_id is None else await info.context.loaders.user.load(user_id)
    return None if found is None else User.of(found)


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
