"""Settings of `[source.modbus]`."""

from typing import Annotated, Literal

import msgspec

from plantwright_agent.inputs.tags import Name, Positive, TagConfig

DataType = Literal["int16", "uint16", "int32", "uint32", "float32", "float64"]
RegisterType = Literal["holding", "input"]
UnitId = Annotated[int, msgspec.Meta(ge=0, le=255)]

REGISTERS: dict[DataType, int] = {
    "int16": 1,
    "uint16": 1,
    "int32": 2,
    "uint32": 2,
    "float32": 2,
    "float64": 4,
}
ADDRESSES = 65_536


class ModbusRegister(TagConfig, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """`address` is the protocol address, counted from 0 (a manual's 40001 is holding register 0)."""

    address: Annotated[int, msgspec.Meta(ge=0, lt=ADDRESSES)]
    count: Annotated[int, msgspec.Meta(ge=1, le=4)] | None = None
    register_type: RegisterType = "holding"
    data_type: DataType | None = None
    word_order: Literal["big", "little"] = "big"
    unit_id: UnitId | None = None

    @property
    def kind(self) -> DataType:
        return self.data_type or "uint16"

    @property
    def width(self) -> int:
        """Registers the value takes, 16 bits each."""
        return REGISTERS[self.kind]

    def problems(self) -> list[tuple[str, str]]:
        """Key and reason for each rule between keys that is broken."""
        found: list[tuple[str, str]] = []
        if self.data_type is None and self.count not in {None, 1}:
            found.append(("data_type", f"needed to read {self.count} registers as one value"))
        elif self.count not in {None, self.width}:
            found.append(("count", f"{self.kind} takes {self.width} register(s), not {self.count}"))
        if self.address + self.width > ADDRESSES:
            found.append(("address", "the value would end behind the last register, 65535"))
        return found


class ModbusConfig(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """`poll_interval` and `timeout` are in seconds."""

    host: Name
    port: Annotated[int, msgspec.Meta(ge=1, le=65_535)] = 502
    unit_id: UnitId = 1
    poll_interval: Positive = 10.0
    timeout: Annotated[float, msgspec.Meta(gt=0, le=120)] = 3.0
    registers: Annotated[list[ModbusRegister], msgspec.Meta(min_length=1)]

    def problems(self) -> list[tuple[str, str]]:
        """Key and reason for each rule between keys that is broken."""
        return [
            (f"registers[{index}].{key}", reason)
            for index, register in enumerate(self.registers)
            for key, reason in register.problems()
        ]
