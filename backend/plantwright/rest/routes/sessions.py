"""Sessions and the own profile."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from plantwright.rest.documents import TOO_MANY_ATTEMPTS, USER_ERROR, mutation, query
from plantwright.rest.route import Call, RestRoute, body_as_input, item
from plantwright.rest.routes.users import USER, User
from plantwright.rest.shapes import Body, PageParameters, Payload

SESSION = "fragment SessionFields on Session { id userId device address createdAt refreshedAt expiresAt isCurrent }"
ERRORS = f"{USER_ERROR} {TOO_MANY_ATTEMPTS}"


class Session(Body):
    id: UUID
    user_id: UUID
    device: str
    address: str
    created_at: datetime
    refreshed_at: datetime
    expires_at: datetime
    is_current: bool


class SessionParameters(PageParameters):
    user_id: UUID | None = Field(default=None, description="Of this person, for admins; left out: one's own.")


class ProfileUpdate(Payload):
    full_name: str | None = None
    email: str | None = None
    current_password: str | None = Field(default=None, description="Needed for a new email.")


class PasswordChange(Payload):
    current_password: str
    new_password: str


def _owner(call: Call) -> dict[str, object]:
    return dict(call.query)


ROUTES = (
    RestRoute(
        method="GET",
        path="/auth/sessions",
        summary="Sessions that go on, the last refreshed first: one's own, or for admins those of a person.",
        document=query("query Sessions($userId: ID) { sessions(userId: $userId) { ...SessionFields } }", SESSION),
        query=SessionParameters,
        answer=Session,
        variables=_owner,
    ),
    RestRoute(
        method="DELETE",
        path="/auth/sessions/{session_id}",
        summary="End a session: one's own, or for admins that of a person of the tenant.",
        document=mutation("sessionRevoke", "session { id }"),
        answer=None,
        variables=body_as_input(id="session_id"),
        status=204,
    ),
    RestRoute(
        method="PATCH",
        path="/settings/profile",
        summary="Change one's own name or email.",
        document=mutation("profileUpdate", "user { ...UserFields }", USER, errors=ERRORS),
        body=ProfileUpdate,
        answer=User,
        variables=body_as_input(),
        result=item("user"),
    ),
    RestRoute(
        method="POST",
        path="/settings/change-password",
        summary="Change one's own password; every other session of the person ends.",
        document=mutation("passwordChange", "user { id }", errors=ERRORS),
        body=PasswordChange,
        answer=None,
        variables=body_as_input(),
        status=204,
    ),
)
