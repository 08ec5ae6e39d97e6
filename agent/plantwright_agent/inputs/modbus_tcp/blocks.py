"""From registers to requests: neighbours are read together, then cut apart again."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import cast

from pymodbus.client.mixin import ModbusClientMixin

from plantwright_agent.inputs.modbus_tcp.config import ModbusConfig, ModbusRegister, RegisterType
from plantwright_agent.samples import Tag

MAX_REGISTERS = 125


@dataclass(frozen=True, slots=True)
class Point:
    """One value: where it is and where it goes."""

    register: ModbusRegister
    tag: Tag

    @property
    def end(self) -> int:
        return self.register.address + self.register.width


@dataclass(frozen=True, slots=True)
class Block:
    """One request: registers `start` to `end` (exclusive) of one unit."""

    unit: int
    kind: RegisterType
    points: tuple[Point, ...]

    @property
    def start(self) -> int:
        return self.points[0].register.address

    @property
    def count(self) -> int:
        return max(point.end for point in self.points) - self.start

    def split(self) -> list["Block"]:
        """One block per value; for devices that refuse to read across a border in their register map."""
        return [Block(self.unit, self.kind, (point,)) for point in self.points]

    def __str__(self) -> str:
        return f"unit {self.unit} {self.kind} {self.start}..{self.start + self.count - 1}"


def plan(config: ModbusConfig, machine_identifier: str | None) -> list[Block]:
    """The requests of one poll. Only neighbours are merged: a hole may be an address the device refuses."""
    points = [Point(register, _tag(register, config, machine_identifier)) for register in config.registers]

    def place(point: Point) -> tuple[int, RegisterType]:
        unit = point.register.unit_id
        return (config.unit_id if unit is None else unit), point.register.register_type

    ordered = sorted(points, key=lambda point: (*place(point), point.register.address))
    return [Block(unit, kind, run) for (unit, kind), group in groupby(ordered, key=place) for run in _runs(list(group))]


def value_of(point: Point, block: Block, registers: Sequence[int]) -> float:
    """The raw value of one point from the registers of its block."""
    register = point.register
    first = register.address - block.start
    value = ModbusClientMixin.convert_from_registers(
        list(registers[first : first + register.width]),
        ModbusClientMixin.DATATYPE[register.kind.upper()],
        word_order=register.word_order,
    )
    return cast("float", value)


def _runs(points: list[Point]) -> list[tuple[Point, ...]]:
    runs: list[list[Point]] = []
    end = 0
    for point in points:
        fits = runs and point.end - runs[-1][0].register.address <= MAX_REGISTERS
        if fits and point.register.address <= end:
            runs[-1].append(point)
            end = max(end, point.end)
        else:
            runs.append([point])
            end = point.end
    return [tuple(run) for run in runs]


def _tag(register: ModbusRegister, config: ModbusConfig, machine_identifier: str | None) -> Tag:
    unit = config.unit_id if register.unit_id is None else register.unit_id
    return Tag(
        machine_identifier=register.machine_identifier or machine_identifier or "",
        metric_name=register.metric_name,
        unit=register.unit,
        raw_tag=f"unit{unit}_{register.register_type}_{register.address}",
        scale=register.scale,
        offset=register.offset,
    )
