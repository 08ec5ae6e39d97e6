"""Invitations: made by admins, accepted by whoever holds the link."""

from datetime import datetime
from typing import Annotated, Self

import strawberry

from plantwright.graphql.context import Info, require_id
from plantwright.graphql.errors import (
    Conflict,
    NotFound,
    PermissionDenied,
    TooManyAttempts,
    ValidationFailed,
    returns_errors,
)
from plantwright.graphql.identity.types import User
from plantwright.identity import invitations, models, repository
from plantwright.identity.models import Role


@strawberry.type(description="Lets one person make their own account, once and for seven days.")
class Invitation:
    id: strawberry.ID
    email: str
    role: Role
    created_at: datetime
    expires_at: datetime
    accepted_at: datetime | None
    withdrawn_at: datetime | None
    is_open: bool = strawberry.field(description="Whether its link can still be used.")

    @classmethod
    def of(cls, row: models.Invitation) -> Self:
        return cls(
            id=strawberry.ID(str(row.id)),
            email=row.email,
            role=Role(row.role),
            created_at=row.created_at,
            expires_at=row.expires_at,
            accepted_at=row.accepted_at,
            withdrawn_at=row.withdrawn_at,
            is_open=invitations.is_open(row),
        )


@strawberry.input
class InvitationCreateInput:
    email: str
    role: Role


@strawberry.type
class InvitationCreateSuccess:
    invitation: Invitation
    token: str = strawberry.field(description="Part of the link; it is not kept and cannot be shown again.")
    link: str = strawberry.field(description="For the person who is invited, and nobody else.")


InvitationCreateResult = Annotated[
    InvitationCreateSuccess | ValidationFailed | PermissionDenied | Conflict, strawberry.union("InvitationCreateResult")
]


@strawberry.input
class InvitationWithdrawInput:
    id: strawberry.ID


@strawberry.type
class InvitationWithdrawSuccess:
    invitation: Invitation


InvitationWithdrawResult = Annotated[
    InvitationWithdrawSuccess | PermissionDenied | NotFound | Conflict, strawberry.union("InvitationWithdrawResult")
]


@strawberry.input
class InvitationAcceptInput:
    token: str
    full_name: str
    password: str


@strawberry.type
class InvitationAcceptSuccess:
    user: User


InvitationAcceptResult = Annotated[
    InvitationAcceptSuccess | ValidationFailed | NotFound | Conflict | TooManyAttempts,
    strawberry.union("InvitationAcceptResult"),
]


@strawberry.type
class InvitationsQuery:
    @strawberry.field(description="All invitations, newest first, those that are over too. Admins only.")
    async def invitations(self, info: Info) -> list[Invitation]:
        info.context.require(Role.ADMIN)
        async with info.context.reading() as work:
            return [Invitation.of(row) for row in await repository.list_invitations(work)]


@strawberry.type
class InvitationsMutation:
    @strawberry.mutation(
        description="Invite a person; an open invitation to the same address is withdrawn. Admins only."
    )
    @returns_errors(ValidationFailed, PermissionDenied, Conflict)
    async def invitation_create(self, info: Info, input: InvitationCreateInput) -> InvitationCreateResult:  # noqa: A002
        principal = info.context.require(Role.ADMIN)
        services = info.context.services
        async with info.context.writing() as work:
            made, token = await invitations.invite(
                work, services.journal, principal, email=input.email, role=input.role
            )
        link = services.identity.invitation_link(token)
        return InvitationCreateSuccess(invitation=Invitation.of(made), token=token, link=link)

    @strawberry.mutation(description="Refuse the link of an invitation from now on. Admins only.")
    @returns_errors(PermissionDenied, NotFound, Conflict)
    async def invitation_withdraw(self, info: Info, input: InvitationWithdrawInput) -> InvitationWithdrawResult:  # noqa: A002
        principal = info.context.require(Role.ADMIN)
        invitation_id = require_id(input.id, invitations.NO_SUCH_INVITATION, "id")
        async with info.context.writing() as work:
            withdrawn = await invitations.withdraw(work, info.context.services.journal, principal, invitation_id)
        return InvitationWithdrawSuccess(invitation=Invitation.of(withdrawn))

    @strawberry.mutation(description="Make the account of an invitation; then sign in. Needs no access token.")
    @returns_errors(ValidationFailed, NotFound, Conflict, TooManyAttempts)
    async def invitation_accept(self, info: Info, input: InvitationAcceptInput) -> InvitationAcceptResult:  # noqa: A002
        made = await info.context.services.identity.accept_invitation(
            input.token, info.context.address, full_name=input.full_name, password=input.password
        )
        return InvitationAcceptSuccess(user=User.of(made))
