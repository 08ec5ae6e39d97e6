"""The tenant's certificate as an OPC UA client: made once, shown to people so that their servers can trust it."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from asyncua.crypto.cert_gen import generate_self_signed_app_certificate
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from plantwright.core.database import UnitOfWork
from plantwright.core.vault import Vault
from plantwright.sources import repository
from plantwright.sources.models import OpcUaIdentity

KEY_BITS = 3072
DAYS = 3_650


@dataclass(frozen=True, slots=True)
class PublicCertificate:
    """What may be shown of a certificate. `fingerprint` is SHA-256 as 64 hexadecimal digits."""

    fingerprint: str
    subject: str
    application_uri: str | None
    not_before: datetime
    not_after: datetime
    pem: str


@dataclass(frozen=True, slots=True)
class ClientIdentity:
    """Certificate as DER, private key as PEM."""

    certificate: bytes
    private_key: str = field(repr=False)


async def own_identity(work: UnitOfWork, vault: Vault, public_url: str) -> ClientIdentity:
    """The tenant's; made when there is none, which needs a transaction that may write.

    Raises:
        Conflict: its key was encrypted with a key that is gone.
    """
    row = await repository.get_identity(work)
    if row is None:
        host = urlsplit(public_url).hostname or "localhost"
        certificate, key = await asyncio.to_thread(_make, work.tenant_id, host)
        sealed = vault.seal(key, work.tenant_id, work.tenant_id)
        made = OpcUaIdentity(tenant_id=work.tenant_id, certificate=certificate, private_key=sealed)
        await repository.keep_identity(work, made)
        row = await repository.get_identity(work) or made
    return opened(row, vault)


def opened(row: OpcUaIdentity, vault: Vault) -> ClientIdentity:
    """
    Raises:
        Conflict: its key was encrypted with a key that is gone.
    """
    return ClientIdentity(row.certificate, vault.open(row.private_key, row.tenant_id, row.tenant_id))


def describe(der: bytes) -> PublicCertificate:
    """
    Raises:
        ValueError: it is no certificate.
    """
    certificate = x509.load_der_x509_certificate(der)
    return PublicCertificate(
        fingerprint=certificate.fingerprint(hashes.SHA256()).hex(),
        subject=certificate.subject.rfc4514_string(),
        application_uri=_application_uri(certificate),
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
        pem=certificate.public_bytes(serialization.Encoding.PEM).decode(),
    )


def _application_uri(certificate: x509.Certificate) -> str | None:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return None
    return next(iter(names.get_values_for_type(x509.UniformResourceIdentifier)), None)


def _make(tenant_id: UUID, host: str) -> tuple[bytes, str]:
    private = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    made = generate_self_signed_app_certificate(
        private,
        f"Plantwright at {host}"[:64],
        {"organizationName": "Plantwright"},
        [x509.UniformResourceIdentifier(f"urn:plantwright:sources:{tenant_id}"), x509.DNSName(host)],
        [ExtendedKeyUsageOID.CLIENT_AUTH],
        days=DAYS,
    )
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return made.public_bytes(serialization.Encoding.DER), pem.decode()
