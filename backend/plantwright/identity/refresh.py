"""Refresh tokens: a session is prolonged by a secret that is replaced each time it is used.

Invariants:
1. Of a session one secret is current. The one before it gives an access token for some seconds more and no new secret,
   for two tabs that refresh at once.
2. Whoever comes with an older secret shows that it was copied: the whole session is over, and the journal says so.
3. What is over stays over; an access token of it is refused at the next request.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto

from plantwright.core.clock import utc_now
from plantwright.core.database import UnitOfWork
from plantwright.identity import repository
from plantwright.identity.models import CredentialDirectory, User, UserSession

GRACE = timedelta(seconds=10)
LONGEST_DEVICE = 200
_KEPT_AFTER_END = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class SessionRules:
    """How long a session may last, and how long it may lie unused."""

    lifetime: timedelta = timedelta(days=30)
    idle: timedelta = timedelta(days=7)

    def is_over(self, session: UserSession, now: datetime) -> bool:
        return session.ended_at is not None or session.expires_at <= now or session.refreshed_at + self.idle <= now


class Use(Enum):
    CURRENT = auto()
    JUST_REPLACED = auto()
    COPIED = auto()


async def open_session(
    work: UnitOfWork, user: User, rules: SessionRules, *, address: str, device: str
) -> tuple[UserSession, str]:
    """The session and its first refresh token."""
    now = utc_now()
    await repository.delete_old_sessions(work, user.id, now - _KEPT_AFTER_END)
    locator, secret = secrets.token_urlsafe(16), secrets.token_urlsafe(32)
    session = UserSession(
        tenant_id=work.tenant_id,
        user_id=user.id,
        locator_hash=locator_hash(locator),
        secret_hash=_digest(secret),
        address=address,
        device=device[:LONGEST_DEVICE],
        created_at=now,
        refreshed_at=now,
        expires_at=now + rules.lifetime,
    )
    work.session.add(session)
    work.session.add(CredentialDirectory(lookup_hash=session.locator_hash, tenant_id=work.tenant_id))
    return session, f"{locator}.{secret}"


def split(refresh_token: str) -> tuple[str, str]:
    """Locator and secret; text of any other form names no session."""
    locator, _, secret = refresh_token.partition(".")
    return locator, secret


def locator_hash(locator: str) -> bytes:
    return repository.lookup_hash("session", locator)


def judge(session: UserSession, secret: str, now: datetime) -> Use:
    digest = _digest(secret)
    if hmac.compare_digest(digest, session.secret_hash):
        return Use.CURRENT
    is_previous = session.previous_hash is not None and hmac.compare_digest(digest, session.previous_hash)
    return Use.JUST_REPLACED if is_previous and now - session.refreshed_at <= GRACE else Use.COPIED


def rotate(session: UserSession, locator: str, now: datetime) -> str:
    """The next refresh token."""
    secret = secrets.token_urlsafe(32)
    session.previous_hash, session.secret_hash = session.secret_hash, _digest(secret)
    session.refreshed_at = now
    return f"{locator}.{secret}"


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode(errors="surrogatepass")).digest()
