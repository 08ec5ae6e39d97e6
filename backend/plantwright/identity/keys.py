"""API keys: made, revoked, and checked on each call of a program."""

import asyncio
import hashlib
import secrets
import time
from collections import OrderedDict
from datetime import datetime, timedelta
from uuid import UUID
from weakref import WeakValueDictionary

from plantwright.core.clock import utc_now
from plantwright.core.database import Database, UnitOfWork
from plantwright.core.errors import NotFound, PermissionDenied, Unauthenticated, ValidationFailed
from plantwright.identity import repository
from plantwright.identity.models import ApiKey, CredentialDirectory
from plantwright.identity.principal import KeyPrincipal, Principal
from plantwright.journal.service import Fact, Journal

PREFIX = "hk_"
PREFIX_LENGTH = 8
SCOPES = frozenset({"ingest", "agent", "read:machines", "read:sensors"})
MAX_NAME = 100
INVALID_KEY = "Invalid or revoked API key."

# A revoked key is refused at the latest after this time.
_CACHE_SECONDS = 1.0
_CACHE_SIZE = 10_000
# A write and its commit for each look at a busy key would hold up the calls that wait for the answer.
_LAST_USED_STEP = timedelta(minutes=1)


def key_digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode(errors="surrogatepass")).digest()


async def create_key(
    work: UnitOfWork,
    journal: Journal,
    principal: Principal,
    *,
    name: str,
    scopes: list[str],
    expires_at: datetime | None,
) -> tuple[ApiKey, str]:
    """The key's record and its secret, which is not kept and cannot be shown again.

    Raises:
        ValidationFailed: an empty name, an unknown scope, or an end in the past.
    """
    _require_valid(name, scopes, expires_at)
    secret = PREFIX + secrets.token_urlsafe(32)
    key = ApiKey(
        tenant_id=work.tenant_id,
        name=name.strip(),
        prefix=secret[:PREFIX_LENGTH],
        key_hash=key_digest(secret),
        scopes=sorted(set(scopes)),
        created_by=principal.user_id,
        expires_at=expires_at,
    )
    work.session.add(key)
    work.session.add(CredentialDirectory(lookup_hash=repository.lookup_hash("key", secret), tenant_id=work.tenant_id))
    await journal.append(work, _fact("api_key.created", key, principal))
    return key, secret


def _require_valid(name: str, scopes: list[str], expires_at: datetime | None) -> None:
    if not 1 <= len(name.strip()) <= MAX_NAME:
        raise ValidationFailed(f"A name has 1 to {MAX_NAME} characters.", ["name"])
    if not scopes:
        raise ValidationFailed("At least one scope is needed.", ["scopes"])
    if unknown := sorted(set(scopes) - SCOPES):
        known = ", ".join(sorted(SCOPES))
        raise ValidationFailed(f"Unknown scope {unknown[0]!r}. Known scopes: {known}.", ["scopes"])
    if expires_at is not None and expires_at <= utc_now():
        raise ValidationFailed("The end of a key lies in the future.", ["expiresAt"])


async def revoke_key(work: UnitOfWork, journal: Journal, principal: Principal, key_id: UUID) -> ApiKey:
    """Revoking twice changes nothing.

    Raises:
        NotFound: no such key in this tenant.
    """
    key = await repository.get_key(work, key_id)
    if key is None:
        raise NotFound("API key not found.", ["id"])
    if key.revoked_at is None:
        key.revoked_at = utc_now()
        work.session.add(key)
        await journal.append(work, _fact("api_key.revoked", key, principal))
    return key


def _fact(action: str, key: ApiKey, principal: Principal) -> Fact:
    return Fact(
        action=action,
        resource_type="api_key",
        resource_id=str(key.id),
        payload={"name": key.name, "prefix": key.prefix, "scopes": key.scopes, "expires_at": key.expires_at},
        actor_id=principal.user_id,
    )


class KeyAuthenticator:
    """Checks keys against the database, remembering each answer for a second."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._cache: OrderedDict[bytes, tuple[float, KeyPrincipal | None]] = OrderedDict()
        self._locks: WeakValueDictionary[bytes, asyncio.Lock] = WeakValueDictionary()

    async def authenticate(self, secret: str, scope: str) -> KeyPrincipal:
        """
        Raises:
            Unauthenticated: unknown, revoked or expired key.
            PermissionDenied: the key lacks the scope.
        """
        principal = await self._principal(secret)
        if principal is None:
            raise Unauthenticated(INVALID_KEY)
        if scope not in principal.scopes:
            raise PermissionDenied(f"API key does not have the required scope: {scope}")
        return principal

    async def _principal(self, secret: str) -> KeyPrincipal | None:
        digest = repository.lookup_hash("key", secret)
        cached = self._remembered(digest)
        if cached is not None:
            return cached[1]
        lock = self._locks.setdefault(digest, asyncio.Lock())
        async with lock:
            # All calls with a busy key find the answer too old at once; the first one looks for all of them.
            cached = self._remembered(digest)
            if cached is not None:
                return cached[1]
            now = time.monotonic()
            principal = await self._look_up(secret, digest)
            self._cache[digest] = (now, principal)
            self._cache.move_to_end(digest)
            if len(self._cache) > _CACHE_SIZE:
                self._cache.popitem(last=False)
            return principal

    def _remembered(self, digest: bytes) -> tuple[float, KeyPrincipal | None] | None:
        cached = self._cache.get(digest)
        return cached if cached is not None and time.monotonic() - cached[0] < _CACHE_SECONDS else None

    async def _look_up(self, secret: str, digest: bytes) -> KeyPrincipal | None:
        async with self._database.transaction() as work:
            tenant_id = await repository.find_tenant_of(work, digest)
            if tenant_id is None:
                return None
            await work.enter_tenant(tenant_id)
            key = await repository.find_key_by_hash(work, key_digest(secret))
            if key is None or key.revoked_at is not None or _is_over(key):
                return None
            now = utc_now()
            if key.last_used_at is None or now - key.last_used_at >= _LAST_USED_STEP:
                key.last_used_at = now
                work.session.add(key)
            tenant = await repository.get_tenant(work)
            return KeyPrincipal(tenant_id, int(tenant.number or 0), key.id, frozenset(key.scopes))


def _is_over(key: ApiKey) -> bool:
    return key.expires_at is not None and key.expires_at <= utc_now()
