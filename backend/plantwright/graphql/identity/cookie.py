"""The cookie with the refresh token: out of reach of scripts, of other sites, and of every path but that of the shim.

A browser keeps it and sends it to `/api/v1/auth` alone, so that is where it refreshes; GraphQL answers set it.
"""

from plantwright.core.clock import utc_now
from plantwright.graphql.context import Context
from plantwright.identity.authentication import Session

COOKIE_PATH = "/api/v1/auth"


def keep_refresh_token(context: Context, session: Session) -> None:
    if session.refresh_token is not None:
        seconds = int((session.ends_at - utc_now()).total_seconds())
        _set(context, session.refresh_token, seconds)


def drop_refresh_token(context: Context) -> None:
    _set(context, "", 0)


def _set(context: Context, value: str, seconds: int) -> None:
    parts = [f"refresh_token={value}", f"Path={COOKIE_PATH}", f"Max-Age={seconds}", "HttpOnly", "SameSite=Strict"]
    if context.services.identity.is_tls:
        parts.append("Secure")
    context.answer_headers["set-cookie"] = "; ".join(parts)
