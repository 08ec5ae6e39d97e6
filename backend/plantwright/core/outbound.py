"""The only way out: connections to hosts that people have entered.

A name is looked up once, every address it has is checked, and the connection goes to a checked address; Host and the
name that the certificate must carry stay those of the URL. No redirect is followed. docs/notifications.md lists what is
refused.
"""

import asyncio
import contextlib
import ipaddress
import ssl
from collections.abc import Sequence

import httpx
from pydantic import SecretStr

from plantwright.core import addresses
from plantwright.core.addresses import (
    INFRASTRUCTURE_PORTS,
    Address,
    AddressGuard,
    LookUp,
    Network,
    is_never_allowed,
    look_up,
    parse_address,
)
from plantwright.core.errors import ConfigurationError, ValidationFailed
from plantwright.core.settings import Settings

SETTING = "PLANTWRIGHT_OUTBOUND_NETWORKS"
WEB_PORTS = frozenset({443, 8443})
MAIL_PORTS = frozenset({25, 465, 587, 2525})
MQTT_PORTS = frozenset({1883, 8883})
CONNECT_SECONDS = 3.0
TOTAL_SECONDS = 10.0
LONGEST_RESPONSE = 4_096
LONGEST_BODY = 256 * 1024
# Addresses that lead elsewhere: 6to4 and its relays, Teredo, NAT64, IPv4-compatible.
_TRANSLATED = tuple(
    ipaddress.ip_network(text)
    for text in ("2002::/16", "192.88.99.0/24", "2001::/32", "64:ff9b::/96", "64:ff9b:1::/48", "::/96")
)


class OutboundGuard(AddressGuard):
    """Lets pass what is public, and what lies in the networks that the operator has listed."""

    def __init__(
        self, networks: Sequence[Network], resolve: LookUp = look_up, ports: frozenset[int] = frozenset()
    ) -> None:
        super().__init__(networks, resolve)
        self._ports = ports | WEB_PORTS | MAIL_PORTS | MQTT_PORTS

    async def checked_addresses(self, host: str, port: int) -> Sequence[str]:
        """As for every guard; a port that is not of the web, of mail or of MQTT serves in listed networks only."""
        found = await super().checked_addresses(host, port)
        self._check_reach(host, port, found)
        return found

    def check_connection(self, address: str, port: int) -> None:
        """As `checked_addresses`, for an address that is connected to.

        Raises:
            ValidationFailed: the server does not connect there.
        """
        self.check_literal(address, port)
        self._check_reach(address, port, [address])

    def _check_reach(self, host: str, port: int, found: Sequence[str]) -> None:
        if port not in self._ports and not self.are_listed(found):
            raise ValidationFailed(
                f"The server does not connect to port {port} of {host}; it does to 443 and 8443, of mail and MQTT "
                f"servers to theirs, and to others only in the networks of {SETTING}."
            )

    async def listed_addresses(self, host: str, port: int) -> Sequence[str]:
        """For connections without TLS: in listed networks, on any port that is no database's."""
        found = await super().checked_addresses(host, port)
        if not self.are_listed(found):
            raise ValidationFailed(f"{host} must be reached by https; http serves only in the networks of {SETTING}.")
        return found

    def check_port(self, port: int) -> None:
        if port in INFRASTRUCTURE_PORTS or port <= 0:
            raise ValidationFailed(f"The server does not connect to port {port}.")

    def allows(self, address: Address) -> bool:
        if is_never_allowed(address):
            return False
        return self.is_listed(address) or _is_public(address)

    def are_listed(self, found: Sequence[str]) -> bool:
        parsed = (parse_address(text) for text in found)
        return all(address is not None and self.is_listed(address) for address in parsed)

    def refusal(self, host: str, what: str) -> ValidationFailed:
        return ValidationFailed(
            f"{host} {what} in a network that this server does not send to; its operator may allow it in {SETTING}."
        )


class Outbound:
    """Hands out what connects only to addresses that were checked."""

    def __init__(self, guard: OutboundGuard, *, tls: ssl.SSLContext | None = None, proxy: str | None = None) -> None:
        self._guard = guard
        self._tls = tls or ssl.create_default_context()
        self._proxy = proxy

    @property
    def tls(self) -> ssl.SSLContext:
        """What certificates of servers are checked with, for protocols other than HTTP."""
        return self._tls

    def client(self) -> httpx.AsyncClient:
        """A client for requests of at most 10 s (3 s to connect) and 256 kB, of whose answer at most 4 kB are read.

        A request raises ValidationFailed for an address, port, scheme or size that is refused, and
        httpx.TransportError for everything that the other side does; an answer that breaks off is an answer.
        """
        transport = _CheckedTransport(self._guard, self._tls, self._proxy)
        return httpx.AsyncClient(
            transport=transport,
            follow_redirects=False,
            trust_env=False,
            timeout=httpx.Timeout(TOTAL_SECONDS, connect=CONNECT_SECONDS),
            headers={"User-Agent": "Plantwright", "Accept-Encoding": "identity"},
        )

    async def connect_address(self, host: str, port: int) -> str:
        """The checked address to open a connection to, for protocols other than HTTP.

        Raises:
            ValidationFailed: the server does not connect there.
            OSError: the name is not known.
        """
        return await self._guard.checked(host, port)

    def is_listed(self, address: str) -> bool:
        """Whether a checked address lies in the operator's networks, where connections without TLS serve."""
        return self._guard.are_listed([address])

    async def check_url(self, url: str, field: str) -> None:
        """What can be said of a URL when it is saved; a name that is not known now may be known later.

        Raises:
            ValidationFailed: it is no URL, or one that the server does not send to; `field` is where it was entered.
        """
        try:
            parsed = httpx.URL(url)
        except httpx.InvalidURL as error:
            raise ValidationFailed(f"{field} is no URL: {error}.", [field]) from None
        if parsed.scheme not in {"http", "https"} or not parsed.host:
            raise ValidationFailed(f"{field} must be an https URL.", [field])
        if parsed.userinfo:
            raise ValidationFailed(f"{field} must not hold a user or password; use a header.", [field])
        try:
            await addresses_of(self._guard, parsed)
        except ValidationFailed as error:
            raise ValidationFailed(error.message, [field]) from None
        except OSError:
            return


