"""Who am I, who else is there, which keys are there."""

import strawberry

from plantwright.core.errors import Unauthenticated
from plantwright.graphql.context import Info
from plantwright.graphql.identity.invitations import InvitationsQuery
from plantwright.graphql.identity.sessions import SessionsQuery
from plantwright.graphql.identity.types import ApiKey, Tenant, User, Viewer
from plantwright.identity import repository
from plantwright.identity.tokens import INVALID


@strawberry.type
class IdentityQuery(InvitationsQuery, SessionsQuery):
    @strawberry.field(description="The person who asks, and their tenant.")
    async def viewer(self, info: Info) -> Viewer:
        principal = info.context.principal
        async with info.context.reading() as work:
            user = await repository.get_user(work, principal.user_id)
            tenant = await repository.get_tenant(work)
        if user is None:
            raise Unauthenticated(INVALID)
        return Viewer(user=User.of(user), tenant=Tenant.of(tenant))

    @strawberry.field(description="Everyone of the tenant, by name.")
    async def users(self, info: Info) -> list[User]:
        async with info.context.reading() as work:
            return [User.of(row) for row in await repository.list_users(work)]

    @strawberry.field(description="All keys, newest first, revoked ones too; never their secrets.")
    async def api_keys(self, info: Info) -> list[ApiKey]:
        async with info.context.reading() as work:
            return [ApiKey.of(row) for row in await repository.list_keys(work)]
