"""Who is asking: a person with a role, or a key with scopes."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from plantwright.core.errors import PermissionDenied
from plantwright.identity.models import Role


@dataclass(frozen=True, slots=True)
class Principal:
    """A signed-in person."""

    tenant_id: UUID
    user_id: UUID
    role: Role
    token_id: str
    expires_at: datetime
    session_id: UUID | None = None

    def require(self, *roles: Role) -> None:
        """
        Raises:
            PermissionDenied: the person has none of these roles.
        """
        if self.role not in roles:
            names = " or ".join(role.value for role in roles)
            raise PermissionDenied(f"This needs the role {names}; you are signed in as {self.role.value}.")


@dataclass(frozen=True, slots=True)
class KeyPrincipal:
    """A program with an API key."""

    tenant_id: UUID
    tenant_no: int
    key_id: UUID
    scopes: frozenset[str]
