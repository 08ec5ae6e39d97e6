"""Changes that an admin makes to the people of the tenant."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from plantwright.core.clock import utc_now
from plantwright.core.database import UnitOfWork
from plantwright.core.errors import Conflict, NotFound
from plantwright.identity import repository
from plantwright.identity.models import Role, User
from plantwright.identity.principal import Principal
from plantwright.identity.registration import clean_name
from plantwright.journal.service import Fact, Journal

NO_SUCH_USER = "User not found."
LAST_ADMIN = "This is the last active admin. Make somebody else an admin first."


@dataclass(frozen=True, slots=True, kw_only=True)
class UserChange:
    """What is None stays as it is."""

    full_name: str | None = None
    role: Role | None = None
    is_active: bool | None = None


async def update_user(
    work: UnitOfWork, journal: Journal, principal: Principal, user_id: UUID, change: UserChange
) -> User:
    """A new role holds at the next request of the person; whoever is deactivated is refused from then on.

    Raises:
        NotFound: no such user in this tenant.
        ValidationFailed: the name breaks a rule.
        Conflict: nobody would be left who can administer the tenant.
    """
    # Always in this order, so that two admins who change each other wait and do not lock each other out.
    admins = await repository.lock_active_admins(work)
    user = await repository.lock_user(work, user_id)
    if user is None:
        raise NotFound(NO_SUCH_USER, ["id"])
    values = _values(user, change)
    changes = {
        name: {"old": getattr(user, name), "new": value}
        for name, value in values.items()
        if getattr(user, name) != value
    }
    if not changes:
        return user
    for name in changes:
        setattr(user, name, values[name])
    if list(admins) == [user.id] and not (user.is_active and user.role == Role.ADMIN.value):
        raise Conflict(LAST_ADMIN, ["role" if "role" in changes else "isActive"])
    work.session.add(user)
    if not user.is_active:
        await repository.end_sessions(work, user.id, utc_now())
    fact = Fact(
        action="user.updated",
        resource_type="user",
        resource_id=str(user.id),
        payload={"changes": changes},
        actor_id=principal.user_id,
    )
    await journal.append(work, fact)
    return user


def _values(user: User, change: UserChange) -> dict[str, Any]:
    return {
        "full_name": user.full_name if change.full_name is None else clean_name(change.full_name),
        "role": user.role if change.role is None else change.role.value,
        "is_active": user.is_active if change.is_active is None else change.is_active,
    }
