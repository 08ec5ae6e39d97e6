"""A real Modbus client against the plant, decoding by the register map."""

import logging
import time
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from plantwright.demo.fault_store import FaultStore
from plantwright.demo.machines import find_machine, machines_on
from plantwright.demo.modbus_map import Register, registers_of, unit_ids
from plantwright.demo.model import Protocol
from plantwright.demo.plant import Plant
from plantwright.demo.signals import snapshot
from pymodbus.client import AsyncModbusTcpClient
from pymodbus.constants import ExcCodes
from pymodbus.pdu import ModbusPDU

from tests.backend.demo.support import drop_link, restore_link, wait_until

UNITS = unit_ids()

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def client(plant: Plant) -> AsyncIterator[AsyncModbusTcpClient]:
    logging.getLogger("pymodbus").setLevel(logging.CRITICAL)
    connection = AsyncModbusTcpClient("127.0.0.1", port=plant.modbus_port, timeout=2, retries=0)
    assert await connection.connect()
    yield connection
    connection.close()


async def read(client: AsyncModbusTcpClient, machine: str, register: Register) -> ModbusPDU:
    count = 2 if register.data_type == "float32" else 1
    if register.register_type == "input":
        return await client.read_input_registers(register.address, count=count, device_id=UNITS[machine])
    return await client.read_holding_registers(register.address, count=count, device_id=UNITS[machine])


def decode(client: AsyncModbusTcpClient, register: Register, answer: ModbusPDU) -> float:
    kind = client.DATATYPE.FLOAT32 if register.data_type == "float32" else client.DATATYPE.INT16
    raw = client.convert_from_registers(answer.registers, kind)
    assert isinstance(raw, int | float)
    return raw * register.scale + register.offset


async def test_every_metric_decodes_to_the_value_of_a_recent_second(plant: Plant, client: AsyncModbusTcpClient) -> None:
    for machine in machines_on(Protocol.MODBUS_TCP):
        for register in registers_of(machine):
            answer = await read(client, machine.identifier, register)
            assert not answer.isError()
            value = decode(client, register, answer)
            assert any(
                value == pytest.approx(recent, rel=1e-6) for recent in _recent_values(machine.identifier, register)
            )


def _recent_values(identifier: str, register: Register) -> list[float]:
    now = int(time.time()) * 1000
    machine = find_machine(identifier)
    return [snapshot(machine, now - back * 1000)[register.spec.name] for back in range(-1, 4)]


async def test_the_map_has_floats_scaled_integers_and_both_register_types() -> None:
    registers = [register for machine in machines_on(Protocol.MODBUS_TCP) for register in registers_of(machine)]
    assert {(r.data_type, r.register_type) for r in registers} == {
        ("float32", "holding"),
        ("int16", "holding"),
        ("int16", "input"),
    }
    assert any(r.scale != 1.0 and r.offset != 0.0 for r in registers)


async def test_input_and_holding_registers_are_apart(client: AsyncModbusTcpClient) -> None:
    register = next(r for r in registers_of(find_machine("PUMP-102")) if r.register_type == "input")
    answer = await client.read_holding_registers(register.address, count=1, device_id=UNITS["PUMP-102"])
    assert answer.exception_code == ExcCodes.ILLEGAL_ADDRESS


async def test_a_value_below_the_offset_is_sent_as_a_negative_integer() -> None:
    register = next(r for r in registers_of(find_machine("PUMP-102")) if r.register_type == "input")
    assert register.encode(register.offset - 0.05) == (65_531,)
    assert register.encode(1e9) == (32_767,)


async def test_a_register_cannot_be_written(client: AsyncModbusTcpClient) -> None:
    answer = await client.write_register(0, 7, device_id=UNITS["PUMP-102"])
    assert answer.isError()


async def test_an_unknown_unit_is_answered_as_a_missing_gateway_path(client: AsyncModbusTcpClient) -> None:
    answer = await client.read_holding_registers(0, count=2, device_id=99)
    assert answer.exception_code == ExcCodes.GATEWAY_PATH_UNAVIABLE


async def test_a_dropped_link_silences_only_its_unit(client: AsyncModbusTcpClient, store: FaultStore) -> None:
    async def code(machine: str) -> int:
        answer = await client.read_holding_registers(0, count=2, device_id=UNITS[machine])
        return int(answer.exception_code)

    async def is_silent() -> bool:
        return await code("PUMP-102") == ExcCodes.GATEWAY_NO_RESPONSE

    async def answers() -> bool:
        return await code("PUMP-102") == 0

    drop_link(store, "PUMP-102")
    await wait_until(is_silent)
    assert await code("COMPRESSOR-301") == 0
    restore_link(store, "PUMP-102")
    await wait_until(answers)
