"""What people change about themselves."""

from typing import Annotated

import strawberry

from plantwright.graphql.context import Info
from plantwright.graphql.errors import Conflict, TooManyAttempts, ValidationFailed, returns_errors
from plantwright.graphql.identity.types import User


@strawberry.input(description="What is left out stays as it is.")
class ProfileUpdateInput:
    full_name: str | None = None
    email: str | None = None
    current_password: str | None = strawberry.field(default=None, description="Needed for a new email.")


@strawberry.type
class ProfileUpdateSuccess:
    user: User


ProfileUpdateResult = Annotated[
    ProfileUpdateSuccess | ValidationFailed | Conflict | TooManyAttempts, strawberry.union("ProfileUpdateResult")
]


@strawberry.input
class PasswordChangeInput:
    current_password: str
    new_password: str


@strawberry.type
class PasswordChangeSuccess:
    user: User


PasswordChangeResult = Annotated[
    PasswordChangeSuccess | ValidationFailed | TooManyAttempts, strawberry.union("PasswordChangeResult")
]


@strawberry.type
class ProfileMutation:
    @strawberry.mutation(description="Change one's own name or email.")
    @returns_errors(ValidationFailed, Conflict, TooManyAttempts)
    async def profile_update(self, info: Info, input: ProfileUpdateInput) -> ProfileUpdateResult:  # noqa: A002
        changed = await info.context.services.identity.profiles.update(
            info.context.principal,
            info.context.address,
            full_name=input.full_name,
            email=input.email,
            password=input.current_password,
        )
        return ProfileUpdateSuccess(user=User.of(changed))

    @strawberry.mutation(description="Change one's own password; every other session of the person ends.")
    @returns_errors(ValidationFailed, TooManyAttempts)
    async def password_change(self, info: Info, input: PasswordChangeInput) -> PasswordChangeResult:  # noqa: A002
        changed = await info.context.services.identity.profiles.change_password(
            info.context.principal, input.current_password, input.new_password, info.context.address
        )
        return PasswordChangeSuccess(user=User.of(changed))
