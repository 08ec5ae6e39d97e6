"""A connected OPC UA client, and what it means when there is none."""

import asyncio
import contextlib
import logging
from pathlib import Path

from asyncua import ua
from asyncua.client.client import Client
from asyncua.crypto import security_policies
from asyncua.crypto.uacrypto import CertProperties
from asyncua.ua import uaerrors
from asyncua.ua.uaerrors import UaError
from cryptography import x509

from plantwright_agent.errors import PermanentInputError, RetryableInputError
from plantwright_agent.inputs.opcua.config import OpcUaConfig

log = logging.getLogger(__name__)

APPLICATION = "urn:plantwright:agent"
LONGEST_RECONNECT_DELAY = 10.0
GOODBYE_SECONDS = 5.0
REFUSALS = (
    uaerrors.BadUserAccessDenied,
    uaerrors.BadIdentityTokenRejected,
    uaerrors.BadIdentityTokenInvalid,
    uaerrors.BadSecurityChecksFailed,
    uaerrors.BadSecurityPolicyRejected,
    uaerrors.BadSecurityModeRejected,
    uaerrors.BadCertificateUntrusted,
    uaerrors.BadCertificateInvalid,
    uaerrors.BadCertificateTimeInvalid,
    uaerrors.BadCertificateUriInvalid,
    uaerrors.BadCertificateUseNotAllowed,
)


async def connected_client(config: OpcUaConfig) -> Client:
    """Raises PermanentInputError or RetryableInputError; then nothing is left open."""
    client = Client(
        config.endpoint,
        timeout=config.timeout,
        auto_reconnect=True,
        reconnect_max_delay=LONGEST_RECONNECT_DELAY,
    )
    client.name = client.description = "Plantwright agent"
    client.application_uri = APPLICATION
    try:
        await _secure(client, config)
    except (OSError, ValueError, UaError) as error:
        raise PermanentInputError(f"certificate or key cannot be used: {error}") from error
    try:
        await client.connect()
    except REFUSALS as error:
        raise PermanentInputError(f"{config.endpoint} refuses: {type(error).__name__}") from error
    except (OSError, UaError) as error:
        reason = str(error) or type(error).__name__
        raise RetryableInputError(f"cannot connect to {config.endpoint}: {reason}") from error
    except asyncio.CancelledError:
        client.disconnect_socket()
        raise
    return client


async def disconnect(client: Client) -> None:
    """Say goodbye if the server listens; never takes longer than a few seconds."""
    with contextlib.suppress(OSError, UaError):
        await asyncio.wait_for(client.disconnect(), GOODBYE_SECONDS)


async def _secure(client: Client, config: OpcUaConfig) -> None:
    if config.username is not None and config.password is not None:
        client.set_user(config.username)
        client.set_password(config.password.reveal())
    if config.certificate is None or config.private_key is None or config.server_certificate is None:
        return
    client.application_uri = application_uri(config.certificate)
    await client.set_security(
        getattr(security_policies, f"SecurityPolicy{config.security_policy}"),
        certificate=_file(config.certificate),
        private_key=_file(config.private_key),
        server_certificate=_file(config.server_certificate),
        mode=ua.MessageSecurityMode[config.security_mode],
    )


def application_uri(certificate: Path) -> str:
    """The URI in the certificate: a server refuses a client that calls itself something else."""
    content = certificate.read_bytes()
    load = x509.load_pem_x509_certificate if _is_pem(content) else x509.load_der_x509_certificate
    try:
        names = load(content).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        raise ValueError(f"{certificate} names no application URI") from None
    uris = names.get_values_for_type(x509.UniformResourceIdentifier)
    if not uris:
        raise ValueError(f"{certificate} names no application URI")
    return uris[0]


def _file(path: Path) -> CertProperties:
    """The library goes by the file's ending; the content is what counts."""
    return CertProperties(path, "pem" if _is_pem(path.read_bytes()) else "der")


def _is_pem(content: bytes) -> bool:
    return content.lstrip().startswith(b"-----BEGIN")
