"""Which addresses the server may connect to.

A name is looked up here, every address it has is checked, and the connection goes to the address that was checked,
never to the name: what the name leads to a moment later does not matter.
"""

import asyncio
import contextlib
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeAlias

from plantwright.core.errors import ConfigurationError, ValidationFailed

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network
LookUp: TypeAlias = Callable[[str, int], Awaitable[Sequence[str]]]

SWITCHED_OFF = (
    "This server does not read devices itself. Its operator allows it by listing networks in "
    "PLANTWRIGHT_SOURCE_NETWORKS, for example 10.20.0.0/16; until then use an agent."
)
# Cloud metadata services, which lie within otherwise private networks.
_METADATA = frozenset(ipaddress.ip_address(text) for text in ("169.254.169.254", "fd00:ec2::254", "100.100.100.200"))
# Modbus and Modbus Security have numbers below 1024; no other device port has.
_LOW_PORTS = frozenset({502, 802})
_FIRST_FREE_PORT = 1024
# Databases, caches and engines that answer whoever reaches them.
_INFRASTRUCTURE = frozenset({2375, 2376, 2379, 3306, 5432, 5672, 6379, 6443, 8500, 9200, 10250, 11211, 27017})
LOOK_UP_SECONDS = 5.0


def parse_networks(text: str) -> tuple[Network, ...]:
    """Networks as `10.20.0.0/16, fd00:1::/64`.

    Raises:
        ConfigurationError: one of them is none.
    """
    found = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        try:
            found.append(ipaddress.ip_network(part))
        except ValueError as error:
            raise ConfigurationError(
                f"PLANTWRIGHT_SOURCE_NETWORKS: {error}. Write 10.20.0.0/16, for example."
            ) from None
    return tuple(found)


async def look_up(host: str, port: int) -> Sequence[str]:
    """Every address of a name. Raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


class AddressGuard:
    """Lets pass what is in the listed networks."""

    def __init__(self, networks: Sequence[Network], resolve: LookUp = look_up) -> None:
        self._networks = tuple(networks)
        self._resolve = resolve

    @property
    def is_open(self) -> bool:
        """Whether anything may be connected to."""
        return bool(self._networks)

    async def checked(self, host: str, port: int) -> str:
        """The address to connect to.

        Raises:
            ValidationFailed: the name has an address, or is one, that the server does not connect to.
            OSError: the name is not known, or nobody answers what it leads to.
        """
        self.check_port(port)
        literal = _parse(host)
        if literal is not None:
            if not self._allows(literal):
                raise _refusal(host, "is")
            return str(literal)
        try:
            async with asyncio.timeout(LOOK_UP_SECONDS):
                texts = await self._resolve(host, port)
        except TimeoutError:
            raise OSError(f"no answer to where {host} is") from None
        except (OSError, UnicodeError):
            raise OSError(f"the name {host} is not known") from None
        addresses = [address for text in texts if (address := _parse(text)) is not None]
        if not addresses:
            raise OSError(f"the name {host} has no address")
        if not all(self._allows(address) for address in addresses):
            # Which address it is stays unsaid: the server may know names that are none of the caller's business.
            raise _refusal(host, "has an address that is")
        return str(addresses[0])

    def check_port(self, port: int) -> None:
        """
        Raises:
            ValidationFailed: sources are switched off, or no device listens on such a port.
        """
        if not self.is_open:
            raise ValidationFailed(SWITCHED_OFF, ["address"])
        if port in _INFRASTRUCTURE or (port < _FIRST_FREE_PORT and port not in _LOW_PORTS):
            raise ValidationFailed(
                f"The server does not connect to port {port}: devices listen on 502, 802 or on a port from 1024 up.",
                ["address"],
            )

    async def check_to_save(self, host: str, port: int) -> None:
        """As `checked`, but a name that is not known now may be known later.

        Raises:
            ValidationFailed: as for `checked`.
        """
        with contextlib.suppress(OSError):
            await self.checked(host, port)

    def check_literal(self, host: str, port: int) -> None:
        """What can be said without looking a name up.

        Raises:
            ValidationFailed: as for `checked`.
        """
        self.check_port(port)
        literal = _parse(host)
        if literal is not None and not self._allows(literal):
            raise _refusal(host, "is")

    def _allows(self, address: Address) -> bool:
        if address in _METADATA or address.is_link_local or address.is_multicast or address.is_unspecified:
            return False
        containing = [one for one in self._networks if one.version == address.version and address in one]
        if address.is_loopback:
            return any(network.is_loopback for network in containing)
        return bool(containing)


def _parse(text: str) -> Address | None:
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    # ::ffff:10.0.0.1 is 10.0.0.1 to the network, so it is to the list.
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _refusal(host: str, what: str) -> ValidationFailed:
    return ValidationFailed(
        f"{host} {what} not in a network that this server may read devices in; its operator lists them in "
        "PLANTWRIGHT_SOURCE_NETWORKS.",
        ["address"],
    )
