"""What the server allows, and the certificates that two sides show each other."""

from datetime import datetime
from typing import Self

import strawberry

from plantwright.identity.models import Tier
from plantwright.sources.addresses import SWITCHED_OFF
from plantwright.sources.certificate import PublicCertificate, describe
from plantwright.sources.limits import MAX_TAGS, SOURCE_LIMITS
from plantwright.sources.models import OpcUaIdentity


@strawberry.type(description="What a certificate says; compare the fingerprint with what the other side shows.")
class OpcUaCertificate:
    fingerprint: str = strawberry.field(description="SHA-256, 64 hexadecimal digits.")
    subject: str
    application_uri: str | None
    not_before: datetime
    not_after: datetime
    pem: str = strawberry.field(description="To be saved as a file; it holds no secret.")

    @classmethod
    def of(cls, certificate: PublicCertificate) -> Self:
        return cls(
            fingerprint=certificate.fingerprint,
            subject=certificate.subject,
            application_uri=certificate.application_uri,
            not_before=certificate.not_before,
            not_after=certificate.not_after,
            pem=certificate.pem,
        )


@strawberry.type
class IngestSourceSetup:
    is_open: bool = strawberry.field(description="Whether this server reads devices itself at all.")
    message: str | None = strawberry.field(description="What to do when it does not.")
    max_sources: int = strawberry.field(description="The most sources that the tenant's tier allows.")
    max_tags: int = strawberry.field(description="The most tags of one source.")
    client_certificate: OpcUaCertificate | None = strawberry.field(
        description="Of this tenant towards OPC UA servers; made with the first secured source or test."
    )

    @classmethod
    def of(cls, tier: str, identity: OpcUaIdentity | None, *, is_open: bool) -> Self:
        return cls(
            is_open=is_open,
            message=None if is_open else SWITCHED_OFF,
            max_sources=SOURCE_LIMITS[Tier(tier)],
            max_tags=MAX_TAGS,
            client_certificate=None if identity is None else OpcUaCertificate.of(describe(identity.certificate)),
        )
