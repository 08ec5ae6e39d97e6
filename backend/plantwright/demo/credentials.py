"""Certificates and password of the demo OPC UA server, made on first use and kept under the data folder.

- Private keys and the password are readable by their owner only.
- Whoever comes first (plant or launcher) makes them; the other waits and finds them.
"""

import secrets
import socket
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import msgspec
from asyncua.crypto.cert_gen import (
    dump_private_key_as_pem,
    generate_private_key,
    generate_self_signed_app_certificate,
)
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from plantwright.demo.fault_store import demo_dir, exclusive_lock, write_atomically

SERVER_URI = "urn:plantwright:demo:server"
CLIENT_URI = "urn:plantwright:agent"
USERNAME = "plantwright-agent"
VALID_DAYS = 365
RENEW_BEFORE = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Credentials:
    """Paths and secrets both sides of the OPC UA connection need; keys are PEM, certificates DER."""

    server_key: Path
    server_certificate: Path
    client_key: Path
    client_certificate: Path
    trusted_clients: Path
    username: str
    password: str

    def __repr__(self) -> str:
        return f"Credentials({self.server_key.parent})"


class _Secret(msgspec.Struct):
    username: str
    password: str


def ensure_credentials(data_dir: Path) -> Credentials:
    """Credentials under `<data_dir>/demo/pki`, made when missing and renewed 30 days before they expire."""
    folder = demo_dir(data_dir) / "pki"
    trusted = folder / "trusted"
    trusted.mkdir(parents=True, exist_ok=True, mode=0o700)
    with exclusive_lock(folder / ".lock"):
        server = _ensure_pair(folder, "server", SERVER_URI)
        client = _ensure_pair(folder, "client", CLIENT_URI)
        _publish(client[1], trusted / "client.der")
        secret = _ensure_secret(folder / "user.json")
    return Credentials(*server, *client, trusted, secret.username, secret.password)


def _ensure_pair(folder: Path, name: str, uri: str) -> tuple[Path, Path]:
    key_path, certificate_path = folder / f"{name}.pem", folder / f"{name}.der"
    if not (key_path.exists() and certificate_path.exists() and _is_current(certificate_path)):
        _write_pair(key_path, certificate_path, uri)
    return key_path, certificate_path


def _write_pair(key_path: Path, certificate_path: Path, uri: str) -> None:
    key = generate_private_key()
    certificate = generate_self_signed_app_certificate(
        key,
        uri,
        {"organizationName": "Plantwright demo plant"},
        [
            x509.UniformResourceIdentifier(uri),
            x509.DNSName("localhost"),
            x509.DNSName(socket.gethostname()),
            x509.IPAddress(IPv4Address("127.0.0.1")),
        ],
        [ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH],
        days=VALID_DAYS,
    )
    # The key goes first: a crash in between leaves a key without its certificate, which is made anew.
    certificate_path.unlink(missing_ok=True)
    write_atomically(key_path, dump_private_key_as_pem(key), mode=0o600)
    write_atomically(certificate_path, certificate.public_bytes(Encoding.DER), mode=0o644)


def _is_current(certificate_path: Path) -> bool:
    certificate = x509.load_der_x509_certificate(certificate_path.read_bytes())
    return certificate.not_valid_after_utc - RENEW_BEFORE > datetime.now(UTC)


def _publish(source: Path, target: Path) -> None:
    content = source.read_bytes()
    if not target.exists() or target.read_bytes() != content:
        write_atomically(target, content, mode=0o644)


def _ensure_secret(path: Path) -> _Secret:
    if not path.exists():
        fresh = _Secret(USERNAME, secrets.token_urlsafe(24))
        write_atomically(path, msgspec.json.encode(fresh), mode=0o600)
    return msgspec.json.decode(path.read_bytes(), type=_Secret)
