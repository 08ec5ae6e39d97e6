"""The documented webhook, signed in the form of Standard Webhooks (https://www.standardwebhooks.com).

`webhook-signature` is `v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`, once for each secret that is valid:
after a rotation the secret before stays valid for a day, so that receivers can change over.
"""

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import ClassVar, Final

import msgspec

from plantwright.core.errors import ValidationFailed
from plantwright.core.outbound import Outbound
from plantwright.notifications.channels.contract import Message, Outcome
from plantwright.notifications.channels.http import json_of, post

PREFIX: Final = "whsec_"
SECRET_BYTES: Final = 32
OVERLAP: Final = timedelta(hours=24)
MAX_HEADERS: Final = 20
LONGEST_HEADER: Final = 1_024
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}")
_HEADER_VALUE = re.compile(r"[\x21-\x7e](?:[\x20\x09\x21-\x7e]*[\x21-\x7e])?")
_OWN_HEADERS = frozenset(
    {
        "host",
        "content-length",
        "content-type",
        "transfer-encoding",
        "connection",
        "upgrade",
        "te",
        "trailer",
        "expect",
        "accept-encoding",
        "webhook-id",
        "webhook-timestamp",
        "webhook-signature",
        "webhook-sequence",
    }
)


class SigningSecret(msgspec.Struct, frozen=True):
    """`whsec_` and base64; `until` is None for the newest."""

    secret: str
    until: datetime | None = None


class WebhookConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    url: str
    headers: dict[str, str] = {}
    signing_secrets: tuple[SigningSecret, ...] = ()


class WebhookChannel:
    type: ClassVar[str] = "webhook"
    Config: ClassVar = WebhookConfig
    secret_fields: ClassVar[frozenset[str]] = frozenset({"headers", "signing_secrets"})
    generated_fields: ClassVar[frozenset[str]] = frozenset({"signing_secrets"})

    async def check(self, config: WebhookConfig, outbound: Outbound) -> None:
        await outbound.check_url(config.url, "url")
        check_headers(config.headers)

    async def send(self, config: WebhookConfig, message: Message, outbound: Outbound) -> Outcome:
        body = json_of(message.payload)
        headers = {
            **config.headers,
            "webhook-id": str(message.delivery_id),
            "webhook-timestamp": str(int(message.sent_at.timestamp())),
            "webhook-sequence": str(message.sequence),
        }
        valid = [one.secret for one in config.signing_secrets if one.until is None or one.until > message.sent_at]
        if valid:
            headers["webhook-signature"] = " ".join(
                signature(secret, headers["webhook-id"], headers["webhook-timestamp"], body) for secret in valid
            )
        return await post(outbound, config.url, body, message, headers)


def new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def rotated(before: tuple[SigningSecret, ...], secret: str, now: datetime) -> tuple[SigningSecret, ...]:
    """The new secret first; the newest of those before it is valid for another day."""
    kept = [SigningSecret(one.secret, now + OVERLAP) for one in before if one.until is None]
    return (SigningSecret(secret), *kept)


def signature(secret: str, webhook_id: str, timestamp: str, body: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = f"{webhook_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def check_headers(headers: Mapping[str, str]) -> None:
    """
    Raises:
        ValidationFailed: there are too many, one is none, or one is set by the server.
    """
    if len(headers) > MAX_HEADERS:
        raise ValidationFailed(f"There are at most {MAX_HEADERS} headers.", ["headers"])
    for name, value in headers.items():
        _check_header(name, value)


def _check_header(name: str, value: str) -> None:
    if not _HEADER_NAME.fullmatch(name):
        raise ValidationFailed(f"{name[:64]!r} is no name of a header.", ["headers"])
    if name.lower() in _OWN_HEADERS:
        raise ValidationFailed(f"The header {name} is set by the server.", ["headers"])
    if len(value) > LONGEST_HEADER or not _HEADER_VALUE.fullmatch(value):
        raise ValidationFailed(
            f"The value of the header {name} must be 1 to {LONGEST_HEADER:,} printable ASCII characters.", ["headers"]
        )
