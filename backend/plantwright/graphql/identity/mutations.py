"""Login, logout and API keys."""

from datetime import datetime
from typing import Annotated

import strawberry

from plantwright.graphql.context import Info, require_id
from plantwright.graphql.errors import (
    InvalidCredentials,
    NotFound,
    PermissionDenied,
    TooManyAttempts,
    ValidationFailed,
    returns_errors,
)
from plantwright.graphql.identity.cookie import drop_refresh_token, keep_refresh_token
from plantwright.graphql.identity.invitations import InvitationsMutation
from plantwright.graphql.identity.profile import ProfileMutation
from plantwright.graphql.identity.registering import RegisteringMutation
from plantwright.graphql.identity.sessions import SessionsMutation
from plantwright.graphql.identity.types import ApiKey, Tenant, User, Viewer
from plantwright.graphql.identity.users import UsersMutation
from plantwright.identity import keys
from plantwright.identity.models import Role


@strawberry.input
class LoginInput:
    email: str
    password: str


@strawberry.type
class LoginSuccess:
    access_token: str = strawberry.field(description="Send it as `Authorization: Bearer …`.")
    expires_at: datetime
    viewer: Viewer


LoginResult = Annotated[LoginSuccess | InvalidCredentials | TooManyAttempts, strawberry.union("LoginResult")]


@strawberry.type
class LogoutSuccess:
    logged_out: bool


LogoutResult = Annotated[LogoutSuccess | PermissionDenied, strawberry.union("LogoutResult")]


@strawberry.input
class ApiKeyCreateInput:
    name: str
    scopes: list[str] = strawberry.field(
        default_factory=lambda: ["ingest", "agent"],
        description="Of ingest, agent, read:machines and read:sensors.",
    )
    expires_at: datetime | None = None


@strawberry.type
class ApiKeyCreateSuccess:
    api_key: ApiKey
    plaintext_key: str = strawberry.field(description="The secret; it is not kept and cannot be shown again.")


ApiKeyCreateResult = Annotated[
    ApiKeyCreateSuccess | ValidationFailed | PermissionDenied, strawberry.union("ApiKeyCreateResult")
]


@strawberry.input
class ApiKeyRevokeInput:
    id: strawberry.ID


@strawberry.type
class ApiKeyRevokeSuccess:
    api_key: ApiKey


ApiKeyRevokeResult = Annotated[
    ApiKeyRevokeSuccess | PermissionDenied | NotFound, strawberry.union("ApiKeyRevokeResult")
]


@strawberry.type
class IdentityMutation(UsersMutation, InvitationsMutation, SessionsMutation, ProfileMutation, RegisteringMutation):
    @strawberry.mutation(description="Exchange e-mail and password for an access token and a refresh cookie.")
    @returns_errors(InvalidCredentials, TooManyAttempts)
    async def login(self, info: Info, input: LoginInput) -> LoginResult:  # noqa: A002 - the API's word
        context = info.context
        session = await context.services.authenticator.login(
            input.email, input.password, context.address, context.device
        )
        keep_refresh_token(context, session)
        viewer = Viewer(user=User.of(session.user), tenant=Tenant.of(session.tenant))
        return LoginSuccess(access_token=session.access_token, expires_at=session.expires_at, viewer=viewer)

    @strawberry.mutation(description="End the session: its tokens are refused from now on.")
    @returns_errors(PermissionDenied)
    async def logout(self, info: Info) -> LogoutResult:
        await info.context.services.authenticator.logout(info.context.principal)
        drop_refresh_token(info.context)
        return LogoutSuccess(logged_out=True)

    @strawberry.mutation(description="Make a key for a program. Admins only.")
    @returns_errors(ValidationFailed, PermissionDenied)
    async def api_key_create(self, info: Info, input: ApiKeyCreateInput) -> ApiKeyCreateResult:  # noqa: A002
        principal = info.context.require(Role.ADMIN)
        async with info.context.writing() as work:
            key, secret = await keys.create_key(
                work,
                info.context.services.journal,
                principal,
                name=input.name,
                scopes=input.scopes,
                expires_at=input.expires_at,
            )
        return ApiKeyCreateSuccess(api_key=ApiKey.of(key), plaintext_key=secret)

    @strawberry.mutation(description="Refuse a key from now on. Admins only.")
    @returns_errors(PermissionDenied, NotFound)
    async def api_key_revoke(self, info: Info, input: ApiKeyRevokeInput) -> ApiKeyRevokeResult:  # noqa: A002
        principal = info.context.require(Role.ADMIN)
        key_id = require_id(input.id, "API key not found.", "id")
        async with info.context.writing() as work:
            key = await keys.revoke_key(work, info.context.services.journal, principal, key_id)
        return ApiKeyRevokeSuccess(api_key=ApiKey.of(key))
