"""What Redis knows of sessions: revoked tokens and failed logins."""

from datetime import datetime

from redis.asyncio import Redis

from plantwright.core.clock import utc_now
from plantwright.core.errors import TooManyAttempts

MAX_FAILURES = 10
FAILURE_WINDOW_SECONDS = 300


class SessionStore:
    def __init__(self, url: str) -> None:
        self._redis: Redis = Redis.from_url(url, socket_connect_timeout=3, socket_timeout=3)

    async def revoke(self, token_id: str, expires_at: datetime) -> None:
        remaining = max(1, int((expires_at - utc_now()).total_seconds()) + 1)
        await self._redis.set(f"revoked:{token_id}", b"1", ex=remaining)

    async def is_revoked(self, token_id: str) -> bool:
        return bool(await self._redis.exists(f"revoked:{token_id}"))

    async def require_login_allowed(self, email: str, address: str) -> None:
        """
        Raises:
            TooManyAttempts: ten failures of this account from this address within five minutes.
        """
        key = _failures_key(email, address)
        count = int(await self._redis.get(key) or 0)
        if count >= MAX_FAILURES:
            wait = max(1, int(await self._redis.ttl(key)))
            raise TooManyAttempts(f"Too many failed logins. Try again in {wait} seconds.", wait)

    async def note_login_failure(self, email: str, address: str) -> None:
        key = _failures_key(email, address)
        async with self._redis.pipeline(transaction=True) as pipeline:
            pipeline.incr(key)
            pipeline.expire(key, FAILURE_WINDOW_SECONDS, nx=True)
            await pipeline.execute()

    async def forget_login_failures(self, email: str, address: str) -> None:
        await self._redis.delete(_failures_key(email, address))

    async def ping(self) -> None:
        await self._redis.ping()

    async def close(self) -> None:
        await self._redis.aclose()


def _failures_key(email: str, address: str) -> str:
    return f"login-failures:{email}:{address}"
