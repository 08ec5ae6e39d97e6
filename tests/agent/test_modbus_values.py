"""Every table, type and order, read from a real server; and how values are read together."""

import struct
from pathlib import Path
from typing import Any

import pytest
from plantwright_agent.inputs.modbus_tcp.blocks import plan, value_of
from pymodbus.simulator import DataType, SimData

from tests.agent.modbus_plant import Plant, config, polling
from tests.agent.support import buffered, until

WORDS = {"f16": struct.pack(">e", 1.5), "i64": struct.pack(">q", -(2**40)), "u64": struct.pack(">Q", 2**52)}


def words(packed: bytes) -> list[int]:
    return list(struct.unpack(f">{len(packed) // 2}H", packed))


async def test_all_four_tables_are_read_with_their_own_function(folder: Path) -> None:
    coils = SimData(0, values=[True, False, True, True, False, False, False, False, True], datatype=DataType.BITS)
    discrete = SimData(0, values=[False, True], datatype=DataType.BITS)
    holding = SimData(0, values=[0b1010_0110, 5], datatype=DataType.REGISTERS)
    inputs = SimData(0, values=[9], datatype=DataType.REGISTERS)
    registers: list[dict[str, Any]] = [
        {"address": 0, "register_type": "coil", "metric_name": "first_coil"},
        {"address": 1, "register_type": "coil", "metric_name": "second_coil", "scale": 10.0, "offset": 1.0},
        {"address": "00009", "metric_name": "ninth_coil"},
        {"address": "10002", "metric_name": "switch"},
        {"address": "40001", "bit": 1, "metric_name": "bit"},
        {"address": 0, "bits": [4, 7], "metric_name": "field"},
        {"address": "30001", "metric_name": "input"},
    ]
    data = ([coils], [discrete], [holding], [inputs])
    async with Plant(data=data) as plant, polling(folder, config(plant.port, registers)):
        await until(lambda: len(buffered(folder)) >= len(registers))
        assert plant.functions == {1, 2, 3, 4}
    found = {item["metric_name"]: item["value"] for item in buffered(folder)[: len(registers)]}
    assert found == {
        "first_coil": 1,
        "second_coil": 1,
        "ninth_coil": 1,
        "switch": 1,
        "bit": 1,
        "field": 10,
        "input": 9,
    }
    tags = {item["metric_name"]: item["raw_tag"] for item in buffered(folder)}
    assert (tags["bit"], tags["field"]) == ("unit1_holding_0_bit1", "unit1_holding_0_bit4-7")


@pytest.mark.parametrize(
    ("data_type", "word_order", "byte_order", "registers", "value"),
    [
        ("int16", "big", "big", [0xFFFE], -2),
        ("int16", "big", "little", [0xFEFF], -2),
        ("uint32", "big", "big", [0x0001, 0x0002], 65_538),
        ("uint32", "little", "big", [0x0002, 0x0001], 65_538),
        ("uint32", "big", "little", [0x0100, 0x0200], 65_538),
        ("uint32", "little", "little", [0x0200, 0x0100], 65_538),
        ("int32", "big", "big", [0xFFFF, 0xFFFF], -1),
        ("int64", "big", "big", words(WORDS["i64"]), -(2**40)),
        ("uint64", "little", "big", words(WORDS["u64"])[::-1], 2**52),
        ("float16", "big", "big", words(WORDS["f16"]), 1.5),
        ("float32", "big", "big", words(struct.pack(">f", 21.5)), 21.5),
        ("float32", "little", "little", words(struct.pack("<f", 21.5)), 21.5),
        ("float64", "little", "big", words(struct.pack(">d", 1234.5678))[::-1], 1234.5678),
    ],
)
def test_types_and_orders(data_type: str, word_order: str, byte_order: str, registers: list[int], value: float) -> None:
    register = {"data_type": data_type, "word_order": word_order, "byte_order": byte_order}
    [block] = plan(config(1, [{"address": 7, "metric_name": "m"} | register]), "M")
    assert block.count == len(registers)
    assert value_of(block.points[0], block, registers) == value


def test_a_bit_field_of_two_registers_follows_their_order() -> None:
    register = {"address": 0, "metric_name": "m", "data_type": "uint32", "word_order": "little", "bits": [15, 17]}
    [block] = plan(config(1, [register]), "M")
    assert value_of(block.points[0], block, [0x8000, 0x0002]) == 0b101


def spans(registers: list[dict[str, Any]], **settings: Any) -> list[tuple[str, int, int]]:
    return [(block.table, block.start, block.count) for block in plan(config(1, registers, **settings), "M")]


def test_what_is_read_together() -> None:
    numbers = [0, 1, 4, 10]
    registers = [{"address": number, "metric_name": f"m{number}"} for number in numbers]
    assert spans(registers) == [("holding", 0, 2), ("holding", 4, 1), ("holding", 10, 1)]
    assert spans(registers, max_gap=2) == [("holding", 0, 5), ("holding", 10, 1)]
    assert spans(registers, max_gap=5) == [("holding", 0, 11)]
    assert spans(registers, max_gap=5, max_registers=8) == [("holding", 0, 5), ("holding", 10, 1)]
    coils = [{"address": number, "register_type": "coil", "metric_name": f"m{number}"} for number in range(2_500)]
    assert spans(coils) == [("coil", 0, 2_000), ("coil", 2_000, 500)]
    assert spans(coils, max_registers=10)[0] == ("coil", 0, 160)


def test_other_units_tables_and_intervals_are_read_apart() -> None:
    registers: list[dict[str, Any]] = [
        {"address": 0, "metric_name": "a"},
        {"address": 1, "metric_name": "b", "unit_id": 2},
        {"address": 1, "metric_name": "c", "register_type": "input"},
        {"address": 1, "metric_name": "d", "poll_interval": 5.0},
        {"address": 1, "metric_name": "e"},
    ]
    blocks = plan(config(1, registers), "M")
    assert sorted((b.unit, b.table, b.interval, b.count) for b in blocks) == [
        (1, "holding", 0.1, 2),
        (1, "holding", 5.0, 1),
        (1, "input", 0.1, 1),
        (2, "holding", 0.1, 1),
    ]


def test_a_refused_block_is_cut_at_its_holes_then_in_halves_and_never_inside_a_value() -> None:
    registers: list[dict[str, Any]] = [
        {"address": 0, "metric_name": "a", "data_type": "uint32"},
        {"address": 2, "metric_name": "b", "bit": 0},
        {"address": 2, "metric_name": "c", "bit": 1},
        {"address": 6, "metric_name": "d"},
    ]
    [whole] = plan(config(1, registers, max_gap=10), "M")
    first, second = whole.split()
    assert [(part.start, part.count) for part in (first, second)] == [(0, 3), (6, 1)]
    halves = first.split()
    assert [(part.start, part.count) for part in halves] == [(0, 2), (2, 1)]
    assert len(halves[1].points) == 2
    assert halves[1].split() == [halves[1]]
