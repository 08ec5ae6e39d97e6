"""What is at these addresses? One look at a device, for people who are about to configure it."""

from dataclasses import dataclass

from plantwright_agent.errors import RetryableInputError
from plantwright_agent.inputs.modbus_tcp.config import ADDRESSES, ModbusConnection, RegisterType
from plantwright_agent.inputs.modbus_tcp.device import Device, join_device
from plantwright_agent.inputs.modbus_tcp.reader import NoAnswerError, RefusedError

LARGEST_COUNT = 1_000
ILLEGAL_FUNCTION = 1


@dataclass(frozen=True, slots=True)
class ProbedAddress:
    """One register (0 to 65,535) or coil (0 or 1), or the reason why it cannot be read."""

    address: int
    value: int | None
    reason: str = ""


async def probe(
    connection: ModbusConnection, kind: RegisterType, address: int, count: int, unit_id: int | None = None
) -> list[ProbedAddress]:
    """One entry per address, in order; at most 1,000 of them.

    What is refused together is asked in halves, down to single addresses. Raises RetryableInputError when the device
    or the unit does not answer, and ValueError for addresses that do not exist.
    """
    if not (address >= 0 and 1 <= count <= LARGEST_COUNT and address + count <= ADDRESSES):
        raise ValueError(f"addresses are 0 to {ADDRESSES - 1}, at most {LARGEST_COUNT} at once")
    unit = connection.unit_id if unit_id is None else unit_id
    user = object()
    device = join_device(user, connection, frozenset({unit}))
    limit = connection.limit(kind)
    found: list[ProbedAddress] = []
    try:
        for start in range(address, address + count, limit):
            found += await _probe(device, kind, unit, range(start, min(start + limit, address + count)))
    except NoAnswerError as error:
        raise RetryableInputError(f"unit {unit}: {error}") from None
    finally:
        device.leave(user)
    return found


async def _probe(device: Device, kind: RegisterType, unit: int, addresses: range) -> list[ProbedAddress]:
    try:
        values = await device.read(kind, unit, addresses.start, len(addresses))
    except RefusedError as error:
        if len(addresses) == 1 or error.code == ILLEGAL_FUNCTION:
            return [ProbedAddress(address, None, str(error)) for address in addresses]
        middle = len(addresses) // 2
        first = await _probe(device, kind, unit, addresses[:middle])
        return first + await _probe(device, kind, unit, addresses[middle:])
    return [ProbedAddress(address, int(value)) for address, value in zip(addresses, values, strict=True)]