class _CheckedTransport(httpx.AsyncHTTPTransport):
    """Sends to the address in place of the name. Connections are not kept: one is of a single name."""

    def __init__(self, guard: OutboundGuard, tls: ssl.SSLContext, proxy: str | None) -> None:
        super().__init__(verify=tls, trust_env=False, proxy=proxy, limits=httpx.Limits(max_keepalive_connections=0))
        self._guard = guard
        self._is_proxied = proxy is not None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if len(await request.aread()) > LONGEST_BODY:
            raise ValidationFailed(f"A message has at most {LONGEST_BODY // 1024} kB.")
        try:
            async with asyncio.timeout(TOTAL_SECONDS):
                response = await self._first_answer(request)
                return httpx.Response(
                    response.status_code, headers=_without_coding(response.headers), content=await _beginning(response)
                )
        except TimeoutError:
            raise httpx.ReadTimeout(f"no answer within {TOTAL_SECONDS:g} s", request=request) from None

    async def _first_answer(self, request: httpx.Request) -> httpx.Response:
        try:
            found = await addresses_of(self._guard, request.url)
        except OSError as error:
            if not self._is_proxied:
                raise httpx.ConnectError(str(error), request=request) from error
            found = []
        if self._is_proxied:
            # The proxy asks for the name itself; what we know of it has been checked.
            return await super().handle_async_request(request)
        for address in found[:-1]:
            with contextlib.suppress(httpx.ConnectError, httpx.ConnectTimeout):
                return await super().handle_async_request(_directed(request, address))
        return await super().handle_async_request(_directed(request, found[-1]))


async def addresses_of(guard: OutboundGuard, url: httpx.URL) -> Sequence[str]:
    """
    Raises:
        ValidationFailed: not https, or an address or port that is refused.
        OSError: the name is not known.
    """
    if url.scheme != "https":
        return await guard.listed_addresses(url.host, url.port or 80)
    return await guard.checked_addresses(url.host, url.port or 443)


def open_outbound(settings: Settings, resolve: LookUp = look_up) -> Outbound:
    """
    Raises:
        ConfigurationError: a network, a port or the file of certificates is none.
    """
    networks = addresses.parse_networks(settings.outbound_networks, SETTING)
    guard = OutboundGuard(networks, resolve, parse_ports(settings.outbound_ports))
    tls = ssl.create_default_context()
    if settings.outbound_ca_file is not None:
        try:
            tls.load_verify_locations(settings.outbound_ca_file)
        except OSError as error:
            raise ConfigurationError(f"PLANTWRIGHT_OUTBOUND_CA_FILE: {error}.") from None
    proxy: SecretStr | None = settings.outbound_proxy
    return Outbound(guard, tls=tls, proxy=None if proxy is None else proxy.get_secret_value())


def parse_ports(text: str) -> frozenset[int]:
    try:
        return frozenset(int(part) for part in text.split(",") if part.strip())
    except ValueError:
        raise ConfigurationError("PLANTWRIGHT_OUTBOUND_PORTS: write numbers separated by commas.") from None


def _is_public(address: Address) -> bool:
    if any(address.version == network.version and address in network for network in _TRANSLATED):
        return False
    is_site_local = isinstance(address, ipaddress.IPv6Address) and address.is_site_local
    return address.is_global and not (address.is_private or address.is_reserved or is_site_local)


def _directed(request: httpx.Request, address: str) -> httpx.Request:
    """The same request to an address; Host is set already, and the certificate is checked for the name."""
    return httpx.Request(
        request.method,
        request.url.copy_with(host=address),
        headers=request.headers,
        content=request.content,
        extensions={**request.extensions, "sni_hostname": request.url.host},
    )


async def _beginning(response: httpx.Response) -> bytes:
    """At most 4 kB; an answer that breaks off, or is shorter than it said, has said its status already."""
    body = bytearray()
    try:
        with contextlib.suppress(httpx.TransportError):
            async for part in response.aiter_raw():
                body += part
                if len(body) >= LONGEST_RESPONSE:
                    break
    finally:
        await response.aclose()
    return bytes(body[:LONGEST_RESPONSE])


def _without_coding(headers: httpx.Headers) -> httpx.Headers:
    """What is read is the beginning, as it came: neither length nor coding hold for it."""
    kept = httpx.Headers(headers)
    for name in ("content-encoding", "content-length", "transfer-encoding"):
        kept.pop(name, None)
    return kept
