"""From registers to requests: neighbours are read together, then cut apart again."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, groupby

from plantwright_agent.inputs.modbus_tcp.config import (
    BIT_TABLES,
    DataType,
    ModbusConfig,
    ModbusRegister,
    RegisterType,
)
from plantwright_agent.samples import Tag

FORMATS: dict[DataType, str] = {
    "int16": ">h",
    "uint16": ">H",
    "int32": ">i",
    "uint32": ">I",
    "int64": ">q",
    "uint64": ">Q",
    "float16": ">e",
    "float32": ">f",
    "float64": ">d",
}


@dataclass(frozen=True, slots=True)
class Point:
    """One value: where it is and where it goes. `start` and `end` (exclusive) are protocol addresses."""

    register: ModbusRegister
    tag: Tag
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Block:
    """One request: registers or coils `start` to `end` (exclusive) of one unit, every `interval` seconds."""

    unit: int
    table: RegisterType
    interval: float
    points: tuple[Point, ...]
    start: int
    end: int

    @property
    def count(self) -> int:
        return self.end - self.start

    def split(self) -> list["Block"]:
        """What to ask for instead when the device refuses all at once: without the holes, then in halves."""
        runs: list[list[Point]] = []
        end = -1
        for point in self.points:
            if point.start <= end:
                runs[-1].append(point)
            else:
                runs.append([point])
            end = max(end, point.end)
        if len(runs) == 1:
            places = [list(group) for _, group in groupby(self.points, key=lambda point: (point.start, point.end))]
            middle = len(places) // 2
            runs = [list(chain(*part)) for part in (places[:middle], places[middle:]) if part]
        return [block(self.unit, self.interval, run) for run in runs]

    def __str__(self) -> str:
        return f"unit {self.unit} {self.table} {self.start}..{self.end - 1}"


def block(unit: int, interval: float, points: Sequence[Point]) -> Block:
    """The request for these points, which are of one table and in the order of their addresses."""
    end = max(point.end for point in points)
    return Block(unit, points[0].register.table, interval, tuple(points), points[0].start, end)


def plan(config: ModbusConfig, machine_identifier: str | None) -> list[Block]:
    """The requests of one poll."""
    return [
        block(
            request.unit,
            request.interval,
            [
                Point(item, _tag(item, request.unit, machine_identifier), item.first, item.first + item.width)
                for item in request.registers
            ],
        )
        for request in config.requests()
    ]


def value_of(point: Point, block: Block, values: Sequence[int]) -> float:
    """The raw value of one point from what its block gave: registers of 16 bits, or coils."""
    register = point.register
    first = point.start - block.start
    if block.table in BIT_TABLES:
        return int(values[first])
    words = values[first : first + register.width]
    if register.word_order == "little":
        words = words[::-1]
    order = ">" if register.byte_order == "big" else "<"
    value: float = struct.unpack(FORMATS[register.kind], struct.pack(f"{order}{len(words)}H", *words))[0]
    if register.field is None:
        return value
    low, high = register.field
    return (int(value) >> low) & ((1 << (high - low + 1)) - 1)


def _tag(register: ModbusRegister, unit: int, machine_identifier: str | None) -> Tag:
    field = "" if register.field is None else "_bit" + "-".join(str(bit) for bit in sorted(set(register.field)))
    return Tag(
        machine_identifier=register.machine_identifier or machine_identifier or "",
        metric_name=register.metric_name,
        unit=register.unit,
        raw_tag=f"unit{unit}_{register.table}_{register.first}{field}",
        scale=register.scale,
        offset=register.offset,
    )
