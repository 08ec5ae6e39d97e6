"""X.509 certificates: read, describe, compare with an endpoint, and the agent's own."""

import asyncio
import ipaddress
import os
import re
import socket
import threading
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from asyncua.crypto.cert_gen import generate_self_signed_app_certificate
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.x509.oid import ExtendedKeyUsageOID

OWN_KEY_BITS = 3072
OWN_DAYS = 3650
SEQUENCE = 0x30
LONG_LENGTH = 0x80
MAKING = threading.Lock()


def decode(content: bytes) -> list[x509.Certificate]:
    """The certificates in a PEM or DER text, in its order. Raises ValueError when there is none."""
    if content.lstrip().startswith(b"-----BEGIN"):
        return x509.load_pem_x509_certificates(content)
    found = []
    while content[:1] == bytes([SEQUENCE]):
        size = _der_size(content)
        found.append(x509.load_der_x509_certificate(content[:size]))
        content = content[size:]
    if not found:
        raise ValueError("is no certificate")
    return found


def encode(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.DER)


def encode_key(key: PrivateKeyTypes) -> bytes:
    return key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def load_key(path: Path, certificate: x509.Certificate) -> PrivateKeyTypes:
    """The private key of this certificate. Raises ValueError or OSError; TypeError when it needs a password."""
    content = path.read_bytes()
    pem = content.lstrip().startswith(b"-----BEGIN")
    load = serialization.load_pem_private_key if pem else serialization.load_der_private_key
    key = load(content, None)
    if key.public_key() != certificate.public_key():
        raise ValueError(f"{path} is not the key of the certificate {certificate.subject.rfc4514_string()}")
    return key


def fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256, as most tools show it: `AB:CD:…`."""
    return certificate.fingerprint(hashes.SHA256()).hex(":").upper()


def describe(certificate: x509.Certificate) -> str:
    """What a person compares with the server's own display."""
    return (
        f"SHA-256 {fingerprint(certificate)}, subject {certificate.subject.rfc4514_string()},"
        f" valid from {_day(certificate.not_valid_before_utc)} to {_day(certificate.not_valid_after_utc)}"
    )


def hosts(certificate: x509.Certificate) -> list[str]:
    """Host names and addresses the certificate was made for."""
    names = _alternative_names(certificate)
    if names is None:
        return []
    addresses = [str(item) for item in names.get_values_for_type(x509.IPAddress)]
    return [*names.get_values_for_type(x509.DNSName), *addresses]


def application_uri(certificate: x509.Certificate) -> str | None:
    """A server refuses a client that calls itself something else than its certificate does."""
    names = _alternative_names(certificate)
    uris = [] if names is None else names.get_values_for_type(x509.UniformResourceIdentifier)
    return uris[0] if uris else None


def names_host(certificate: x509.Certificate, host: str) -> bool:
    try:
        wanted = str(ipaddress.ip_address(host))
    except ValueError:
        wanted = host.lower()
    return wanted in {name.lower() for name in hosts(certificate)}


def endpoint_host(endpoint: str) -> str:
    return urlsplit(endpoint).hostname or ""


def endpoint_key(endpoint: str) -> str:
    """Host and port of an endpoint as a file name."""
    parts = urlsplit(endpoint)
    return f"{re.sub(r'[^A-Za-z0-9.-]', '-', parts.hostname or '')}_{parts.port or 4840}"


def write_file(path: Path, content: bytes, mode: int) -> None:
    """In one step, and never with wider rights than `mode`. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
    part = path.with_name(f".{path.name}.{os.getpid()}")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


async def own_certificate(trust_dir: Path) -> tuple[Path, Path]:
    """Certificate and key of this agent; made when there are none. Raises OSError when they cannot be written."""
    certificate, key = trust_dir / "own" / "agent.der", trust_dir / "own" / "agent.pem"
    if not certificate.is_file() or not key.is_file():
        await asyncio.to_thread(_make_own_once, certificate, key)
    return certificate, key


def _make_own_once(certificate: Path, key: Path) -> None:
    """Several sources start at the same time; they share one certificate."""
    with MAKING:
        if not certificate.is_file() or not key.is_file():
            _make_own(certificate, key)


def _make_own(certificate: Path, key: Path) -> None:
    host = socket.gethostname()
    private = rsa.generate_private_key(public_exponent=65537, key_size=OWN_KEY_BITS)
    made = generate_self_signed_app_certificate(
        private,
        f"Plantwright agent on {host}"[:64],
        {"organizationName": "Plantwright"},
        [x509.UniformResourceIdentifier(f"urn:{host}:plantwright:agent"), x509.DNSName(host)],
        [ExtendedKeyUsageOID.CLIENT_AUTH],
        days=OWN_DAYS,
    )
    key.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    write_file(key, pem, 0o600)
    write_file(certificate, encode(made), 0o644)


def _alternative_names(certificate: x509.Certificate) -> x509.SubjectAlternativeName | None:
    try:
        return certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return None


def _der_size(content: bytes) -> int:
    length = content[1] if len(content) > 1 else 0
    if length < LONG_LENGTH:
        return 2 + length
    digits = length & 0x7F
    return 2 + digits + int.from_bytes(content[2 : 2 + digits], "big")


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d}"
