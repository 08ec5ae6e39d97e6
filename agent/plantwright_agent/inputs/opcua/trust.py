"""First contact with a server: what it offers, whether its certificate is trusted, and how a person trusts it."""

from dataclasses import dataclass
from datetime import UTC, datetime

from asyncua import ua
from asyncua.ua.uaerrors import UaError
from cryptography import x509

from plantwright_agent.errors import PermanentInputError
from plantwright_agent.inputs.opcua.certificates import (
    decode,
    describe,
    endpoint_host,
    fingerprint,
    hosts,
    names_host,
    own_certificate,
)
from plantwright_agent.inputs.opcua.config import OpcUaConnection
from plantwright_agent.inputs.opcua.reader import offered_endpoints
from plantwright_agent.inputs.opcua.refusals import refusal
from plantwright_agent.inputs.opcua.trust_folder import TrustFolder

MODES = {
    ua.MessageSecurityMode.None_: "None",
    ua.MessageSecurityMode.Sign: "Sign",
    ua.MessageSecurityMode.SignAndEncrypt: "SignAndEncrypt",
}
TOKENS = {
    ua.UserTokenType.Anonymous: "anonymous",
    ua.UserTokenType.UserName: "username",
    ua.UserTokenType.Certificate: "certificate",
    ua.UserTokenType.IssuedToken: "issued token",
}


@dataclass(frozen=True, slots=True)
class OfferedEndpoint:
    """One way in that a server offers. Without a certificate (security None) the last five are empty or None.

    `user_tokens` is of anonymous, username, certificate, issued token; `certificate` is DER, the server's own first.
    """

    security_mode: str
    security_policy: str
    user_tokens: tuple[str, ...]
    certificate: bytes
    fingerprint: str
    subject: str
    not_before: datetime | None
    not_after: datetime | None


class UntrustedServerError(PermanentInputError):
    """The server's certificate is not trusted. `known` is the one trusted before, if there was one."""

    def __init__(self, message: str, certificate: x509.Certificate, known: x509.Certificate | None) -> None:
        self.certificate = certificate
        self.known = known
        super().__init__(message)


async def server_certificates(endpoint: str, timeout: float) -> list[OfferedEndpoint]:  # noqa: ASYNC109 - per request
    """What the server offers, asked without security. Raises PermanentInputError or RetryableInputError."""
    try:
        found = await offered_endpoints(endpoint, timeout)
    except (UaError, OSError) as error:
        raise refusal(endpoint, error) from error
    return [_offered(item) for item in found if (item.EndpointUrl or "").startswith("opc.tcp")]


async def presented_certificate(connection: OpcUaConnection) -> x509.Certificate:
    """The certificate the server shows now for the configured security; nothing is trusted by this.

    Raises PermanentInputError or RetryableInputError.
    """
    offers = await server_certificates(connection.endpoint, connection.timeout)
    shown = next((item.certificate for item in offers if item.certificate), b"")
    if not shown:
        raise PermanentInputError(f"{connection.endpoint} shows no certificate: it offers no security")
    return decode(shown)[0]


def trust(connection: OpcUaConnection, certificate: x509.Certificate) -> str:
    """From now on the server may use this certificate at this endpoint, and no longer another one.

    Returns the name of the file. Raises ValueError when the connection names no trust folder.
    """
    if connection.trust_dir is None:
        raise ValueError("the source has no trust_dir")
    return str(TrustFolder(connection.trust_dir).pin(connection.endpoint, certificate))


async def own_identity(connection: OpcUaConnection) -> x509.Certificate:
    """The agent's certificate, for the server's administrator to trust; made now when there is none.

    Raises ValueError when there is neither a certificate nor a trust folder, OSError when a file cannot be used.
    """
    path = connection.certificate
    if path is None:
        if connection.trust_dir is None:
            raise ValueError("the source has neither a certificate nor a trust_dir")
        path, _ = await own_certificate(connection.trust_dir)
    return decode(path.read_bytes())[0]


def check_server(connection: OpcUaConnection, shown: bytes, source: str) -> str:
    """What a person should know although the server is trusted; empty when all is well.

    `shown` is DER; `source` is what the person calls it on the command line. Raises UntrustedServerError, and
    ValueError or OSError when a certificate or the folder cannot be read or written.
    """
    chain = decode(shown)
    endpoint, certificate = connection.endpoint, chain[0]
    folder = None if connection.trust_dir is None else TrustFolder(connection.trust_dir)
    known: x509.Certificate | None
    if connection.server_certificate is not None:
        known = decode(connection.server_certificate.read_bytes())[0]
    else:
        known = None if folder is None else folder.pinned(endpoint)
    if known == certificate:
        return _remark(certificate)
    if connection.server_certificate is None and folder is not None and folder.vouches_for(endpoint, chain):
        return ""
    if folder is not None:
        folder.reject(endpoint, certificate)
    raise UntrustedServerError(_warning(connection, certificate, known, source), certificate, known)


def _warning(
    connection: OpcUaConnection, certificate: x509.Certificate, known: x509.Certificate | None, source: str
) -> str:
    if known is None:
        lines = [f"first contact with {connection.endpoint}: its certificate is not trusted yet"]
    else:
        lines = [f"{connection.endpoint} shows another certificate than the trusted one ({fingerprint(known)})"]
    lines.append(describe(certificate))
    host = endpoint_host(connection.endpoint)
    if not names_host(certificate, host):
        lines.append(f"it is made for {', '.join(hosts(certificate)) or 'no host'}, not for {host}")
    if remark := _remark(certificate):
        lines.append(remark)
    if connection.server_certificate is not None:
        lines.append(f"if it is the right one, replace {connection.server_certificate}")
    else:
        lines.append(f'if it is the right one, run: plantwright-agent trust opcua "{source}"')
    return "; ".join(lines)


def _remark(certificate: x509.Certificate) -> str:
    now = datetime.now(UTC)
    if now > certificate.not_valid_after_utc:
        return f"the server's certificate expired on {certificate.not_valid_after_utc:%Y-%m-%d}"
    if now < certificate.not_valid_before_utc:
        begins = f"{certificate.not_valid_before_utc:%Y-%m-%d %H:%M}"
        return (
            f"the server's certificate is not valid before {begins} UTC, and it is {now:%Y-%m-%d %H:%M} by this clock"
        )
    return ""


def _offered(item: ua.EndpointDescription) -> OfferedEndpoint:
    shown = item.ServerCertificate or b""
    certificate = decode(shown)[0] if shown else None
    return OfferedEndpoint(
        security_mode=MODES.get(item.SecurityMode, str(item.SecurityMode)),
        security_policy=(item.SecurityPolicyUri or "").rpartition("#")[2],
        user_tokens=tuple(dict.fromkeys(TOKENS[token.TokenType] for token in item.UserIdentityTokens or [])),
        certificate=shown,
        fingerprint="" if certificate is None else fingerprint(certificate),
        subject="" if certificate is None else certificate.subject.rfc4514_string(),
        not_before=None if certificate is None else certificate.not_valid_before_utc,
        not_after=None if certificate is None else certificate.not_valid_after_utc,
    )
