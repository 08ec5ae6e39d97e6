"""Making tenants and users."""

import asyncio
import re
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from plantwright.core.database import Database, UnitOfWork
from plantwright.core.errors import Conflict, ValidationFailed
from plantwright.core.ids import uuid7
from plantwright.identity.models import CredentialDirectory, Role, Tenant, Tier, User
from plantwright.identity.passwords import hash_password, require_strong
from plantwright.identity.repository import lookup_hash
from plantwright.journal.service import Fact, Journal

# The HTML standard's rule for an e-mail field; whether it exists only a message to it can tell.
_EMAIL = re.compile(r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9-]+)+")
_LONGEST_EMAIL = 254
LONGEST_NAME = 200
EMAIL_TAKEN = "A user with this email already exists."


async def create_tenant(database: Database, journal: Journal, *, name: str, tier: Tier) -> Tenant:
    tenant = Tenant(id=uuid7(), name=name, tier=tier.value)
    async with database.transaction(tenant.id) as work:
        await _add_tenant(work, journal, tenant)
    return tenant


async def register_tenant(
    database: Database, journal: Journal, *, name: str, tier: Tier, email: str, full_name: str, password: str
) -> tuple[Tenant, User]:
    """A tenant and its first admin, both or neither.

    Raises:
        ValidationFailed: the address or the password breaks a rule.
        Conflict: the address has an account already.
    """
    tenant = Tenant(id=uuid7(), name=name, tier=tier.value)
    async with database.transaction(tenant.id) as work:
        await _add_tenant(work, journal, tenant)
        admin = await create_user(work, journal, email=email, full_name=full_name, password=password, role=Role.ADMIN)
    return tenant, admin


async def _add_tenant(work: UnitOfWork, journal: Journal, tenant: Tenant) -> None:
    work.session.add(tenant)
    payload = {"name": tenant.name, "tier": tenant.tier}
    fact = Fact(action="tenant.created", resource_type="tenant", resource_id=str(tenant.id), payload=payload)
    await journal.append(work, fact)


async def create_user(
    work: UnitOfWork,
    journal: Journal,
    *,
    email: str,
    full_name: str,
    password: str,
    role: Role,
    actor_id: UUID | None = None,
) -> User:
    """
    Raises:
        ValidationFailed: the address, the name or the password breaks a rule.
        Conflict: the address has an account already.
    """
    email = clean_email(email)
    full_name = clean_name(full_name)
    await asyncio.to_thread(require_strong, password, [email, full_name])
    user = User(
        tenant_id=work.tenant_id,
        email=email,
        full_name=full_name,
        password_hash=await hash_password(password),
        role=role.value,
    )
    work.session.add(CredentialDirectory(lookup_hash=lookup_hash("email", email), tenant_id=work.tenant_id))
    work.session.add(user)
    try:
        await work.session.flush()
    except IntegrityError as error:
        raise Conflict(EMAIL_TAKEN, ["email"]) from error
    await journal.append(
        work,
        Fact(
            action="user.created",
            resource_type="user",
            resource_id=str(user.id),
            payload={"role": role, "email": email},
            actor_id=actor_id,
        ),
    )
    return user


def clean_email(email: str) -> str:
    """As it is stored.

    Raises:
        ValidationFailed: it is no address.
    """
    email = email.strip().lower()
    if len(email) > _LONGEST_EMAIL or not _EMAIL.fullmatch(email):
        raise ValidationFailed("value is not a valid email address", ["email"])
    return email


def clean_name(name: str, path: str = "fullName") -> str:
    """
    Raises:
        ValidationFailed: it is empty, too long or no text.
    """
    name = name.strip()
    if not 1 <= len(name) <= LONGEST_NAME or not name.isprintable():
        raise ValidationFailed(f"A name has 1 to {LONGEST_NAME} characters that can be printed.", [path])
    return name
