"""Modbus TCP server of the demo plant: one unit id per machine, registers are read-only."""

from pymodbus.constants import ExcCodes
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice
from pymodbus.simulator.simdevice import SimAction

from plantwright.demo.machines import machines_on
from plantwright.demo.modbus_map import Register, registers_of, unit_ids
from plantwright.demo.model import Machine, Protocol
from plantwright.demo.tick import Tick

READ_HOLDING = 3
READ_INPUT = 4
_FUNCTION = {"holding": READ_HOLDING, "input": READ_INPUT}
# Unit 0 stands for every unit the plant does not have; without it the library logs a traceback per request.
_OTHER_UNITS = 0
_UNUSED_ADDRESS = 65_000

_Image = dict[tuple[int, int], int]


class ModbusOutlet:
    """Serves the machines on Modbus TCP; a machine whose link is down answers as a gateway without target."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._server: ModbusTcpServer | None = None
        self._units = unit_ids()
        self._images: dict[int, _Image] = {unit: {} for unit in self._units.values()}
        self._silent: set[int] = set(self._images)

    async def start(self) -> None:
        devices = [self._device(machine) for machine in machines_on(Protocol.MODBUS_TCP)]
        devices.append(SimDevice(_OTHER_UNITS, [SimData(0, _UNUSED_ADDRESS, 0, DataType.REGISTERS)], action=_refuse))
        self._server = ModbusTcpServer(devices, address=("127.0.0.1", self.port))
        await self._server.serve_forever(background=True)

    async def publish(self, tick: Tick) -> None:
        for machine in machines_on(Protocol.MODBUS_TCP):
            unit = self._units[machine.identifier]
            readings = tick.readings[machine.identifier]
            self._images[unit].update(
                ((_FUNCTION[register.register_type], register.address + offset), word)
                for register in registers_of(machine)
                for offset, word in enumerate(register.encode(readings[register.spec.name]))
            )
        self._silent = {unit for name, unit in self._units.items() if name in tick.dropped}

    async def stop(self) -> None:
        if self._server is not None:
            await self._server.shutdown()  # type: ignore[no-untyped-call]

    def _device(self, machine: Machine) -> SimDevice:
        unit = self._units[machine.identifier]
        registers = registers_of(machine)
        unused_bits = [SimData(_UNUSED_ADDRESS, values=False, datatype=DataType.BITS, readonly=True)]
        blocks = (
            unused_bits,
            list(unused_bits),
            [_sim_data(register) for register in registers if register.register_type == "holding"],
            [_sim_data(register) for register in registers if register.register_type == "input"],
        )
        return SimDevice(unit, blocks, action=self._answer_of(unit))

    def _answer_of(self, unit: int) -> SimAction:
        async def answer(  # noqa: PLR0917 - the library's signature
            function_code: int,
            start_address: int,
            address: int,
            count: int,
            current_registers: list[int],
            set_values: list[int] | list[bool] | None,  # noqa: ARG001 - writes are refused by the read-only flag
        ) -> ExcCodes | None:
            """Copy the latest image into the library's registers just before it answers from them."""
            if unit in self._silent:
                return ExcCodes.GATEWAY_NO_RESPONSE
            image = self._images[unit]
            for register in range(address, address + count):
                word = image.get((function_code, register))
                if word is not None:
                    current_registers[register - start_address] = word
            return None

        return answer


def _sim_data(register: Register) -> SimData:
    kind = DataType.FLOAT32 if register.data_type == "float32" else DataType.INT16
    return SimData(register.address, values=0.0 if kind is DataType.FLOAT32 else 0, datatype=kind, readonly=True)


async def _refuse(*_request: object) -> ExcCodes:
    return ExcCodes.GATEWAY_PATH_UNAVIABLE
