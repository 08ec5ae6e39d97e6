"""Access tokens: JSON Web Tokens (RFC 7519) signed with HMAC-SHA256."""

from datetime import UTC, datetime, timedelta
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

    def issue(self, *, user_id: UUID, tenant_id: UUID, tier: Tier, role: Role) -> tuple[str, datetime]:
        """The token and its end."""
        expires_at = utc_now() + self._lifetime
        claims = {
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
            )
        except jwt.ExpiredSignatureError as error:
            raise Unauthenticated(EXPIRED) from error
        except (jwt.InvalidTokenError, KeyError, ValueError, TypeError) as error:
            raise Unauthenticated(INVALID) from error
