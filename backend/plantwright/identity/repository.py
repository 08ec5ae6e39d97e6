"""SQL of tenants, users, keys and settings."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, delete, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from plantwright.core.database import UnitOfWork
from plantwright.identity.models import (
    ApiKey,
    CredentialDirectory,
    Invitation,
    Role,
    Tenant,
    TenantSetting,
    User,
    UserSession,
)


def lookup_hash(kind: str, value: str) -> bytes:
    """Any text has one, also text that is no valid Unicode: it names nobody, and that is the answer."""
    return hashlib.sha256(f"{kind}:{value}".encode(errors="surrogatepass")).digest()


async def find_tenant_of(work: UnitOfWork, digest: bytes) -> UUID | None:
    """The tenant of a credential; the policy shows the one row with this hash and no other."""
    await work.execute(text(f"SET LOCAL app.lookup_hash = '{digest.hex()}'"))
    statement = select(CredentialDirectory.tenant_id).where(CredentialDirectory.lookup_hash == digest)
    return (await work.session.exec(statement)).one_or_none()


async def list_tenants(work: UnitOfWork) -> Sequence[tuple[UUID, int]]:
    """Id and number of every tenant; only the worker's role sees more than its own."""
    return (await work.session.exec(select(Tenant.id, Tenant.number).order_by(col(Tenant.number)))).all()  # type: ignore[return-value]


async def list_tenant_names(work: UnitOfWork) -> Sequence[tuple[UUID, str]]:
    """Id and name of every tenant; only the worker's role sees more than its own."""
    return (await work.session.exec(select(Tenant.id, Tenant.name).order_by(col(Tenant.number)))).all()


async def get_tenant(work: UnitOfWork) -> Tenant:
    return (await work.session.exec(select(Tenant).where(Tenant.id == work.tenant_id))).one()


async def get_user(work: UnitOfWork, user_id: UUID) -> User | None:
    statement = select(User).where(User.tenant_id == work.tenant_id, User.id == user_id)
    return (await work.session.exec(statement)).one_or_none()


async def get_user_in_session(work: UnitOfWork, user_id: UUID, session_id: UUID) -> User | None:
    """None too when the session is over."""
    is_theirs = and_(
        col(UserSession.tenant_id) == work.tenant_id,
        col(UserSession.user_id) == user_id,
        col(UserSession.id) == session_id,
        col(UserSession.ended_at).is_(None),
    )
    statement = select(User).join(UserSession, is_theirs).where(User.tenant_id == work.tenant_id, User.id == user_id)
    return (await work.session.exec(statement)).one_or_none()


async def lock_session(work: UnitOfWork, session_id: UUID) -> UserSession | None:
    statement = select(UserSession).where(UserSession.tenant_id == work.tenant_id, UserSession.id == session_id)
    return (await work.session.exec(statement.with_for_update())).one_or_none()


async def lock_session_by_locator(work: UnitOfWork, locator_hash: bytes) -> UserSession | None:
    statement = select(UserSession).where(
        UserSession.tenant_id == work.tenant_id, UserSession.locator_hash == locator_hash
    )
    return (await work.session.exec(statement.with_for_update())).one_or_none()


async def list_open_sessions(
    work: UnitOfWork, user_id: UUID, now: datetime, refreshed_after: datetime
) -> Sequence[UserSession]:
    statement = select(UserSession).where(
        UserSession.tenant_id == work.tenant_id,
        UserSession.user_id == user_id,
        col(UserSession.ended_at).is_(None),
        UserSession.expires_at > now,
        UserSession.refreshed_at > refreshed_after,
    )
    return (await work.session.exec(statement.order_by(col(UserSession.refreshed_at).desc()))).all()


async def end_sessions(work: UnitOfWork, user_id: UUID, now: datetime, but: UUID | None = None) -> int:
    """How many there were to end; `but` goes on."""
    statement = update(UserSession).where(
        col(UserSession.tenant_id) == work.tenant_id,
        col(UserSession.user_id) == user_id,
        col(UserSession.ended_at).is_(None),
    )
    if but is not None:
        statement = statement.where(col(UserSession.id) != but)
    return (await work.execute(statement.values(ended_at=now))).rowcount


async def delete_old_sessions(work: UnitOfWork, user_id: UUID, before: datetime) -> None:
    """Of this person, with what the directory knows of them."""
    statement = delete(UserSession).where(
        col(UserSession.tenant_id) == work.tenant_id,
        col(UserSession.user_id) == user_id,
        col(UserSession.expires_at) < before,
    )
    gone = (await work.execute(statement.returning(col(UserSession.locator_hash)))).scalars().all()
    if gone:
        await delete_lookups(work, gone)


