"""What a tenant of the isolation tests has of people: an invitation beside its users."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from plantwright.core.database import UnitOfWork
from plantwright.identity import repository
from plantwright.identity.invitations import invite
from plantwright.identity.models import Invitation, Role, UserSession
from plantwright.identity.principal import Principal
from plantwright.identity.refresh import SessionRules, open_session
from plantwright.journal.service import Journal

from tests.factories import PASSWORD

# They need nobody to be signed in, or end what the tests go on with.
PERSONAL = {"login", "logout", "invitationAccept", "sessionRefresh", "register"}
MAKES_OWN = {"userCreate", "invitationCreate", "profileUpdate", "passwordChange"}
ANYBODY = {"profileUpdate": "Success", "passwordChange": "Success", "sessionRevoke": "NotFound"}


@dataclass(frozen=True)
class IdentityProperty:
    invitation: Invitation
    session: UserSession
    viewer_id: UUID

    def ids(self) -> tuple[UUID, ...]:
        return (self.invitation.id, self.session.id)

    def inputs(self) -> dict[str, dict[str, Any]]:
        return {
            "userCreate": {"email": _new_email(), "fullName": "x", "role": "ADMIN", "password": PASSWORD},
            "userUpdate": {"id": str(self.viewer_id), "role": "ADMIN"},
            "invitationCreate": {"email": _new_email(), "role": "ADMIN"},
            "invitationWithdraw": {"id": str(self.invitation.id)},
            "sessionRevoke": {"id": str(self.session.id)},
            "profileUpdate": {"fullName": "x"},
            "passwordChange": {"currentPassword": PASSWORD, "newPassword": "Another-Horse-7"},
        }

    def bodies(self) -> dict[str, dict[str, Any]]:
        return {
            "POST /users": {
                "email": _new_email(),
                "full_name": "x",
                "role": "admin",
                "password": PASSWORD,
            },
            "PATCH /users/{user_id}": {"role": "admin"},
            "POST /invitations": {"email": _new_email(), "role": "admin"},
            "PATCH /settings/profile": {"full_name": "x"},
            "POST /settings/change-password": {
                "current_password": PASSWORD,
                "new_password": "Another-Horse-7",
            },
        }


async def furnish_identity(
    work: UnitOfWork, journal: Journal, principal: Principal, viewer_id: UUID
) -> IdentityProperty:
    invitation, _ = await invite(work, journal, principal, email=_new_email(), role=Role.VIEWER)
    user = await repository.get_user(work, principal.user_id)
    assert user is not None
    session, _ = await open_session(work, user, SessionRules(), address="192.0.2.1", device="")
    return IdentityProperty(invitation, session, viewer_id)


def _new_email() -> str:
    return f"new-{uuid4().hex[:10]}@example.com"
