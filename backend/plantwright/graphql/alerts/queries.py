"""Lists of alerts."""

from datetime import datetime
from uuid import UUID

import strawberry

from plantwright.alerts import repository
from plantwright.alerts.life_cycle import AlertState
from plantwright.alerts.models import AlertCause, Severity
from plantwright.alerts.repository import AlertCursor
from plantwright.alerts.suppression.axis import Suppression
from plantwright.core.ids import parse_id
from plantwright.graphql.alerts.insight import InsightQuery
from plantwright.graphql.alerts.service_state import ServiceStateQuery
from plantwright.graphql.alerts.types import Alert, AlertConnection, AlertEdge
from plantwright.graphql.connection import cut_page, decode_cursor, encode_cursor, require_page
from plantwright.graphql.context import Info, filter_id
from plantwright.graphql.selection import selects


@strawberry.input(description="All given conditions hold.")
class AlertFilter:
    machine_id: strawberry.ID | None = None
    agent_id: strawberry.ID | None = None
    rule_id: strawberry.ID | None = None
    group_id: strawberry.ID | None = None
    assignee_id: strawberry.ID | None = None
    site: str | None = None
    suppression: list[Suppression] | None = strawberry.field(default=None, description="Any of these holds.")
    is_suppressed: bool | None = None
    severity: list[Severity] | None = None
    state: list[AlertState] | None = None
    cause: list[AlertCause] | None = None
    raised_from: datetime | None = None
    raised_to: datetime | None = strawberry.field(default=None, description="Not included.")

    def to_domain(self) -> repository.AlertFilter:
        return repository.AlertFilter(
            machine_id=filter_id(self.machine_id),
            agent_id=filter_id(self.agent_id),
            rule_id=filter_id(self.rule_id),
            group_id=filter_id(self.group_id),
            assignee_id=filter_id(self.assignee_id),
            site=self.site,
            suppression=self.suppression or (),
            is_suppressed=self.is_suppressed,
            severity=[severity.value for severity in self.severity or ()],
            state=self.state or (),
            cause=[cause.value for cause in self.cause or ()],
            raised_from=self.raised_from,
            raised_to=self.raised_to,
        )


@strawberry.type
class AlertsQuery(InsightQuery, ServiceStateQuery):
    @strawberry.field(description="Alerts, newest first.")
    async def alerts(
        self,
        info: Info,
        first: int = 50,
        after: str | None = None,
        filter: AlertFilter | None = None,  # noqa: A002
    ) -> AlertConnection:
        first = require_page(first)
        keys = decode_cursor(after, datetime, UUID)
        where = (filter or AlertFilter()).to_domain()
        async with info.context.reading() as work:
            rows = await repository.page_newest_first(work, where, AlertCursor(*keys) if keys else None, first + 1)
            total = await repository.count(work, where) if selects(info, "totalCount") else 0
        page, info_ = cut_page(rows, first, lambda row: encode_cursor(row.raised_at, row.id), after=after)
        edges = [AlertEdge(cursor=cursor, node=Alert.of(row)) for cursor, row in page]
        return AlertConnection(edges=edges, page_info=info_, total_count=total)

    @strawberry.field(description="Null when there is no such alert in this tenant.")
    async def alert(self, info: Info, id: strawberry.ID) -> Alert | None:  # noqa: A002 - the API's word
        alert_id = parse_id(id)
        _ = info.context.principal
        row = await info.context.loaders.alert.load(alert_id) if alert_id else None
        return Alert.of(row) if row else None
