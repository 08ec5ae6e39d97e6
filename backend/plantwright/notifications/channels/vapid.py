"""How the server names itself to push services: RFC 8292.

The key pair is derived by HKDF-SHA256 (RFC 5869) from PLANTWRIGHT_SECRET_KEY for this purpose alone, so every process
of an installation has the same one and none is stored. With another secret key browsers subscribe anew.
"""

from datetime import datetime, timedelta
from urllib.parse import urlsplit

import jwt
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from plantwright.notifications.channels.push_encryption import point_of, to_base64url

_PURPOSE = b"plantwright/notifications/vapid"
# Of the group of P-256 (FIPS 186-5).
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
# 16 bytes more than the order has make every key equally likely (FIPS 186-5, A.2.1).
_DERIVED_BYTES = 48
# RFC 8292 allows 24 hours; half of that leaves room for clocks that differ.
LIFETIME = timedelta(hours=12)


class VapidKey:
    """Signs for push services. `contact` is where their operators find ours: `https:` or `mailto:`."""

    def __init__(self, secret: bytes, contact: str) -> None:
        derived = HKDF(hashes.SHA256(), _DERIVED_BYTES, salt=None, info=_PURPOSE).derive(secret)
        self._private = ec.derive_private_key(int.from_bytes(derived) % (_ORDER - 1) + 1, ec.SECP256R1())
        self._contact = contact
        self.public = to_base64url(point_of(self._private.public_key()))

    def authorization(self, endpoint: str, now: datetime) -> str:
        """The header that goes with one message to this endpoint."""
        parts = urlsplit(endpoint)
        claims = {"aud": f"{parts.scheme}://{parts.netloc}", "exp": now + LIFETIME, "sub": self._contact}
        return f"vapid t={jwt.encode(claims, self._private, algorithm='ES256')}, k={self.public}"
