"""Which devices the server may read: those in the networks that its operator lists, on ports of devices."""

from collections.abc import Sequence

from plantwright.core import addresses
from plantwright.core.addresses import INFRASTRUCTURE_PORTS, Address, AddressGuard, Network, is_never_allowed
from plantwright.core.errors import ValidationFailed

SETTING = "PLANTWRIGHT_SOURCE_NETWORKS"
SWITCHED_OFF = (
    "This server does not read devices itself. Its operator allows it by listing networks in "
    f"{SETTING}, for example 10.20.0.0/16; until then use an agent."
)
# Modbus and Modbus Security have numbers below 1024; no other device port has.
_LOW_PORTS = frozenset({502, 802})
_FIRST_FREE_PORT = 1024


def parse_networks(text: str) -> Sequence[Network]:
    """
    Raises:
        ConfigurationError: one of them is none.
    """
    return addresses.parse_networks(text, SETTING)


class DeviceGuard(AddressGuard):
    """Lets pass what is in the listed networks."""

    @property
    def is_open(self) -> bool:
        """Whether anything may be connected to."""
        return bool(self._networks)

    def check_port(self, port: int) -> None:
        """
        Raises:
            ValidationFailed: sources are switched off, or no device listens on such a port.
        """
        if not self.is_open:
            raise ValidationFailed(SWITCHED_OFF, ["address"])
        if port in INFRASTRUCTURE_PORTS or (port < _FIRST_FREE_PORT and port not in _LOW_PORTS):
            raise ValidationFailed(
                f"The server does not connect to port {port}: devices listen on 502, 802 or on a port from 1024 up.",
                ["address"],
            )

    def allows(self, address: Address) -> bool:
        return not is_never_allowed(address) and self.is_listed(address)

    def refusal(self, host: str, what: str) -> ValidationFailed:
        return ValidationFailed(
            f"{host} {what} not in a network that this server may read devices in; its operator lists them in "
            f"{SETTING}.",
            ["address"],
        )
