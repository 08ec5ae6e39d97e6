"""Web Push to one browser: RFC 8030, encrypted for it alone (RFC 8291), signed by the server (RFC 8292)."""

import hashlib
from dataclasses import replace
from http import HTTPStatus
from typing import ClassVar, Final

import msgspec

from plantwright.core.errors import ValidationFailed
from plantwright.core.outbound import Outbound
from plantwright.notifications.channels.contract import Message, Outcome
from plantwright.notifications.channels.http import json_of, request
from plantwright.notifications.channels.push_encryption import (
    MAX_PLAIN_BYTES,
    encrypt,
    from_base64url,
    to_base64url,
)
from plantwright.notifications.channels.vapid import VapidKey

# What was not shown within a day is in the alert list, not news.
TTL_SECONDS: Final = 86_400
LONGEST_TEXT: Final = 600
LONGEST_ENDPOINT: Final = 2_048
# A topic has at most 32 characters (RFC 8030, 5.4), which are these many bytes.
_TOPIC_BYTES: Final = 24
_NO_LONGER: Final = {str(HTTPStatus.NOT_FOUND.value), str(HTTPStatus.GONE.value)}


class WebPushConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A browser's subscription: `p256dh` is its public key, `auth` its secret, both base64url."""

    endpoint: str
    p256dh: str
    auth: str


class WebPushChannel:
    type: ClassVar[str] = "web_push"
    Config: ClassVar = WebPushConfig
    secret_fields: ClassVar[frozenset[str]] = frozenset({"auth"})
    generated_fields: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, key: VapidKey) -> None:
        self._key = key

    @property
    def public_key(self) -> str:
        """`applicationServerKey` of subscriptions, base64url."""
        return self._key.public

    async def check(self, config: WebPushConfig, outbound: Outbound) -> None:
        if len(config.endpoint) > LONGEST_ENDPOINT:
            raise ValidationFailed(f"endpoint has at most {LONGEST_ENDPOINT:,} characters.", ["endpoint"])
        await outbound.check_url(config.endpoint, "endpoint")
        for name, text in (("p256dh", config.p256dh), ("auth", config.auth)):
            try:
                from_base64url(text)
            except ValueError:
                raise ValidationFailed(f"{name} is not base64url.", [name]) from None
        try:
            encrypt(b"", from_base64url(config.p256dh), from_base64url(config.auth))
        except ValueError:
            raise ValidationFailed(
                "p256dh must be a point of P-256 (65 bytes) and auth 16 bytes, as the browser gives them.",
                ["p256dh"],
            ) from None

    async def send(self, config: WebPushConfig, message: Message, outbound: Outbound) -> Outcome:
        """404 and 410 say that the browser has unsubscribed."""
        body = encrypt(plain_of(message), from_base64url(config.p256dh), from_base64url(config.auth))
        headers = {
            "Authorization": self._key.authorization(config.endpoint, message.sent_at),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(TTL_SECONDS),
            "Urgency": "high" if message.severity == "critical" else "normal",
            # A browser that was off gets the last message about an alert, not each of them.
            "Topic": to_base64url(hashlib.sha256(message.dedup_key.encode()).digest()[:_TOPIC_BYTES]),
        }
        outcome = await request(outbound, "POST", config.endpoint, body, message, headers=headers)
        if outcome.status not in _NO_LONGER:
            return outcome
        detail = "The browser no longer takes notifications: they were switched off there, or it was reset."
        return replace(outcome, detail=detail, is_permanent=True, is_gone=True)


def plain_of(message: Message) -> bytes:
    """What the service worker shows: `{id, event, severity, title, body, tag, url, language}`."""
    text = message.text
    while True:
        plain = json_of(
            {
                "id": str(message.delivery_id),
                "event": message.event,
                "severity": message.severity,
                "title": message.subject[:LONGEST_TEXT],
                "body": text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…",
                "tag": message.dedup_key,
                "url": message.link,
                "language": message.language,
            }
        )
        if len(plain) <= MAX_PLAIN_BYTES or not text:
            return plain
        text = text[: len(text) // 2]
