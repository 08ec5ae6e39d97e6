"""E-mail by SMTP (RFC 5321), through the channel's own server or the operator's."""

import asyncio
import contextlib
import ssl
from typing import ClassVar, Final

import aiosmtplib
import msgspec

from plantwright.core.errors import ValidationFailed
from plantwright.core.outbound import TOTAL_SECONDS, Outbound
from plantwright.notifications.channels.connecting import open_socket, require_listed
from plantwright.notifications.channels.contract import Message, Outcome
from plantwright.notifications.channels.mail import compose
from plantwright.notifications.channels.smtp_server import DEFAULT_PORTS, SmtpSecurity, SmtpServer, check_address

NO_SERVER: Final = (
    "This installation has no mail server. Enter one (smtp_host, from_address), or ask its operator to set "
    "PLANTWRIGHT_SMTP_URL."
)
_PERMANENT: Final = 500
# The mail is accepted by then; a server that does not say good-bye must not make us send it again.
_GOODBYE_SECONDS: Final = 1.0


class EmailConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`email` alone uses the operator's server. `smtp_security` is STARTTLS, TLS from the start, or none."""

    email: str
    smtp_host: str | None = None
    smtp_port: int | None = None
    smtp_security: SmtpSecurity = "starttls"
    smtp_username: str | None = None
    smtp_password: str | None = None
    from_address: str | None = None


class EmailChannel:
    """`server` is the operator's, `host` the name of the installation."""

    type: ClassVar[str] = "email"
    Config: ClassVar = EmailConfig
    secret_fields: ClassVar[frozenset[str]] = frozenset({"smtp_password"})
    generated_fields: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, server: SmtpServer | None, host: str) -> None:
        self._server = server
        self._host = host

    async def check(self, config: EmailConfig, outbound: Outbound) -> None:
        check_address(config.email, "email")
        if config.from_address is not None:
            check_address(config.from_address, "from_address")
        server = self._server_of(config)
        if server.is_trusted:
            return
        if (server.username is None) != (server.password is None):
            raise ValidationFailed("smtp_username and smtp_password go together.", ["smtp_username"])
        with contextlib.suppress(OSError):
            await _address_of(server, outbound)

    async def send(self, config: EmailConfig, message: Message, outbound: Outbound) -> Outcome:
        server = self._server_of(config)
        mail = compose(message, server.sender, config.email, self._host)
        try:
            async with asyncio.timeout(TOTAL_SECONDS):
                client = await self._client(server, outbound)
                try:
                    await client.connect()
                    _, reply = await client.sendmail(server.sender, [config.email], mail)
                except BaseException:
                    client.close()
                    raise
        except (aiosmtplib.SMTPException, ssl.SSLError) as error:
            return _failure(error, server.host)
        with contextlib.suppress(aiosmtplib.SMTPException, OSError):
            await client.quit(timeout=_GOODBYE_SECONDS)
        client.close()
        return Outcome(is_delivered=True, status="250", detail=f"{server.host} took the mail.", response=reply)

    async def _client(self, server: SmtpServer, outbound: Outbound) -> aiosmtplib.SMTP:
        address = await _address_of(server, outbound)
        opened = await open_socket(address, server.port)
        return aiosmtplib.SMTP(
            hostname=server.host,
            sock=opened,
            use_tls=server.security == "tls",
            start_tls=server.security == "starttls",
            tls_context=outbound.tls,
            local_hostname=self._host,
            username=server.username,
            password=server.password,
            timeout=None,
        )

    def _server_of(self, config: EmailConfig) -> SmtpServer:
        if config.smtp_host is None:
            if self._server is None:
                raise ValidationFailed(NO_SERVER, ["smtp_host"])
            return self._server
        if config.from_address is None:
            raise ValidationFailed(
                "A mail server of your own needs from_address, whom mails come from.", ["from_address"]
            )
        return SmtpServer(
            config.smtp_host,
            config.smtp_port or DEFAULT_PORTS[config.smtp_security],
            config.smtp_security,
            config.from_address,
            config.smtp_username,
            config.smtp_password,
        )


async def _address_of(server: SmtpServer, outbound: Outbound) -> str:
    """
    Raises:
        ValidationFailed: the server does not connect there, or not without TLS.
        OSError: the name is not known.
    """
    if server.is_trusted:
        found = await asyncio.get_running_loop().getaddrinfo(server.host, server.port)
        return str(found[0][4][0])
    try:
        address = await outbound.connect_address(server.host, server.port)
    except ValidationFailed as error:
        raise ValidationFailed(error.message, ["smtp_host"]) from None
    if server.security == "none":
        require_listed(outbound, address, server.host, "smtp_security")
    return address


def _failure(error: aiosmtplib.SMTPException | ssl.SSLError, host: str) -> Outcome:
    match error:
        case aiosmtplib.SMTPRecipientsRefused():
            return _refusal(error.recipients[0], f"{host} does not take mail for this address")
        case aiosmtplib.SMTPAuthenticationError():
            return _refusal(error, f"{host} does not accept the login")
        case aiosmtplib.SMTPResponseException():
            return _refusal(error, f"{host} does not take the mail")
    status, detail, is_permanent = _without_answer(error, host)
    return Outcome(is_delivered=False, status=status, detail=detail, is_permanent=is_permanent)


def _without_answer(error: aiosmtplib.SMTPException | ssl.SSLError, host: str) -> tuple[str, str, bool]:
    if type(error) is aiosmtplib.SMTPException:
        return "unsupported", f"{host} does not offer what is needed: {error.message}", True
    if isinstance(error, ssl.SSLError) or isinstance(error.__cause__, ssl.SSLError):
        return "tls", f"No secure connection to {host}: {error.__cause__ or error}.", False
    return "disconnected", f"{host} broke off, or does not speak SMTP.", False


def _refusal(error: aiosmtplib.SMTPResponseException, what: str) -> Outcome:
    """RFC 5321, 4.2.1: 5yz will not go better, 4yz may."""
    return Outcome(
        is_delivered=False,
        status=str(error.code),
        detail=f"{what}: {error.code} {error.message}",
        is_permanent=error.code >= _PERMANENT,
        response=error.message,
    )
