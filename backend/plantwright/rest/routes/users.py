"""People of the tenant and invitations."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AliasPath, Field

from plantwright.identity.models import Role
from plantwright.rest.documents import TOO_MANY_ATTEMPTS, USER_ERROR, mutation, query
from plantwright.rest.route import RestRoute, body_as_input, item
from plantwright.rest.shapes import FROM_NAME, Body, PageParameters, Payload

USER = "fragment UserFields on User { id email fullName role isActive }"
INVITATION = (
    "fragment InvitationFields on Invitation { id email role createdAt expiresAt acceptedAt withdrawnAt isOpen }"
)


class User(Body):
    id: UUID
    email: str
    full_name: str
    role: Annotated[Role, FROM_NAME]
    is_active: bool


class UserCreate(Payload):
    email: str
    full_name: str
    role: Annotated[Role, Field(strict=False)]
    password: str = Field(description="The first one; the person changes it.")


class UserUpdate(Payload):
    full_name: str | None = None
    role: Annotated[Role, Field(strict=False)] | None = None
    is_active: bool | None = None


class Invitation(Body):
    id: UUID
    email: str
    role: Annotated[Role, FROM_NAME]
    created_at: datetime
    expires_at: datetime
    accepted_at: datetime | None
    withdrawn_at: datetime | None
    is_open: bool


class InvitationCreate(Payload):
    email: str
    role: Annotated[Role, Field(strict=False)]


class CreatedInvitation(Body):
    invitation: Invitation
    token: str = Field(description="Part of the link; it is not kept and cannot be shown again.")
    link: str


class InvitationAccept(Payload):
    token: str
    full_name: str
    password: str


class AcceptedInvitation(Body):
    id: UUID = Field(validation_alias=AliasPath("user", "id"))
    email: str = Field(validation_alias=AliasPath("user", "email"))


ROUTES = (
    RestRoute(
        method="GET",
        path="/users",
        summary="Everyone of the tenant, by name.",
        document=query("{ users { ...UserFields } }", USER),
        query=PageParameters,
        answer=User,
    ),
    RestRoute(
        method="POST",
        path="/users",
        summary="Make an account with a first password. Admins only.",
        document=mutation("userCreate", "user { ...UserFields }", USER),
        body=UserCreate,
        answer=User,
        variables=body_as_input(),
        result=item("user"),
        status=201,
    ),
    RestRoute(
        method="PATCH",
        path="/users/{user_id}",
        summary="Change name, role or access of a person. Admins only; one of them always stays.",
        document=mutation("userUpdate", "user { ...UserFields }", USER),
        body=UserUpdate,
        answer=User,
        variables=body_as_input(id="user_id"),
        result=item("user"),
    ),
    RestRoute(
        method="GET",
        path="/invitations",
        summary="All invitations, newest first, those that are over too. Admins only.",
        document=query("{ invitations { ...InvitationFields } }", INVITATION),
        query=PageParameters,
        answer=Invitation,
    ),
    RestRoute(
        method="POST",
        path="/invitations",
        summary="Invite a person; an open invitation to the same address is withdrawn. Admins only.",
        document=mutation("invitationCreate", "token link invitation { ...InvitationFields }", INVITATION),
        body=InvitationCreate,
        answer=CreatedInvitation,
        variables=body_as_input(),
        status=201,
    ),
    RestRoute(
        method="DELETE",
        path="/invitations/{invitation_id}",
        summary="Refuse the link of an invitation from now on. Admins only.",
        document=mutation("invitationWithdraw", "invitation { id }"),
        answer=None,
        variables=body_as_input(id="invitation_id"),
        status=204,
    ),
    RestRoute(
        method="POST",
        path="/auth/invitations/accept",
        summary="Make the account of an invitation; then sign in.",
        document=mutation("invitationAccept", "user { id email }", errors=f"{USER_ERROR} {TOO_MANY_ATTEMPTS}"),
        body=InvitationAccept,
        answer=AcceptedInvitation,
        variables=body_as_input(),
        status=201,
        is_public=True,
    ),
)
