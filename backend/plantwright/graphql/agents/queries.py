"""Lists of agents."""

from uuid import UUID

import strawberry

from plantwright.agents import repository
from plantwright.agents.models import AgentState
from plantwright.core.errors import ValidationFailed
from plantwright.core.ids import parse_id
from plantwright.graphql.agents.types import Agent, AgentConnection, AgentEdge
from plantwright.graphql.connection import cut_page, decode_cursor, encode_cursor, require_page
from plantwright.graphql.context import Info
from plantwright.graphql.selection import selects

MAX_SEARCH = 200


@strawberry.input(description="All given conditions hold.")
class AgentFilter:
    state: list[AgentState] | None = None
    search: str | None = strawberry.field(default=None, description="Part of the name, up to 200 characters.")

    def to_domain(self) -> repository.AgentFilter:
        search = (self.search or "").strip()
        if len(search) > MAX_SEARCH:
            raise ValidationFailed(f"search has at most {MAX_SEARCH} characters.", ["filter", "search"])
        return repository.AgentFilter(state=[state.value for state in self.state or ()], search=search)


@strawberry.type
class AgentsQuery:
    @strawberry.field(description="Edge agents, by name.")
    async def agents(
        self,
        info: Info,
        first: int = 50,
        after: str | None = None,
        filter: AgentFilter | None = None,  # noqa: A002 - the API's word
    ) -> AgentConnection:
        first = require_page(first)
        keys = decode_cursor(after, str, UUID)
        where = (filter or AgentFilter()).to_domain()
        async with info.context.reading() as work:
            rows = await repository.page_by_name(work, where, (keys[0], keys[1]) if keys else None, first + 1)
            total = await repository.count(work, where) if selects(info, "totalCount") else 0
        page, info_ = cut_page(rows, first, lambda row: encode_cursor(row.shown_name, row.id), after=after)
        edges = [AgentEdge(cursor=cursor, node=Agent.of(row)) for cursor, row in page]
        return AgentConnection(edges=edges, page_info=info_, total_count=total)

    @strawberry.field(description="Null when there is no such agent in this tenant.")
    async def agent(self, info: Info, id: strawberry.ID) -> Agent | None:  # noqa: A002 - the API's word
        agent_id = parse_id(id)
        _ = info.context.principal
        row = await info.context.loaders.agent.load(agent_id) if agent_id else None
        return Agent.of(row) if row else None
