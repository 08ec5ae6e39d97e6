"""What a tenant of the isolation tests has of people: an invitation beside its users."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from plantwright.core.database import UnitOfWork
from plantwright.identity.invitations import invite
from plantwright.identity.models import Invitation, Role
from plantwright.identity.principal import Principal
from plantwright.journal.service import Journal

# They need nobody to be signed in, or end what the tests go on with.
PERSONAL = {"login", "logout", "invitationAccept"}
MAKES_OWN = {"userCreate", "invitationCreate"}


@dataclass(frozen=True)
class IdentityProperty:
    invitation: Invitation
    viewer_id: UUID

    def ids(self) -> tuple[UUID, ...]:
        return (self.invitation.id,)

    def inputs(self) -> dict[str, dict[str, Any]]:
        return {
            "userCreate": {"email": _new_email(), "fullName": "x", "role": "ADMIN", "password": "Correct-Horse-7"},
            "userUpdate": {"id": str(self.viewer_id), "role": "ADMIN"},
            "invitationCreate": {"email": _new_email(), "role": "ADMIN"},
            "invitationWithdraw": {"id": str(self.invitation.id)},
        }

    def bodies(self) -> dict[str, dict[str, Any]]:
        return {
            "POST /users": {
                "email": _new_email(),
                "full_name": "x",
                "role": "admin",
                "password": "Correct-Horse-7",
            },
            "PATCH /users/{user_id}": {"role": "admin"},
            "POST /invitations": {"email": _new_email(), "role": "admin"},
        }


async def furnish_identity(
    work: UnitOfWork, journal: Journal, principal: Principal, viewer_id: UUID
) -> IdentityProperty:
    invitation, _ = await invite(work, journal, principal, email=_new_email(), role=Role.VIEWER)
    return IdentityProperty(invitation, viewer_id)


def _new_email() -> str:
    return f"new-{uuid4().hex[:10]}@example.com"
