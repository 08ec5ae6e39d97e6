"""Why a request got no answer, said for the person who has to do something about it."""

import ssl
from collections.abc import Iterator

import httpx

TLS_TOO_OLD = "the server does not offer TLS 1.3, which is the least the agent accepts"
# X509_V_ERR_CERT_NOT_YET_VALID of OpenSSL.
NOT_YET_VALID = 9
CLOCK = "; is the clock of this computer right?"
ALERTS = {
    "TLSV1_ALERT_PROTOCOL_VERSION": TLS_TOO_OLD,
    "UNSUPPORTED_PROTOCOL": TLS_TOO_OLD,
    "UNEXPECTED_EOF_WHILE_READING": "the other side ended the connection while TLS was set up; does it offer TLS 1.3?",
    "WRONG_VERSION_NUMBER": "the other side does not speak TLS; is the port right?",
    "TLSV13_ALERT_CERTIFICATE_REQUIRED": "the server asks for a client certificate",
    "SSLV3_ALERT_CERTIFICATE_EXPIRED": "the server refuses the client certificate: it has expired",
    "SSLV3_ALERT_CERTIFICATE_REVOKED": "the server refuses the client certificate: it was revoked",
    "SSLV3_ALERT_BAD_CERTIFICATE": "the server refuses the client certificate",
    "SSLV3_ALERT_CERTIFICATE_UNKNOWN": "the server refuses the client certificate",
    "TLSV1_ALERT_UNKNOWN_CA": "the server does not know the authority of the client certificate",
    "TLSV1_ALERT_ACCESS_DENIED": "the server refuses the client certificate",
}


def why_unreachable(error: Exception) -> str:
    """One sentence; never with a key or the credentials of a proxy in it."""
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            hint = CLOCK if cause.verify_code == NOT_YET_VALID else ""
            return f"the server's certificate is not trusted: {cause.verify_message}{hint}"
        if isinstance(cause, ssl.SSLError):
            return ALERTS.get(cause.reason or "", f"TLS failed: {cause.reason or cause.strerror}")
    if isinstance(error, httpx.ProxyError):
        return f"the proxy refuses: {error}"
    if isinstance(error, httpx.TimeoutException):
        return f"no answer in time ({type(error).__name__})"
    if isinstance(error, httpx.ReadError | httpx.RemoteProtocolError):
        return "the connection was ended before an answer came"
    return str(error) or type(error).__name__


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error, what it was raised from, and so on."""
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        seen = seen.__cause__ or seen.__context__
