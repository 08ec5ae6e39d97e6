"""Message encryption of Web Push: RFC 8291 over aes128gcm of RFC 8188, in one record."""

import base64
import binascii
import os
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

# A push service need not take more than 4,096 bytes (RFC 8030, 7.2): header 86, tag 16, end mark 1.
MAX_PLAIN_BYTES: Final = 3_993
PUBLIC_KEY_BYTES: Final = 65
AUTH_BYTES: Final = 16
_RECORD_BYTES: Final = 4_096
_LAST_RECORD: Final = b"\x02"


def encrypt(
    plain: bytes,
    receiver: bytes,
    auth: bytes,
    sender: ec.EllipticCurvePrivateKey | None = None,
    salt: bytes | None = None,
) -> bytes:
    """The body of a push message.

    `receiver` is the browser's public key, an uncompressed point, and `auth` its secret. `sender` and `salt` are made
    for each message and only given to compare with the example of the RFC.

    Raises:
        ValueError: the key is no point of P-256, the secret has another length, or the text is too long.
    """
    if len(auth) != AUTH_BYTES:
        raise ValueError("the authentication secret has 16 bytes")
    if len(plain) > MAX_PLAIN_BYTES:
        raise ValueError(f"a push message has at most {MAX_PLAIN_BYTES} bytes")
    own = sender or ec.generate_private_key(ec.SECP256R1())
    other = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), receiver)
    own_point = point_of(own.public_key())
    shared = own.exchange(ec.ECDH(), other)
    material = _derived(shared, auth, b"WebPush: info\x00" + receiver + own_point, 32)
    salt = salt or os.urandom(16)
    key = _derived(material, salt, b"Content-Encoding: aes128gcm\x00", 16)
    nonce = _derived(material, salt, b"Content-Encoding: nonce\x00", 12)
    header = salt + _RECORD_BYTES.to_bytes(4) + bytes([len(own_point)]) + own_point
    return header + AESGCM(key).encrypt(nonce, plain + _LAST_RECORD, None)


def point_of(key: ec.EllipticCurvePublicKey) -> bytes:
    """The key as an uncompressed point of 65 bytes."""
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def from_base64url(text: str) -> bytes:
    """With or without padding.

    Raises:
        ValueError: it is none.
    """
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from None


def to_base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _derived(material: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt=salt, info=info).derive(material)
