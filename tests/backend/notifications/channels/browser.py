"""A browser: its keys, its subscription, and what it shows of what it gets."""

import os
from dataclasses import dataclass, field
from typing import Any

import http_ece
import orjson
from cryptography.hazmat.primitives.asymmetric import ec
from plantwright.notifications.channels.push_encryption import point_of, to_base64url
from plantwright.notifications.channels.web_push import WebPushConfig

from tests.agent.tls import HOST
from tests.backend.notifications.channels.http_receiver import Received


@dataclass
class Browser:
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    auth: bytes = field(default_factory=lambda: os.urandom(16))

    def subscription(self, port: int) -> WebPushConfig:
        point = point_of(self.key.public_key())
        return WebPushConfig(f"https://{HOST}:{port}/push/abc", to_base64url(point), to_base64url(self.auth))

    def shows(self, received: Received) -> dict[str, Any]:
        plain = http_ece.decrypt(received.body, private_key=self.key, auth_secret=self.auth, version="aes128gcm")
        found: dict[str, Any] = orjson.loads(plain)
        return found
