"""Sessions: prolonged by the cookie, seen and ended by the person, ended by admins."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

import strawberry

from plantwright.core.clock import utc_now
from plantwright.graphql.context import Info, filter_id, require_id
from plantwright.graphql.errors import NotFound, PermissionDenied, returns_errors
from plantwright.graphql.identity.cookie import keep_refresh_token
from plantwright.identity import models, repository
from plantwright.identity.authentication import NO_SUCH_SESSION, end_session_of
from plantwright.identity.models import Role


@strawberry.type(description="A sign-in on a device; ending it refuses its tokens at the next request.")
class Session:
    id: strawberry.ID
    user_id: strawberry.ID
    device: str = strawberry.field(description="What the browser or program called itself.")
    address: str = strawberry.field(description="Network address of the sign-in, or of the newest refresh.")
    created_at: datetime
    refreshed_at: datetime
    expires_at: datetime = strawberry.field(description="However often it is refreshed.")
    is_current: bool = strawberry.field(description="Whether it is the one that asks.")

    @classmethod
    def of(cls, row: models.UserSession, current: UUID | None) -> Self:
        return cls(
            id=strawberry.ID(str(row.id)),
            user_id=strawberry.ID(str(row.user_id)),
            device=row.device,
            address=row.address,
            created_at=row.created_at,
            refreshed_at=row.refreshed_at,
            expires_at=row.expires_at,
            is_current=row.id == current,
        )


@strawberry.type
class SessionRefreshSuccess:
    access_token: str = strawberry.field(description="Send it as `Authorization: Bearer …`.")
    expires_at: datetime


SessionRefreshResult = Annotated[SessionRefreshSuccess | PermissionDenied, strawberry.union("SessionRefreshResult")]


@strawberry.input
class SessionRevokeInput:
    id: strawberry.ID


@strawberry.type
class SessionRevokeSuccess:
    session: Session


SessionRevokeResult = Annotated[SessionRevokeSuccess | NotFound, strawberry.union("SessionRevokeResult")]


@strawberry.type
class SessionsQuery:
    @strawberry.field(
        description="Sessions that go on, the last refreshed first: one's own, or for admins those of a person."
    )
    async def sessions(self, info: Info, user_id: strawberry.ID | None = None) -> list[Session]:
        principal = info.context.principal
        owner = filter_id(user_id) or principal.user_id
        if owner != principal.user_id:
            info.context.require(Role.ADMIN)
        now = utc_now()
        idle = info.context.services.authenticator.rules.idle
        async with info.context.reading() as work:
            rows = await repository.list_open_sessions(work, owner, now, now - idle)
        return [Session.of(row, principal.session_id) for row in rows]


@strawberry.type
class SessionsMutation:
    @strawberry.mutation(
        description="A new access token and a new refresh cookie for the refresh cookie that came along; browsers send "
        "it to `POST /api/v1/auth/refresh` alone. A cookie that was used before ends the session."
    )
    @returns_errors(PermissionDenied)
    async def session_refresh(self, info: Info) -> SessionRefreshResult:
        context = info.context
        session = await context.services.authenticator.refresh(context.refresh_token, context.address, context.device)
        keep_refresh_token(context, session)
        return SessionRefreshSuccess(access_token=session.access_token, expires_at=session.expires_at)

    @strawberry.mutation(description="End a session: one's own, or for admins that of a person of the tenant.")
    @returns_errors(NotFound)
    async def session_revoke(self, info: Info, input: SessionRevokeInput) -> SessionRevokeResult:  # noqa: A002
        principal = info.context.principal
        session_id = require_id(input.id, NO_SUCH_SESSION, "id")
        async with info.context.writing() as work:
            row = await end_session_of(work, info.context.services.journal, principal, session_id)
        return SessionRevokeSuccess(session=Session.of(row, principal.session_id))
