"""Login, logout and the check of an access token."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

import structlog

from plantwright.core.database import Database, UnitOfWork
from plantwright.core.errors import InvalidCredentials, Unauthenticated
from plantwright.identity import repository
from plantwright.identity.models import Role, Tenant, Tier, User
from plantwright.identity.passwords import verify_password
from plantwright.identity.principal import Principal
from plantwright.identity.sessions import SessionStore
from plantwright.identity.tokens import INVALID, TokenIssuer
from plantwright.journal.service import Fact, Journal

log = structlog.get_logger()

WRONG_CREDENTIALS = "Invalid email or password."
INACTIVE = "User account is inactive."


@dataclass(frozen=True, slots=True)
class Session:
    access_token: str
    expires_at: datetime
    principal: Principal
    user: User
    tenant: Tenant


class Authenticator:
    def __init__(self, database: Database, journal: Journal, tokens: TokenIssuer, sessions: SessionStore) -> None:
        self._database = database
        self._journal = journal
        self._tokens = tokens
        self._sessions = sessions

    async def login(self, email: str, password: str, address: str) -> Session:
        """
        Raises:
            InvalidCredentials: unknown e-mail, wrong password or inactive account; which one is not told.
            TooManyAttempts: too many failures from this address.
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
        return await self._open_session(user, address)

    async def logout(self, principal: Principal) -> None:
        await self._sessions.revoke(principal.token_id, principal.expires_at)
        async with self._database.transaction(principal.tenant_id) as work:
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
            user = await repository.get_user(work, claimed.user_id)
        if user is None:
            raise Unauthenticated(INVALID)
        if not user.is_active:
            raise Unauthenticated(INACTIVE)
        return Principal(claimed.tenant_id, claimed.user_id, Role(user.role), claimed.token_id, claimed.expires_at)

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

    async def _open_session(self, user: User, address: str) -> Session:
        async with self._database.transaction(user.tenant_id) as work:
            tenant = await repository.get_tenant(work)
            token, expires_at = self._tokens.issue(
                user_id=user.id, tenant_id=user.tenant_id, tier=Tier(tenant.tier), role=Role(user.role)
            )
            principal = self._tokens.read(token)
            await self._record(work, "user.logged_in", str(user.id), principal, {"address": address})
        return Session(token, expires_at, principal, user, tenant)

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
