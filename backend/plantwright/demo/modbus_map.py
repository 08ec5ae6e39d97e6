"""Where each metric of the Modbus machines sits: unit id, register, type, scale and offset.

value = raw * scale + offset; registers are counted from 0, words are big-endian.
"""

import struct
from dataclasses import dataclass
from functools import cache
from typing import Literal

from plantwright.demo.machines import machines_on
from plantwright.demo.model import Machine, MetricSpec, Protocol

INPUT_BASE = 100
SCALED_BASE = 50
TEMPERATURE_OFFSET = 40.0
_INT16_METRICS = frozenset({"motor_current"})
_INT16_INPUT_METRICS = frozenset({"bearing_temperature", "discharge_temperature"})


@dataclass(frozen=True, slots=True)
class Register:
    """One metric in the register map; `address` is the protocol address of its first register."""

    spec: MetricSpec
    address: int
    register_type: Literal["holding", "input"]
    data_type: Literal["float32", "int16"]
    scale: float = 1.0
    offset: float = 0.0

    def encode(self, value: float) -> tuple[int, ...]:
        """The 16-bit registers that hold a value."""
        if self.data_type == "float32":
            return struct.unpack(">HH", struct.pack(">f", value))
        raw = round((value - self.offset) / self.scale)
        return (max(-32_768, min(32_767, raw)) & 0xFFFF,)


def unit_ids() -> dict[str, int]:
    """Unit id by machine identifier, counted from 1."""
    return {m.identifier: number for number, m in enumerate(machines_on(Protocol.MODBUS_TCP), start=1)}


@cache
def registers_of(machine: Machine) -> tuple[Register, ...]:
    return tuple(_place(spec, position) for position, spec in enumerate(machine.metrics))


def _place(spec: MetricSpec, position: int) -> Register:
    resolution: float = 10.0**-spec.decimals
    if spec.name in _INT16_INPUT_METRICS:
        return Register(spec, INPUT_BASE + position, "input", "int16", resolution, TEMPERATURE_OFFSET)
    if spec.name in _INT16_METRICS:
        return Register(spec, SCALED_BASE + position, "holding", "int16", resolution)
    return Register(spec, 2 * position, "holding", "float32")
