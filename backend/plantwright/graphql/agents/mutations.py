"""Naming and forgetting agents."""

from typing import Annotated

import strawberry

from plantwright.agents import service
from plantwright.graphql.agents.types import Agent
from plantwright.graphql.context import Info, require_id
from plantwright.graphql.errors import NotFound, PermissionDenied, ValidationFailed, returns_errors
from plantwright.identity.models import Role


@strawberry.input
class AgentRenameInput:
    id: strawberry.ID
    name: str | None = strawberry.field(
        default=None, description="Up to 100 characters; without it the agent's own name is shown again."
    )


@strawberry.type
class AgentRenameSuccess:
    agent: Agent


AgentRenameResult = Annotated[
    AgentRenameSuccess | ValidationFailed | PermissionDenied | NotFound, strawberry.union("AgentRenameResult")
]


@strawberry.input
class AgentRemoveInput:
    id: strawberry.ID


@strawberry.type
class AgentRemoveSuccess:
    id: strawberry.ID


AgentRemoveResult = Annotated[AgentRemoveSuccess | PermissionDenied | NotFound, strawberry.union("AgentRemoveResult")]


@strawberry.type
class AgentsMutation:
    @strawberry.mutation(description="Call an agent otherwise than it calls itself. Admins only.")
    @returns_errors(ValidationFailed, PermissionDenied, NotFound)
    async def agent_rename(self, info: Info, input: AgentRenameInput) -> AgentRenameResult:  # noqa: A002
        principal = info.context.require(Role.ADMIN)
        agent_id = require_id(input.id, service.AGENT_NOT_FOUND, "id")
        async with info.context.writing() as work:
            journal = info.context.services.journal
            agent = await service.rename(work, journal, principal.user_id, agent_id, input.name)
        return AgentRenameSuccess(agent=Agent.of(agent))

    @strawberry.mutation(
        description="Forget an agent and its gaps. One that still runs comes back; revoke its key first. Admins only."
    )
    @returns_errors(PermissionDenied, NotFound)
    async def agent_remove(self, info: Info, input: AgentRemoveInput) -> AgentRemoveResult:  # noqa: A002
        principal = info.context.require(Role.ADMIN)
        agent_id = require_id(input.id, service.AGENT_NOT_FOUND, "id")
        async with info.context.writing() as work:
            await service.remove(work, info.context.services.journal, principal.user_id, agent_id)
        return AgentRemoveSuccess(id=strawberry.ID(str(agent_id)))
