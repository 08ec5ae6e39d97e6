"""When to try again, how fast to send and when to leave an endpoint alone; docs/notifications.md has the formulas.

Nothing here reads a clock or draws a number: the jitter is derived from the delivery's id.
"""

import hashlib
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

# Before the first attempt, and after each that failed.
DELAYS: Final = tuple(
    timedelta(seconds=seconds) for seconds in (0, 5, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600, 10 * 3600)
)
MAX_ATTEMPTS: Final = len(DELAYS)
JITTER: Final = 0.2
LONGEST_RETRY_AFTER: Final = timedelta(hours=10)
DISABLED_AFTER: Final = timedelta(days=5)
BREAKER_FAILURES: Final = 5
BREAKER_FIRST: Final = timedelta(minutes=1)
BREAKER_LONGEST: Final = timedelta(hours=1)
MOST_TOKENS: Final = 10.0


def retry_at(delivery_id: UUID, attempts: int, now: datetime, retry_after: float | None) -> datetime | None:
    """When to try again after `attempts` that failed; None when it is given up.

    The delay of the schedule grows by up to a fifth, and is no shorter than what the receiver asked for.
    """
    if attempts >= MAX_ATTEMPTS:
        return None
    delay = DELAYS[attempts] * (1 + JITTER * fraction(delivery_id, attempts))
    return now + max(delay, asked_for(retry_after))


def asked_for(retry_after: float | None) -> timedelta:
    """Of `Retry-After`, at most ten hours: who asks for more is asked again."""
    if retry_after is None:
        return timedelta(0)
    return timedelta(seconds=min(max(retry_after, 0.0), LONGEST_RETRY_AFTER.total_seconds()))


def fraction(delivery_id: UUID, attempts: int) -> float:
    """From 0 up to 1: the first 32 bits of SHA-256 over the id and the number of attempts."""
    digest = hashlib.sha256(delivery_id.bytes + attempts.to_bytes(4)).digest()
    return int.from_bytes(digest[:4]) / 2**32


def break_for(failures: int) -> timedelta:
    """How long the endpoint is left alone after so many failures in a row; zero below five."""
    if failures < BREAKER_FAILURES:
        return timedelta(0)
    doublings = min(failures - BREAKER_FAILURES, 16)
    return min(BREAKER_FIRST * (1 << doublings), BREAKER_LONGEST)


def refilled(tokens: float, since: timedelta, rate_per_minute: int) -> float:
    """Tokens after that time; a message takes one."""
    return min(most_tokens(rate_per_minute), tokens + max(0.0, since.total_seconds()) * rate_per_minute / 60)


def most_tokens(rate_per_minute: int) -> float:
    return min(MOST_TOKENS, float(rate_per_minute))


def until_token(tokens: float, rate_per_minute: int) -> timedelta:
    return timedelta(seconds=max(0.0, 1 - tokens) * 60 / rate_per_minute)
