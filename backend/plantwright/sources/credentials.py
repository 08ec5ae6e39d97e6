"""What proves to a device who reads it: a password, or a user's certificate with its key. Stored encrypted."""

import base64
import json
from dataclasses import replace

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from plantwright_agent.inputs.opcua.certificates import decode, encode

from plantwright.core.clock import utc_now
from plantwright.core.errors import ValidationFailed
from plantwright.core.vault import Vault
from plantwright.sources.certificate import ClientIdentity
from plantwright.sources.configuration import Device
from plantwright.sources.models import IngestSource, SourceProtocol

LONGEST_TEXT = 20_000
_CERTIFICATE, _KEY = ["opcUa", "userCertificate"], ["opcUa", "userPrivateKey"]


def read_user_certificate(certificate: str, private_key: str) -> ClientIdentity:
    """Each is PEM, or DER as base64.

    Raises:
        ValidationFailed: not a certificate, over, not its RSA key, or a key that a password locks.
    """
    try:
        shown = decode(_content(certificate, _CERTIFICATE))[0]
    except ValueError:
        raise ValidationFailed("userCertificate is neither a PEM nor a DER certificate.", _CERTIFICATE) from None
    if shown.not_valid_after_utc < utc_now():
        raise ValidationFailed(f"userCertificate ended on {shown.not_valid_after_utc:%Y-%m-%d}.", _CERTIFICATE)
    return ClientIdentity(encode(shown), _key_of(shown, _content(private_key, _KEY)))


def sealed(vault: Vault, source: IngestSource, device: Device) -> bytes | None:
    """What the device's credentials are stored as; None when it has none."""
    if device.user is not None:
        parts = [base64.b64encode(device.user.certificate).decode(), device.user.private_key]
        return vault.seal(json.dumps(parts), source.tenant_id, source.id)
    return None if device.password is None else vault.seal(device.password, source.tenant_id, source.id)


def stored_device(vault: Vault, source: IngestSource) -> Device:
    """
    Raises:
        Conflict: the credentials were encrypted with a key that is gone.
    """
    device = Device(SourceProtocol(source.protocol), source.address, source.settings)
    if source.credentials is None:
        return device
    secret = vault.open(source.credentials, source.tenant_id, source.id)
    if not device.has_user_certificate:
        return replace(device, password=secret)
    certificate, key = json.loads(secret)
    return replace(device, user=ClientIdentity(base64.b64decode(certificate), key))


def with_stored_credentials(vault: Vault, source: IngestSource, device: Device) -> Device:
    """The device with the stored password or user certificate, which serve only where they were given for.

    Raises:
        ValidationFailed: the place, the user or the security is another one.
    """
    stored = stored_device(vault, source)
    if device.settings.get("username") is not None and stored.password is not None:
        known, name, place = replace(device, password=stored.password), "password", "password"
    elif device.settings.get("username") is None and stored.user is not None:
        settings = {**device.settings, "user_certificate": stored.settings["user_certificate"]}
        known, name, place = replace(device, settings=settings, user=stored.user), "user's certificate", _CERTIFICATE[1]
    else:
        return device
    tied = ("username", "security_mode", "server_fingerprint")
    before, after = ([settings.get(key) for key in tied] for settings in (source.settings, device.settings))
    if source.address != device.address or before != after:
        raise ValidationFailed(
            f"Enter the {name} again: the address, the user or the security is another one.", ["opcUa", place]
        )
    return known


def _content(text: str, path: list[str]) -> bytes:
    if len(text) > LONGEST_TEXT:
        raise ValidationFailed(f"{path[-1]} has at most {LONGEST_TEXT:,} characters.", path)
    if text.lstrip().startswith("-----BEGIN"):
        return text.strip().encode()
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except ValueError:
        raise ValidationFailed(f"{path[-1]} is neither PEM nor DER as base64.", path) from None


def _key_of(certificate: x509.Certificate, content: bytes) -> str:
    is_pem = content.startswith(b"-----BEGIN")
    try:
        key = (serialization.load_pem_private_key if is_pem else serialization.load_der_private_key)(content, None)
    except TypeError:
        raise ValidationFailed(
            "userPrivateKey is locked with a password: give it without, as `openssl pkey` writes it.", _KEY
        ) from None
    except ValueError:
        raise ValidationFailed("userPrivateKey is neither a PEM nor a DER private key.", _KEY) from None
    if not isinstance(key, RSAPrivateKey):
        raise ValidationFailed("userPrivateKey must be an RSA key, the only kind that OPC UA servers take here.", _KEY)
    if key.public_key() != certificate.public_key():
        raise ValidationFailed("userPrivateKey is not the key of userCertificate.", _KEY)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return pem.decode()
