"""Login, refresh, logout and the check of an access token."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import structlog

from plantwright.core.clock import utc_now
from plantwright.core.database import Database, UnitOfWork
from plantwright.core.errors import InvalidCredentials, NotFound, Unauthenticated
from plantwright.identity import refresh, repository
from plantwright.identity.models import Role, Tenant, Tier, User, UserSession
from plantwright.identity.passwords import verify_password
from plantwright.identity.principal import Principal
from plantwright.identity.sessions import SessionStore
from plantwright.identity.tokens import INVALID, TokenIssuer
from plantwright.journal.service import Fact, Journal

log = structlog.get_logger()

WRONG_CREDENTIALS = "Invalid email or password."
INACTIVE = "User account is inactive."
NO_SUCH_SESSION = "Session not found."
SESSION_OVER = "Your session is over. Sign in again."


@dataclass(frozen=True, slots=True)
class Session:
    """`refresh_token` is None when the one that was sent goes on: another tab has just got the next one."""

    access_token: str
    expires_at: datetime
    refresh_token: str | None
    ends_at: datetime
    principal: Principal
    user: User
    tenant: Tenant


class Authenticator:
    def __init__(
        self,
        database: Database,
        journal: Journal,
        tokens: TokenIssuer,
        sessions: SessionStore,
        rules: refresh.SessionRules | None = None,
    ) -> None:
        self.rules = rules or refresh.SessionRules()
        self._database = database
        self._journal = journal
        self._tokens = tokens
        self._sessions = sessions

    async def login(self, email: str, password: str, address: str, device: str = "") -> Session:
        """
        Raises:
            InvalidCredentials: unknown e-mail, wrong password or inactive account; which one is not told.
            TooManyAttempts: too many failures of this account, or from this address.
            Unavailable: attempts cannot be counted; the door stays shut.
        """
        email = email.strip().lower()
        await self._sessions.count_login_attempt(email, address)
        user = await self._find_user(email)
        stored = None if user is None else user.password_hash
        if not await verify_password(stored, password) or user is None or not user.is_active:
            await self._record_failure(user, address)
            raise InvalidCredentials(WRONG_CREDENTIALS)
        await self._sessions.forget_login_attempts(email, address)
        return await self.open_session(user, address, device)

    async def logout(self, principal: Principal) -> None:
        await self._sessions.revoke(principal.token_id, principal.expires_at)
        async with self._database.transaction(principal.tenant_id) as work:
            if principal.session_id is not None:
                await end_session(work, principal.session_id)
            await self._record(work, "user.logged_out", str(principal.user_id), principal, {})

    async def authenticate(self, token: str) -> Principal:
        """The person behind a token, with the role they have now.

        Raises:
            Unauthenticated: forged, expired or revoked token, or a user who is gone or inactive.
            Unavailable: revocations cannot be looked up; the door stays shut.
        """
        claimed = self._tokens.read(token)
        if await self._sessions.is_revoked(claimed.token_id):
            raise Unauthenticated(INVALID)
        async with self._database.reading(claimed.tenant_id) as work:
            if claimed.session_id is None:
                user = await repository.get_user(work, claimed.user_id)
            else:
                user = await repository.get_user_in_session(work, claimed.user_id, claimed.session_id)
                if user is None:
                    # Deactivation ends all sessions of a person, and they should read why.
                    user = _if_inactive(await repository.get_user(work, claimed.user_id))
        if user is None:
            raise Unauthenticated(INVALID)
        if not user.is_active:
            raise Unauthenticated(INACTIVE)
        return replace(claimed, role=Role(user.role))

    async def _find_user(self, email: str) -> User | None:
        async with self._database.transaction() as work:
            tenant_id = await repository.find_tenant_of(work, repository.lookup_hash("email", email))
            if tenant_id is None:
                log.info(
                    "login_unknown_account",
                    account=hashlib.sha256(email.encode(errors="surrogatepass")).hexdigest()[:12],
                )
                return None
            await work.enter_tenant(tenant_id)
            return await repository.find_user_by_email(work, email)

    async def open_session(self, user: User, address: str, device: str) -> Session:
        """For somebody who has just shown who they are."""
        async with self._database.transaction(user.tenant_id) as work:
            row, refresh_token = await refresh.open_session(work, user, self.rules, address=address, device=device)
            session = await self._issue(work, user, row, refresh_token)
            await self._record(work, "user.logged_in", str(user.id), session.principal, {"address": address})
        return session

    async def refresh(self, refresh_token: str, address: str, device: str) -> Session:
        """
        Raises:
            Unauthenticated: no such session, one that is over, or a token that was used before, which ends the session.
        """
        locator, secret = refresh.split(refresh_token)
        async with self._database.transaction() as work:
            tenant_id = await repository.find_tenant_of(work, refresh.locator_hash(locator))
            if tenant_id is None:
                raise Unauthenticated(SESSION_OVER)
            await work.enter_tenant(tenant_id)
            session = await self._refresh(work, locator, secret, (address, device))
        if session is None:
            raise Unauthenticated(SESSION_OVER)
        return session

    async def _refresh(self, work: UnitOfWork, locator: str, secret: str, origin: tuple[str, str]) -> Session | None:
        """None when the session is over; what ends it has to be committed."""
        now = utc_now()
        row = await repository.lock_session_by_locator(work, refresh.locator_hash(locator))
        if row is None or self.rules.is_over(row, now):
            return None
        user = await repository.get_user(work, row.user_id)
        if user is None or not user.is_active:
            return None
        use = refresh.judge(row, secret, now)
        if use is refresh.Use.COPIED:
            await self._end_copied(work, row, origin[0])
            return None
        if use is refresh.Use.JUST_REPLACED:
            return await self._issue(work, user, row, None)
        row.address, row.device = origin[0], origin[1][: refresh.LONGEST_DEVICE]
        work.session.add(row)
        return await self._issue(work, user, row, refresh.rotate(row, locator, now))

    async def _end_copied(self, work: UnitOfWork, row: UserSession, address: str) -> None:
        row.ended_at = utc_now()
        work.session.add(row)
        fact = Fact(
            action="session.token_reused",
            resource_type="session",
            resource_id=str(row.id),
            payload={"user_id": row.user_id, "address": address},
        )
        await self._journal.append(work, fact)

    async def _issue(self, work: UnitOfWork, user: User, row: UserSession, refresh_token: str | None) -> Session:
        tenant = await repository.get_tenant(work)
        token, expires_at = self._tokens.issue(
            user_id=user.id,
            tenant_id=user.tenant_id,
            tier=Tier(tenant.tier),
            role=Role(user.role),
            session_id=row.id,
            until=row.expires_at,
        )
        return Session(token, expires_at, refresh_token, row.expires_at, self._tokens.read(token), user, tenant)

    async def _record(
        self, work: UnitOfWork, action: str, user_id: str, principal: Principal, payload: dict[str, str]
    ) -> None:
        await self._journal.append(
            work,
            Fact(
                action=action,
                resource_type="user",
                resource_id=user_id,
                payload=payload,
                actor_id=principal.user_id,
            ),
        )

    async def _record_failure(self, user: User | None, address: str) -> None:
        if user is None:
            return
        async with self._database.transaction(user.tenant_id) as work:
            fact = Fact(
                action="user.login_failed",
                resource_type="user",
                resource_id=str(user.id),
                payload={"address": address},
            )
            await self._journal.append(work, fact)


async def end_session(work: UnitOfWork, session_id: UUID) -> None:
    row = await repository.lock_session(work, session_id)
    if row is not None and row.ended_at is None:
        row.ended_at = utc_now()
        work.session.add(row)


async def end_session_of(work: UnitOfWork, journal: Journal, principal: Principal, session_id: UUID) -> UserSession:
    """Ending twice changes nothing.

    Raises:
        NotFound: no such session of the person, or for admins of the tenant.
    """
    row = await repository.lock_session(work, session_id)
    if row is None or (row.user_id != principal.user_id and principal.role is not Role.ADMIN):
        raise NotFound(NO_SUCH_SESSION, ["id"])
    if row.ended_at is None:
        row.ended_at = utc_now()
        work.session.add(row)
        fact = Fact(
            action="session.revoked",
            resource_type="session",
            resource_id=str(row.id),
            payload={"user_id": row.user_id},
            actor_id=principal.user_id,
        )
        await journal.append(work, fact)
    return row


def _if_inactive(user: User | None) -> User | None:
    return user if user is not None and not user.is_active else None
