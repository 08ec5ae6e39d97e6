import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import jwt
import pytest
from plantwright.core.errors import Unauthenticated
from plantwright.core.settings import Settings
from plantwright.identity.models import Role, Tier
from plantwright.identity.tokens import AUDIENCE, EXPIRED, INVALID, ISSUER, TokenIssuer


def claims(**changes: Any) -> dict[str, Any]:
    made = {
        "sub": str(uuid4()),
        "tenant_id": str(uuid4()),
        "tenant_tier": "pro",
        "role": "admin",
        "exp": datetime.now(UTC) + timedelta(hours=1),
        "iat": datetime.now(UTC),
        "jti": uuid4().hex,
        "iss": ISSUER,
        "aud": AUDIENCE,
    } | changes
    return {name: value for name, value in made.items() if value is not None}


def signed(settings: Settings, **changes: Any) -> str:
    return jwt.encode(claims(**changes), settings.key_material(), "HS256")


def unsigned() -> str:
    def part(value: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(value, default=lambda t: int(t.timestamp())).encode()).decode()

    return ".".join((part({"alg": "none", "typ": "JWT"}).rstrip("="), part(claims()).rstrip("="), ""))


def test_a_token_says_who_until_when(tokens: TokenIssuer) -> None:
    user_id, tenant_id = uuid4(), uuid4()
    token, expires_at = tokens.issue(user_id=user_id, tenant_id=tenant_id, tier=Tier.PRO, role=Role.OPERATOR)
    principal = tokens.read(token)
    assert (principal.user_id, principal.tenant_id, principal.role) == (user_id, tenant_id, Role.OPERATOR)
    assert abs(principal.expires_at - expires_at) < timedelta(seconds=1)
    assert timedelta(hours=7, minutes=59) < expires_at - datetime.now(UTC) <= timedelta(hours=8)


def test_two_tokens_differ(tokens: TokenIssuer) -> None:
    one, other = (tokens.issue(user_id=uuid4(), tenant_id=uuid4(), tier=Tier.PRO, role=Role.ADMIN) for _ in range(2))
    assert tokens.read(one[0]).token_id != tokens.read(other[0]).token_id


def test_an_expired_token_is_told_so(tokens: TokenIssuer, settings: Settings) -> None:
    with pytest.raises(Unauthenticated, match=EXPIRED):
        tokens.read(signed(settings, exp=datetime.now(UTC) - timedelta(seconds=1)))


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "another-api"},
        {"iss": "another"},
        {"exp": None},
        {"jti": None},
        {"sub": None},
        {"tenant_id": None},
        {"role": "owner"},
        {"role": None},
        {"sub": "no-id"},
        {"tenant_id": 7},
    ],
    ids=str,
)
def test_foreign_and_incomplete_claims_are_refused(
    tokens: TokenIssuer, settings: Settings, changes: dict[str, Any]
) -> None:
    with pytest.raises(Unauthenticated, match=INVALID):
        tokens.read(signed(settings, **changes))


def test_forged_tokens_are_refused(tokens: TokenIssuer, settings: Settings) -> None:
    genuine = signed(settings)
    head, body, signature = genuine.split(".")
    promoted = base64.urlsafe_b64encode(base64.urlsafe_b64decode(body + "==").replace(b"admin", b"adm1n")).decode()
    forged = [
        unsigned(),
        jwt.encode(claims(), b"another-key-0123456789-0123456789", "HS256"),
        jwt.encode(claims(), b"x" * 64, "HS512"),
        f"{head}.{promoted.rstrip('=')}.{signature}",
        f"{head}.{body}.",
        f"{head}.{body}",
        "",
        "a.b.c",
        "Bearer " + genuine,
        "\x00\ud83d",
    ]
    tokens.read(genuine)
    for token in forged:
        with pytest.raises(Unauthenticated, match=INVALID):
            tokens.read(token)