async def delete_lookups(work: UnitOfWork, digests: Sequence[bytes]) -> None:
    await work.execute(
        delete(CredentialDirectory).where(
            col(CredentialDirectory.tenant_id) == work.tenant_id, col(CredentialDirectory.lookup_hash).in_(digests)
        )
    )


async def get_users(work: UnitOfWork, user_ids: Sequence[UUID]) -> Sequence[User]:
    statement = select(User).where(User.tenant_id == work.tenant_id, col(User.id).in_(user_ids))
    return (await work.session.exec(statement)).all()


async def find_user_by_email(work: UnitOfWork, email: str) -> User | None:
    statement = select(User).where(User.tenant_id == work.tenant_id, User.email == email)
    return (await work.session.exec(statement)).one_or_none()


async def list_users(work: UnitOfWork) -> Sequence[User]:
    statement = select(User).where(User.tenant_id == work.tenant_id).order_by(col(User.full_name), col(User.id))
    return (await work.session.exec(statement)).all()


async def lock_user(work: UnitOfWork, user_id: UUID) -> User | None:
    statement = select(User).where(User.tenant_id == work.tenant_id, User.id == user_id).with_for_update()
    return (await work.session.exec(statement)).one_or_none()


async def lock_active_admins(work: UnitOfWork) -> Sequence[UUID]:
    """Until the commit nobody else takes the role of one of them, or their access."""
    statement = (
        select(User.id)
        .where(User.tenant_id == work.tenant_id, User.role == Role.ADMIN.value, col(User.is_active))
        .order_by(col(User.id))
        .with_for_update()
    )
    return (await work.session.exec(statement)).all()


async def lock_invitation(work: UnitOfWork, invitation_id: UUID) -> Invitation | None:
    statement = select(Invitation).where(Invitation.tenant_id == work.tenant_id, Invitation.id == invitation_id)
    return (await work.session.exec(statement.with_for_update())).one_or_none()


async def lock_invitation_by_hash(work: UnitOfWork, token_hash: bytes) -> Invitation | None:
    statement = select(Invitation).where(Invitation.tenant_id == work.tenant_id, Invitation.token_hash == token_hash)
    return (await work.session.exec(statement.with_for_update())).one_or_none()


async def lock_open_invitation(work: UnitOfWork, email: str) -> Invitation | None:
    statement = select(Invitation).where(
        Invitation.tenant_id == work.tenant_id,
        Invitation.email == email,
        col(Invitation.accepted_at).is_(None),
        col(Invitation.withdrawn_at).is_(None),
    )
    return (await work.session.exec(statement.with_for_update())).one_or_none()


async def list_invitations(work: UnitOfWork) -> Sequence[Invitation]:
    statement = select(Invitation).where(Invitation.tenant_id == work.tenant_id)
    return (await work.session.exec(statement.order_by(col(Invitation.created_at).desc()))).all()


async def get_key(work: UnitOfWork, key_id: UUID) -> ApiKey | None:
    statement = select(ApiKey).where(ApiKey.tenant_id == work.tenant_id, ApiKey.id == key_id)
    return (await work.session.exec(statement)).one_or_none()


async def find_key_by_hash(work: UnitOfWork, key_hash: bytes) -> ApiKey | None:
    statement = select(ApiKey).where(ApiKey.tenant_id == work.tenant_id, ApiKey.key_hash == key_hash)
    return (await work.session.exec(statement)).one_or_none()


async def list_keys(work: UnitOfWork) -> Sequence[ApiKey]:
    statement = select(ApiKey).where(ApiKey.tenant_id == work.tenant_id).order_by(col(ApiKey.created_at).desc())
    return (await work.session.exec(statement)).all()


async def read_settings(work: UnitOfWork, prefix: str = "") -> dict[str, Any]:
    statement = select(TenantSetting).where(
        TenantSetting.tenant_id == work.tenant_id, col(TenantSetting.name).startswith(prefix, autoescape=True)
    )
    return {row.name: row.value for row in (await work.session.exec(statement)).all()}


async def write_setting(work: UnitOfWork, name: str, value: Any) -> None:
    statement = insert(TenantSetting).values(tenant_id=work.tenant_id, name=name, value=value)
    await work.execute(
        statement.on_conflict_do_update(index_elements=["tenant_id", "name"], set_={"value": statement.excluded.value})
    )
