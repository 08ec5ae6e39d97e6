"""Which mail server takes a message: the channel's own, or the one that the operator has set for all."""

from dataclasses import dataclass, field
from email.errors import MessageError
from email.headerregistry import Address
from types import MappingProxyType
from typing import Final, Literal
from urllib.parse import unquote, urlsplit

from plantwright.core.errors import ConfigurationError, ValidationFailed

SmtpSecurity = Literal["starttls", "tls", "none"]
DEFAULT_PORTS: Final = MappingProxyType({"starttls": 587, "tls": 465, "none": 25})
_SCHEMES: Final[MappingProxyType[str, SmtpSecurity]] = MappingProxyType(
    {"smtp": "starttls", "smtps": "tls", "smtp+plain": "none"}
)
_LONGEST_ADDRESS = 254


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """`is_trusted`: the operator has named it, so its address needs no check."""

    host: str
    port: int
    security: SmtpSecurity
    sender: str
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    is_trusted: bool = False


def check_address(text: str, name: str) -> str:
    """The address as it is.

    Raises:
        ValidationFailed: it is not exactly one mail address, in ASCII.
    """
    try:
        address = Address(addr_spec=text)
    except (MessageError, ValueError, IndexError):
        address = Address()
    is_plain = text.isascii() and text.isprintable() and " " not in text
    if not is_plain or address.addr_spec != text or not address.domain or len(text) > _LONGEST_ADDRESS:
        raise ValidationFailed(f"{name} must be one mail address, such as shift@plant.example.", [name])
    return text


def parse_server(url: str, sender: str) -> SmtpServer:
    """The operator's server from `smtp://user:password@host:587` (STARTTLS), `smtps://…` or `smtp+plain://…`.

    Raises:
        ConfigurationError: the URL or the sender is none.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        parts, host, port = urlsplit(""), None, None
    security = _SCHEMES.get(parts.scheme)
    if host is None or security is None:
        raise ConfigurationError(
            "PLANTWRIGHT_SMTP_URL must be smtp://host:587 (STARTTLS), smtps://host:465 (TLS) or smtp+plain://host:25."
        )
    try:
        check_address(sender, "PLANTWRIGHT_SMTP_FROM")
    except ValidationFailed as error:
        raise ConfigurationError(error.message) from None
    return SmtpServer(
        host,
        port or DEFAULT_PORTS[security],
        security,
        sender,
        unquote(parts.username) if parts.username else None,
        unquote(parts.password) if parts.password else None,
        is_trusted=True,
    )
