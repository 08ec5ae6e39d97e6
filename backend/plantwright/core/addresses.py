"""Which addresses the server may connect to.

A name is looked up here, every address it has is checked, and the connection goes to an address that was checked,
never to the name: what the name leads to a moment later does not matter.
"""

import asyncio
import contextlib
import ipaddress
import socket
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeAlias

from plantwright.core.errors import ConfigurationError, ValidationFailed

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network
LookUp: TypeAlias = Callable[[str, int], Awaitable[Sequence[str]]]

# Cloud metadata services, which lie within otherwise private networks.
_METADATA = frozenset(ipaddress.ip_address(text) for text in ("169.254.169.254", "fd00:ec2::254", "100.100.100.200"))
# Databases, caches and engines that answer whoever reaches them.
INFRASTRUCTURE_PORTS = frozenset({2375, 2376, 2379, 3306, 5432, 5672, 6379, 6443, 8500, 9200, 10250, 11211, 27017})
LOOK_UP_SECONDS = 5.0


def parse_networks(text: str, setting: str) -> tuple[Network, ...]:
    """Networks as `10.20.0.0/16, fd00:1::/64`; `setting` is where they stand.

    Raises:
        ConfigurationError: one of them is none.
    """
    found = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        try:
            found.append(ipaddress.ip_network(part))
        except ValueError as error:
            raise ConfigurationError(f"{setting}: {error}. Write 10.20.0.0/16, for example.") from None
    return tuple(found)


async def look_up(host: str, port: int) -> Sequence[str]:
    """Every address of a name. Raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


class AddressGuard(ABC):
    """Each kind of guard says which ports and addresses it lets pass; the networks are what an operator has listed."""

    def __init__(self, networks: Sequence[Network], resolve: LookUp = look_up) -> None:
        self._networks = tuple(networks)
        self._resolve = resolve

    @abstractmethod
    def check_port(self, port: int) -> None:
        """
        Raises:
            ValidationFailed: nothing is connected to on such a port.
        """

    @abstractmethod
    def refusal(self, host: str, what: str) -> ValidationFailed:
        """Why a host is refused; `what` is "is" or "has an address that is"."""

    @abstractmethod
    def allows(self, address: Address) -> bool: ...

    async def checked(self, host: str, port: int) -> str:
        """The address to connect to.

        Raises:
            ValidationFailed: the name has an address, or is one, that the server does not connect to.
            OSError: the name is not known, or nobody answers what it leads to.
        """
        return (await self.checked_addresses(host, port))[0]

    async def checked_addresses(self, host: str, port: int) -> Sequence[str]:
        """Every address of the host, in the order in which to try them. Raises as `checked`."""
        self.check_port(port)
        literal = parse_address(host)
        if literal is not None:
            if not self.allows(literal):
                raise self.refusal(host, "is")
            return [str(literal)]
        addresses = await self._addresses(host, port)
        if not all(self.allows(address) for address in addresses):
            # Which address it is stays unsaid: the server may know names that are none of the caller's business.
            raise self.refusal(host, "has an address that is")
        return [str(address) for address in addresses]

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
        literal = parse_address(host)
        if literal is not None and not self.allows(literal):
            raise self.refusal(host, "is")

    def is_listed(self, address: Address) -> bool:
        """Whether it lies in a listed network; loopback only in one that is loopback itself."""
        containing = [one for one in self._networks if one.version == address.version and address in one]
        if address.is_loopback:
            return any(network.is_loopback for network in containing)
        return bool(containing)

    async def _addresses(self, host: str, port: int) -> list[Address]:
        try:
            async with asyncio.timeout(LOOK_UP_SECONDS):
                texts = await self._resolve(host, port)
        except TimeoutError:
            raise OSError(f"no answer to where {host} is") from None
        except (OSError, UnicodeError):
            raise OSError(f"the name {host} is not known") from None
        addresses = [address for text in texts if (address := parse_address(text)) is not None]
        if not addresses:
            raise OSError(f"the name {host} has no address")
        return addresses


def is_never_allowed(address: Address) -> bool:
    """Metadata services, and what no listed network makes right."""
    return address in _METADATA or address.is_link_local or address.is_multicast or address.is_unspecified


def parse_address(text: str) -> Address | None:
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    # ::ffff:10.0.0.1 is 10.0.0.1 to the network, so it is to the list.
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address
