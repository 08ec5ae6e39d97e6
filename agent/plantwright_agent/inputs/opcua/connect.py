"""From the settings to a connected reader: discovery, trust, security, session."""

import asyncio

from asyncua import ua
from asyncua.crypto import security_policies
from asyncua.crypto.uacrypto import CertProperties
from asyncua.ua.uaerrors import UaError
from cryptography import x509

from plantwright_agent.errors import PermanentInputError
from plantwright_agent.inputs.opcua.certificates import (
    application_uri,
    decode,
    encode,
    encode_key,
    load_key,
    own_certificate,
)
from plantwright_agent.inputs.opcua.config import POLICIES, OpcUaConnection
from plantwright_agent.inputs.opcua.reader import OpcUaReader, ReadingClient
from plantwright_agent.inputs.opcua.refusals import reason, refusal
from plantwright_agent.inputs.opcua.trust import OfferedEndpoint, check_server, server_certificates

LONGEST_RECONNECT_DELAY = 5.0


async def connected(connection: OpcUaConnection, source: str = "", *, resume: bool = False) -> OpcUaReader:
    """Raises PermanentInputError or RetryableInputError; then nothing is left open.

    With `resume` the reader comes back by itself after the connection was lost. `source` is what people call it.
    """
    client = ReadingClient(connection.endpoint, connection.timeout)
    offer = _matching(connection, await server_certificates(connection.endpoint, connection.timeout))
    _check_user(connection, offer)
    remark = await _secure(client, connection, offer, source) if connection.secured else ""
    try:
        await client.connect(auto_reconnect=resume, reconnect_max_delay=LONGEST_RECONNECT_DELAY)
    except (OSError, UaError) as error:
        raise refusal(connection.endpoint, error) from error
    except asyncio.CancelledError:
        client.disconnect_socket()
        raise
    reader = OpcUaReader(client, remark)
    try:
        await reader.learn_limits()
    except (OSError, UaError) as error:
        await reader.close()
        raise refusal(connection.endpoint, error) from error
    return reader


async def _secure(client: ReadingClient, connection: OpcUaConnection, offer: OfferedEndpoint, source: str) -> str:
    """Security, certificates and user of the client; the remark on the server's certificate."""
    try:
        remark = check_server(connection, offer.certificate, source or connection.endpoint)
        await _use_certificates(client, connection, decode(offer.certificate)[0])
    except (OSError, ValueError, TypeError, UaError) as error:
        raise PermanentInputError(f"certificate or key cannot be used: {reason(error)}") from error
    return remark


async def _use_certificates(client: ReadingClient, connection: OpcUaConnection, server: x509.Certificate) -> None:
    own, key = connection.certificate, connection.private_key
    if own is None or key is None:
        if connection.trust_dir is None:
            raise ValueError("the source has neither a certificate nor a trust_dir")
        own, key = await own_certificate(connection.trust_dir)
    first, *others = decode(own.read_bytes())
    uri = application_uri(first)
    if uri is None:
        raise ValueError(f"{own} names no application URI")
    client.application_uri = uri
    await client.set_security(
        getattr(security_policies, f"SecurityPolicy{POLICIES[connection.security_policy]}"),
        certificate=CertProperties(encode(first), "der"),
        private_key=CertProperties(encode_key(load_key(key, first)), "der"),
        server_certificate=CertProperties(encode(server), "der"),
        mode=ua.MessageSecurityMode[connection.security_mode],
        certificate_chain=[CertProperties(encode(item), "der") for item in others],
    )
    if connection.username is not None and connection.password is not None:
        client.set_user(connection.username)
        client.set_password(connection.password.reveal())
    if connection.user_certificate is not None and connection.user_private_key is not None:
        client.user_certificate = decode(connection.user_certificate.read_bytes())[0]
        client.user_private_key = load_key(connection.user_private_key, client.user_certificate)


def _matching(connection: OpcUaConnection, offers: list[OfferedEndpoint]) -> OfferedEndpoint:
    wanted = POLICIES[connection.security_policy] if connection.secured else "None"
    for offer in offers:
        same_policy = offer.security_policy.replace("_", "") == wanted
        if same_policy and offer.security_mode == connection.security_mode:
            return offer
    policy = f"{connection.security_policy} with " if connection.secured else "security_mode "
    raise PermanentInputError(
        f"{connection.endpoint} does not offer {policy}{connection.security_mode}; it offers {_list(offers)}"
    )


def _check_user(connection: OpcUaConnection, offer: OfferedEndpoint) -> None:
    kind = "username" if connection.username is not None else "anonymous"
    kind = "certificate" if connection.user_certificate is not None else kind
    if offer.user_tokens and kind not in offer.user_tokens:
        wanted = {"anonymous": "no user", "username": "username and password", "certificate": "user_certificate"}
        taken = ", ".join(wanted.get(item, item) for item in offer.user_tokens)
        raise PermanentInputError(f"{connection.endpoint} lets in: {taken}; the source gives {wanted[kind]}")


def _list(offers: list[OfferedEndpoint]) -> str:
    found = dict.fromkeys(f"{item.security_policy} with {item.security_mode}" for item in offers)
    return ", ".join(found) or "nothing"
