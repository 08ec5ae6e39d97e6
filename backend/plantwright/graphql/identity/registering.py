"""A new tenant, made by its first admin."""

from datetime import datetime
from typing import Annotated

import strawberry

from plantwright.graphql.context import Info
from plantwright.graphql.errors import Conflict, PermissionDenied, TooManyAttempts, ValidationFailed, returns_errors
from plantwright.graphql.identity.cookie import keep_refresh_token
from plantwright.graphql.identity.types import Tenant, User, Viewer


@strawberry.input
class RegisterInput:
    tenant_name: str
    email: str
    full_name: str
    password: str


@strawberry.type
class RegisterSuccess:
    access_token: str = strawberry.field(description="Send it as `Authorization: Bearer …`.")
    expires_at: datetime
    viewer: Viewer


RegisterResult = Annotated[
    RegisterSuccess | ValidationFailed | PermissionDenied | Conflict | TooManyAttempts,
    strawberry.union("RegisterResult"),
]


@strawberry.type
class RegisteringMutation:
    @strawberry.mutation(
        description="Make a tenant and its first admin, who is signed in at once. Only where the server allows it."
    )
    @returns_errors(ValidationFailed, PermissionDenied, Conflict, TooManyAttempts)
    async def register(self, info: Info, input: RegisterInput) -> RegisterResult:  # noqa: A002 - the API's word
        context = info.context
        admin = await context.services.identity.register(
            context.address,
            tenant_name=input.tenant_name,
            email=input.email,
            full_name=input.full_name,
            password=input.password,
        )
        session = await context.services.authenticator.open_session(admin, context.address, context.device)
        keep_refresh_token(context, session)
        viewer = Viewer(user=User.of(session.user), tenant=Tenant.of(session.tenant))
        return RegisterSuccess(access_token=session.access_token, expires_at=session.expires_at, viewer=viewer)
