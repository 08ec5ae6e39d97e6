"""One request as one attempt, for every channel that speaks HTTP."""

import ssl
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, Final

import httpx
import orjson

from plantwright.core.outbound import Outbound
from plantwright.core.text import storable
from plantwright.notifications.channels.contract import Message, Outcome

_GONE: Final = frozenset({HTTPStatus.GONE})
# What a changed request would be needed for; 408, 425 and 429 pass by themselves.
_PASSING: Final = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS})
# Refusals that depend on rights or on names, which an administrator of the other side may put right meanwhile.
_REPAIRABLE: Final = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND})


def json_of(body: Any) -> bytes:
    return orjson.dumps(body, option=orjson.OPT_UTC_Z)


async def post(
    outbound: Outbound, url: str, body: bytes, message: Message, headers: Mapping[str, str] | None = None
) -> Outcome:
    """JSON by POST; delivered is what is answered with 2xx, and nothing else.

    Raises:
        ValidationFailed: the URL leads where the server does not send to.
    """
    sent = {"Content-Type": "application/json", **(headers or {})}
    return await request(outbound, "POST", url, body, message, headers=sent)


async def request(
    outbound: Outbound, method: str, url: str, body: bytes, message: Message, *, headers: Mapping[str, str]
) -> Outcome:
    """As `post`, with any method and kind of body."""
    begin = time.monotonic()
    try:
        async with outbound.client() as client:
            response = await client.request(method, url, content=body, headers=headers)
    except httpx.HTTPError as error:
        status, detail = _trouble(error, httpx.URL(url).host)
        return Outcome(is_delivered=False, status=status, detail=detail, latency_ms=_since(begin))
    return _judged(response, message.sent_at, _since(begin))


def _judged(response: httpx.Response, now: datetime, latency_ms: int) -> Outcome:
    code = response.status_code
    is_delivered = response.is_success
    text = response.content.decode(response.charset_encoding or "utf-8", "replace") if response.content else ""
    return Outcome(
        is_delivered=is_delivered,
        status=str(code),
        detail=_sentence(code, response.headers.get("location")),
        retry_after=None if is_delivered else retry_after(response.headers.get("retry-after"), now),
        is_permanent=response.is_client_error and code not in _PASSING | _REPAIRABLE,
        is_gone=code in _GONE,
        latency_ms=latency_ms,
        response=storable(text),
    )


def retry_after(header: str | None, now: datetime) -> float | None:
    """Seconds, from a number or a date (RFC 9110, 10.2.3); what is neither says nothing."""
    if header is None:
        return None
    if header.strip().isdecimal():
        return float(header)
    try:
        moment = parsedate_to_datetime(header)
    except ValueError:
        return None
    return max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds())


def _sentence(code: int, location: str | None) -> str:
    if HTTPStatus.MULTIPLE_CHOICES <= code < HTTPStatus.BAD_REQUEST:
        where = f" to {storable(location)[:200]}" if location else ""
        return f"The receiver redirects{where}; redirects are not followed. Enter the final URL."
    try:
        phrase = HTTPStatus(code).phrase
    except ValueError:
        phrase = "no known status"
    return f"The receiver answered {code} ({phrase})."


def _trouble(error: httpx.HTTPError, host: str) -> tuple[str, str]:
    if isinstance(error, httpx.TimeoutException):
        return "timeout", f"{host} did not answer in time."
    if isinstance(error, httpx.ConnectError):
        cause = (error.__cause__ and error.__cause__.__cause__) or error
        if isinstance(cause, ssl.SSLError) or "SSL" in str(error):
            return "tls", f"No secure connection to {host}: {error}."
        return "unreachable", f"No connection to {host}: {error}."
    return "disconnected", f"{host} broke off: {error or type(error).__name__}."


def _since(begin: float) -> int:
    return round((time.monotonic() - begin) * 1000)
