"""People of the tenant, administered."""

from typing import Annotated

import strawberry

from plantwright.graphql.context import Info, require_id
from plantwright.graphql.errors import Conflict, NotFound, PermissionDenied, ValidationFailed, returns_errors
from plantwright.graphql.identity.types import User
from plantwright.identity import users
from plantwright.identity.models import Role
from plantwright.identity.registration import create_user


@strawberry.input
class UserCreateInput:
    email: str
    full_name: str
    role: Role
    password: str = strawberry.field(description="The first one; the person changes it.")


@strawberry.type
class UserCreateSuccess:
    user: User


UserCreateResult = Annotated[
    UserCreateSuccess | ValidationFailed | PermissionDenied | Conflict, strawberry.union("UserCreateResult")
]


@strawberry.input(description="What is left out stays as it is.")
class UserUpdateInput:
    id: strawberry.ID
    full_name: str | None = None
    role: Role | None = None
    is_active: bool | None = strawberry.field(default=None, description="Who is not active is refused at once.")


@strawberry.type
class UserUpdateSuccess:
    user: User


UserUpdateResult = Annotated[
    UserUpdateSuccess | ValidationFailed | PermissionDenied | NotFound | Conflict, strawberry.union("UserUpdateResult")
]


@strawberry.type
class UsersMutation:
    @strawberry.mutation(description="Make an account with a first password. Admins only.")
    @returns_errors(ValidationFailed, PermissionDenied, Conflict)
    async def user_create(self, info: Info, input: UserCreateInput) -> UserCreateResult:  # noqa: A002
        principal = info.context.require(Role.ADMIN)
        async with info.context.writing() as work:
            made = await create_user(
                work,
                info.context.services.journal,
                email=input.email,
                full_name=input.full_name,
                password=input.password,
                role=input.role,
                actor_id=principal.user_id,
            )
        return UserCreateSuccess(user=User.of(made))

    @strawberry.mutation(description="Change name, role or access of a person. Admins only; one of them always stays.")
    @returns_errors(ValidationFailed, PermissionDenied, NotFound, Conflict)
    async def user_update(self, info: Info, input: UserUpdateInput) -> UserUpdateResult:  # noqa: A002
        principal = info.context.require(Role.ADMIN)
        user_id = require_id(input.id, users.NO_SUCH_USER, "id")
        change = users.UserChange(full_name=input.full_name, role=input.role, is_active=input.is_active)
        async with info.context.writing() as work:
            changed = await users.update_user(work, info.context.services.journal, principal, user_id, change)
        return UserUpdateSuccess(user=User.of(changed))
