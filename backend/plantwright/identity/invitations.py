"""Invitations: a link that lets one person make their own account, once and for some days."""

import hashlib
import secrets
from datetime import timedelta
from uuid import UUID

from plantwright.core.clock import utc_now
from plantwright.core.database import Database, UnitOfWork
from plantwright.core.errors import Conflict, NotFound
from plantwright.identity import repository
from plantwright.identity.models import CredentialDirectory, Invitation, Role, User
from plantwright.identity.principal import Principal
from plantwright.identity.registration import EMAIL_TAKEN, clean_email, create_user
from plantwright.journal.service import Fact, Journal

LIFETIME = timedelta(days=7)
UNUSABLE = "This invitation cannot be used: it was used, withdrawn or is over. Ask an admin for a new one."
NO_SUCH_INVITATION = "Invitation not found."


async def invite(
    work: UnitOfWork, journal: Journal, principal: Principal, *, email: str, role: Role
) -> tuple[Invitation, str]:
    """The invitation and its token, which is not kept; an open one to the same address is withdrawn.

    Raises:
        ValidationFailed: it is no address.
        Conflict: the address has an account already.
    """
    email = clean_email(email)
    if await repository.find_tenant_of(work, repository.lookup_hash("email", email)) is not None:
        raise Conflict(EMAIL_TAKEN, ["email"])
    earlier = await repository.lock_open_invitation(work, email)
    if earlier is not None:
        await _withdraw(work, journal, principal, earlier)
        # The index lets one be open.
        await work.session.flush()
    token = secrets.token_urlsafe(32)
    invitation = Invitation(
        tenant_id=work.tenant_id,
        email=email,
        role=role.value,
        token_hash=_digest(token),
        invited_by=principal.user_id,
        expires_at=utc_now() + LIFETIME,
    )
    work.session.add(invitation)
    directory = CredentialDirectory(lookup_hash=repository.lookup_hash("invitation", token), tenant_id=work.tenant_id)
    work.session.add(directory)
    await journal.append(work, _fact("invitation.created", invitation, principal.user_id))
    return invitation, token


async def withdraw(work: UnitOfWork, journal: Journal, principal: Principal, invitation_id: UUID) -> Invitation:
    """Withdrawing twice changes nothing.

    Raises:
        NotFound: no such invitation in this tenant.
        Conflict: it was accepted; the account that came of it can be deactivated.
    """
    invitation = await repository.lock_invitation(work, invitation_id)
    if invitation is None:
        raise NotFound(NO_SUCH_INVITATION, ["id"])
    if invitation.accepted_at is not None:
        raise Conflict("This invitation was accepted. Deactivate the user instead.", ["id"])
    if invitation.withdrawn_at is None:
        await _withdraw(work, journal, principal, invitation)
    return invitation


async def accept(database: Database, journal: Journal, token: str, *, full_name: str, password: str) -> User:
    """The new person, with the address and role of the invitation.

    Raises:
        NotFound: the token opens nothing, or no longer; which one is not told.
        ValidationFailed: the name or the password breaks a rule; the invitation can still be used.
        Conflict: the address has got an account meanwhile.
    """
    async with database.transaction() as work:
        tenant_id = await repository.find_tenant_of(work, repository.lookup_hash("invitation", token))
        if tenant_id is None:
            raise NotFound(UNUSABLE, ["token"])
        await work.enter_tenant(tenant_id)
        invitation = await repository.lock_invitation_by_hash(work, _digest(token))
        if invitation is None or not is_open(invitation):
            raise NotFound(UNUSABLE, ["token"])
        user = await create_user(
            work,
            journal,
            email=invitation.email,
            full_name=full_name,
            password=password,
            role=Role(invitation.role),
            actor_id=invitation.invited_by,
        )
        invitation.accepted_at = utc_now()
        work.session.add(invitation)
        await journal.append(work, _fact("invitation.accepted", invitation, user.id))
    return user


def is_open(invitation: Invitation) -> bool:
    is_pending = invitation.accepted_at is None and invitation.withdrawn_at is None
    return is_pending and invitation.expires_at > utc_now()


async def _withdraw(work: UnitOfWork, journal: Journal, principal: Principal, invitation: Invitation) -> None:
    invitation.withdrawn_at = utc_now()
    work.session.add(invitation)
    await journal.append(work, _fact("invitation.withdrawn", invitation, principal.user_id))


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode(errors="surrogatepass")).digest()


def _fact(action: str, invitation: Invitation, actor_id: UUID) -> Fact:
    return Fact(
        action=action,
        resource_type="invitation",
        resource_id=str(invitation.id),
        payload={"email": invitation.email, "role": invitation.role, "expires_at": invitation.expires_at},
        actor_id=actor_id,
    )
