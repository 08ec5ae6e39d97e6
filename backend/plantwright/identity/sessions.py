"""What Redis knows of sessions: revoked tokens and login attempts. Without it nobody gets in."""

import hashlib
from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime

from redis.asyncio import Redis
from redis.exceptions import RedisError

from plantwright.core.clock import utc_now
from plantwright.core.errors import TooManyAttempts, Unavailable

# Of one account from one address, of one account from anywhere, and from one address with any account.
MAX_FAILURES = 10
MAX_FAILURES_OF_ACCOUNT = 50
MAX_FAILURES_OF_ADDRESS = 100
FAILURE_WINDOW_SECONDS = 300
MAX_VISITS = 30
VISIT_WINDOW_SECONDS = 300


class SessionStore:
    """Every method but `ping` raises Unavailable when Redis cannot be reached."""

    def __init__(self, url: str) -> None:
        self._redis: Redis = Redis.from_url(url, socket_connect_timeout=3, socket_timeout=3)

    async def revoke(self, token_id: str, expires_at: datetime) -> None:
        remaining = max(1, int((expires_at - utc_now()).total_seconds()) + 1)
        with _reachable():
            await self._redis.set(f"revoked:{token_id}", b"1", ex=remaining)

    async def is_revoked(self, token_id: str) -> bool:
        with _reachable():
            return bool(await self._redis.exists(f"revoked:{token_id}"))

    async def count_login_attempt(self, email: str, address: str) -> None:
        """Counted before the password is looked at, so that attempts side by side cannot pass together.

        Raises:
            TooManyAttempts: too many failures of this account from this address, of this account, or from this
                address, within five minutes.
        """
        for key, most in _attempts_keys(email, address).items():
            count, wait = await self._count(key, FAILURE_WINDOW_SECONDS)
            if count > most:
                raise TooManyAttempts(f"Too many failed logins. Try again in {wait} seconds.", wait)

    async def count_visit(self, address: str) -> None:
        """Of somebody who is not signed in and has a new password hashed.

        Raises:
            TooManyAttempts: thirty from this address within five minutes.
        """
        digest = hashlib.sha256(address.encode()).hexdigest()
        count, wait = await self._count(f"visits:{digest}", VISIT_WINDOW_SECONDS)
        if count > MAX_VISITS:
            raise TooManyAttempts(f"Too many attempts from your address. Try again in {wait} seconds.", wait)

    async def _count(self, key: str, window_seconds: int) -> tuple[int, int]:
        """How many there were in this window, this one too, and the seconds until it ends."""
        with _reachable():
            async with self._redis.pipeline(transaction=True) as pipeline:
                pipeline.incr(key)
                pipeline.expire(key, window_seconds, nx=True)
                pipeline.ttl(key)
                count, _, seconds = await pipeline.execute()
        return int(count), max(1, int(seconds))

    async def forget_login_attempts(self, email: str, address: str) -> None:
        """Of the address only this attempt: an own account must not open the way to those of others."""
        own, account, everyone = _attempts_keys(email, address)
        with _reachable():
            async with self._redis.pipeline(transaction=True) as pipeline:
                pipeline.delete(own, account)
                pipeline.decr(everyone)
                pipeline.expire(everyone, FAILURE_WINDOW_SECONDS, nx=True)
                await pipeline.execute()

    async def ping(self) -> None:
        await self._redis.ping()

    async def close(self) -> None:
        await self._redis.aclose()


@contextmanager
def _reachable() -> Generator[None]:
    try:
        yield
    except (RedisError, OSError) as error:
        raise Unavailable("Sessions cannot be checked right now. Try again shortly.") from error


def _attempts_keys(email: str, address: str) -> dict[str, int]:
    """Keys with the failures they allow: of the account from the address, of the account, from the address. Hashed:
    whoever reads the keys of Redis learns no addresses, and a key stays short.
    """
    return {
        _attempts_key(f"{email} {address}"): MAX_FAILURES,
        _attempts_key(f"account {email}"): MAX_FAILURES_OF_ACCOUNT,
        _attempts_key(f"address {address}"): MAX_FAILURES_OF_ADDRESS,
    }


def _attempts_key(whose: str) -> str:
    return f"login-attempts:{hashlib.sha256(whose.encode(errors='surrogatepass')).hexdigest()}"
