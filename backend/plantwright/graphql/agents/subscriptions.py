"""Agents that come, fall silent and are heard again, out of the journal."""

from collections.abc import AsyncGenerator
from uuid import UUID

import strawberry

from plantwright.agents import repository
from plantwright.graphql.agents.types import Agent, AgentEvent
from plantwright.graphql.context import Info
from plantwright.graphql.journal.follow import follow
from plantwright.graphql.scalars import BigInt


@strawberry.type
class AgentsSubscription:
    @strawberry.subscription(
        description="Each agent that is new, silent, heard again, renamed or removed; with `since`, what happened "
        "after that cursor comes first. Heartbeats are no events: ask for `agents` again to see their figures."
    )
    async def agents(self, info: Info, since: BigInt | None = None) -> AsyncGenerator[AgentEvent]:
        async for record in follow(info, since, ("agent.",)):
            async with info.context.reading() as work:
                row = await repository.get(work, UUID(record.resource_id))
            yield AgentEvent(
                cursor=BigInt(record.sequence),
                action=record.action,
                agent_id=strawberry.ID(record.resource_id),
                agent=None if row is None else Agent.of(row),
            )
