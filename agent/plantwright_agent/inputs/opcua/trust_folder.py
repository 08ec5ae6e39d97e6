"""The servers the agent trusts: a folder of certificates that people can look into.

`trusted/<host>_<port>.der`   the certificate a person trusted for that endpoint; only this one is taken there
`trusted/<any other name>`    a certificate authority, or a server's certificate that must name the endpoint's host
`crl/`                        revocation lists of the authorities
`rejected/`                   what was met and not trusted, for a person to look at
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.x509.oid import ExtendedKeyUsageOID

from plantwright_agent.inputs.opcua.certificates import (
    decode,
    encode,
    endpoint_host,
    endpoint_key,
    fingerprint,
    names_host,
    write_file,
)

LEAF_USES = {ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH}
MOST_REJECTED = 100


class TrustFolder:
    """Reads the folder anew each time it is asked, so that what a person put there counts at once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def pinned(self, endpoint: str) -> x509.Certificate | None:
        """The certificate a person trusted for this endpoint. Raises ValueError if the file is none."""
        path = self._pin(endpoint)
        return decode(path.read_bytes())[0] if path.is_file() else None

    def pin(self, endpoint: str, certificate: x509.Certificate) -> Path:
        """Trust this certificate for this endpoint, and no longer the one before."""
        path = self._pin(endpoint)
        write_file(path, encode(certificate), 0o644)
        self._rejected(endpoint, certificate).unlink(missing_ok=True)
        return path

    def reject(self, endpoint: str, certificate: x509.Certificate) -> Path:
        """Keep it for a person to look at; the folder never grows without end."""
        path = self._rejected(endpoint, certificate)
        if not path.is_file():
            write_file(path, encode(certificate), 0o644)
            kept = sorted(path.parent.glob("*.der"), key=lambda item: item.stat().st_mtime, reverse=True)
            for old in kept[MOST_REJECTED:]:
                old.unlink(missing_ok=True)
        return path

    def vouches_for(self, endpoint: str, chain: list[x509.Certificate]) -> bool:
        """True when the folder trusts the first of the chain for this host, by itself or through an authority."""
        certificate, now = chain[0], datetime.now(UTC)
        if not names_host(certificate, endpoint_host(endpoint)) or not _in_time(certificate, now):
            return False
        others = list(self._others())
        if certificate in others:
            return True
        authorities = [item for item in others if _is_authority(item) and _in_time(item, now)]
        for index, link in enumerate(chain):
            if any(_issued(link, item) and not self._is_revoked(link, item) for item in authorities):
                return True
            if index + 1 == len(chain) or not (_is_authority(chain[index + 1]) and _issued(link, chain[index + 1])):
                return False
        return False

    def _pin(self, endpoint: str) -> Path:
        return self.folder / "trusted" / f"{endpoint_key(endpoint)}.der"

    def _rejected(self, endpoint: str, certificate: x509.Certificate) -> Path:
        short = fingerprint(certificate).replace(":", "")[:16].lower()
        return self.folder / "rejected" / f"{endpoint_key(endpoint)}-{short}.der"

    def _others(self) -> Iterator[x509.Certificate]:
        """Certificates under names that are no endpoint's."""
        for path in sorted((self.folder / "trusted").glob("*")):
            if path.is_file() and not re.search(r"_\d+\.der$", path.name):
                try:
                    yield from decode(path.read_bytes())
                except ValueError:
                    continue

    def _is_revoked(self, certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
        for path in sorted((self.folder / "crl").glob("*")):
            content = path.read_bytes()
            load = x509.load_pem_x509_crl if b"-----BEGIN" in content else x509.load_der_x509_crl
            revoked = load(content)
            if (
                revoked.issuer == issuer.subject
                and revoked.is_signature_valid(issuer.public_key())  # type: ignore[arg-type]
                and revoked.get_revoked_certificate_by_serial_number(certificate.serial_number) is not None
            ):
                return True
        return False


def _in_time(certificate: x509.Certificate, now: datetime) -> bool:
    return certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc


def _issued(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _is_authority(certificate: x509.Certificate) -> bool:
    """Self-signed server certificates often call themselves authorities; those made for a use of their own are none."""
    try:
        if not certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca:
            return False
        uses = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound as absent:
        return absent.oid == x509.ExtendedKeyUsage.oid
    return not LEAF_USES & set(uses)
