"""Access tokens: JSON Web Tokens (RFC 7519) signed with HMAC-SHA256."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import jwt

from plantwright.core.clock import utc_now
from plantwright.core.errors import Unauthenticated
from plantwright.identity.models import Role, Tier
from plantwright.identity.principal import Principal

ALGORITHM = "HS256"
ISSUER = "plantwright"
AUDIENCE = "plantwright-api"

EXPIRED = "Authentication token has expired."
INVALID = "Invalid authentication token."


class TokenIssuer:
    def __init__(self, key: bytes, lifetime: timedelta) -> None:
        self._key = key
        self._lifetime = lifetime

    def issue(
        self,
        *,
        user_id: UUID,
        tenant_id: UUID,
        tier: Tier,
        role: Role,
        session_id: UUID | None = None,
        until: datetime | None = None,
    ) -> tuple[str, datetime]:
        """The token and its end, which is not after `until`; it holds no longer than the session."""
        longest = utc_now() + self._lifetime
        expires_at = longest if until is None else min(longest, until)
        claims: dict[str, Any] = {
            "sub": str(user_id),
            "tenant_id": str(tenant_id),
            "tenant_tier": tier.value,
            "role": role.value,
            "exp": expires_at,
            "iat": utc_now(),
            "jti": uuid4().hex,
            "iss": ISSUER,
            "aud": AUDIENCE,
        }
        if session_id is not None:
            claims["sid"] = str(session_id)
        return jwt.encode(claims, self._key, ALGORITHM), expires_at

    def read(self, token: str) -> Principal:
        """
        Raises:
            Unauthenticated: the token is forged, malformed, foreign or expired.
        """
        try:
            claims = jwt.decode(
                token,
                self._key,
                algorithms=[ALGORITHM],
                audience=AUDIENCE,
                issuer=ISSUER,
                options={"require": ["exp", "sub", "jti", "iss", "aud"]},
            )
            return Principal(
                tenant_id=UUID(str(claims["tenant_id"])),
                user_id=UUID(claims["sub"]),
                role=Role(claims["role"]),
                token_id=claims["jti"],
                expires_at=datetime.fromtimestamp(claims["exp"], UTC),
                session_id=UUID(claims["sid"]) if "sid" in claims else None,
            )
        except jwt.ExpiredSignatureError as error:
            raise Unauthenticated(EXPIRED) from error
        except (jwt.InvalidTokenError, KeyError, ValueError, TypeError) as error:
            raise Unauthenticated(INVALID) from error
