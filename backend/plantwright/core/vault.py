"""Secrets of tenants, encrypted at rest.

AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce. The key is derived by HKDF-SHA256 (RFC 5869) from
PLANTWRIGHT_SECRET_KEY for one purpose alone. Tenant, owner and purpose are the associated data, so a row that was
copied to another tenant or owner does not open. A text is `key id (8) | nonce (12) | ciphertext and tag`; the id
tells which key it was, so that a new key may come while texts of the one before can still be read.
"""

import hashlib
import os
from collections.abc import Sequence
from enum import Enum
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from plantwright.core.errors import Conflict

KEY_BYTES = 32
ID_BYTES = 8
NONCE_BYTES = 12
_LOST = (
    "The stored credentials were encrypted with a key that this server no longer has. Enter them again, or set "
    "PLANTWRIGHT_PREVIOUS_SECRET_KEYS."
)


class Purpose(Enum):
    """What a key is derived for; the value is bound into everything it sealed."""

    SOURCES = b"plantwright/sources/credentials"
    NOTIFICATIONS = b"plantwright/notifications/channels"


class Vault:
    """Seals with the first key; opens with any."""

    def __init__(self, purpose: Purpose, key: bytes, previous: Sequence[bytes] = ()) -> None:
        derived = [_derived(purpose, material) for material in (key, *previous)]
        self._current = _id_of(derived[0])
        self._ciphers = {_id_of(one): AESGCM(one) for one in derived}

    @property
    def key_id(self) -> bytes:
        """With what everything begins that the newest key sealed."""
        return self._current

    def seal(self, secret: str, tenant_id: UUID, owner_id: UUID) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._ciphers[self._current].encrypt(nonce, secret.encode(), _bound_to(tenant_id, owner_id))
        return self._current + nonce + sealed

    def open(self, sealed: bytes, tenant_id: UUID, owner_id: UUID) -> str:
        """
        Raises:
            Conflict: it was sealed with a key that is gone, or for another owner, or it was changed.
        """
        cipher = self._ciphers.get(sealed[:ID_BYTES])
        if cipher is None:
            raise _lost()
        nonce, content = sealed[ID_BYTES : ID_BYTES + NONCE_BYTES], sealed[ID_BYTES + NONCE_BYTES :]
        try:
            return cipher.decrypt(nonce, content, _bound_to(tenant_id, owner_id)).decode()
        except InvalidTag:
            raise _lost() from None


def _derived(purpose: Purpose, material: bytes) -> bytes:
    return HKDF(hashes.SHA256(), KEY_BYTES, salt=None, info=purpose.value).derive(material)


def _id_of(key: bytes) -> bytes:
    return hashlib.sha256(b"id:" + key).digest()[:ID_BYTES]


def _bound_to(tenant_id: UUID, owner_id: UUID) -> bytes:
    return tenant_id.bytes + owner_id.bytes


def _lost() -> Conflict:
    return Conflict(_LOST, ["password"])
