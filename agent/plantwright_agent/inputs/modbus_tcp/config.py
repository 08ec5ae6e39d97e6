"""Settings of `[source.modbus]`."""

from typing import Annotated, Literal

import msgspec

from plantwright_agent.inputs.tags import Name, Positive, TagConfig

DataType = Literal["int16", "uint16", "int32", "uint32", "int64", "uint64", "float16", "float32", "float64"]
RegisterType = Literal["coil", "discrete", "holding", "input"]
Order = Literal["big", "little"]
UnitId = Annotated[int, msgspec.Meta(ge=0, le=255)]
Bit = Annotated[int, msgspec.Meta(ge=0, le=63)]

ADDRESSES = 65_536
MAX_REGISTERS = 125
BITS_PER_REGISTER = 16
BIT_TABLES: frozenset[RegisterType] = frozenset({"coil", "discrete"})
MANUAL_TABLES: dict[str, RegisterType] = {"0": "coil", "1": "discrete", "3": "input", "4": "holding"}


class ModbusRegister(TagConfig, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """`address` is the protocol address, counted from 0, or a manual's number as text: "40001" is holding register 0.

    `bit` is one bit and `bits` the first and last bit of a field, counted from 0 at the least significant one.
    """

    address: Annotated[int, msgspec.Meta(ge=0, lt=ADDRESSES)] | Annotated[str, msgspec.Meta(pattern=r"^[0134]\d{4,5}$")]
    count: Annotated[int, msgspec.Meta(ge=1, le=4)] | None = None
    register_type: RegisterType | None = None
    data_type: DataType | None = None
    word_order: Order = "big"
    byte_order: Order = "big"
    bit: Bit | None = None
    bits: tuple[Bit, Bit] | None = None
    unit_id: UnitId | None = None
    poll_interval: Positive | None = None

    @property
    def table(self) -> RegisterType:
        """Which of the four kinds of registers it is."""
        if self.register_type is not None:
            return self.register_type
        return MANUAL_TABLES[self.address[0]] if isinstance(self.address, str) else "holding"

    @property
    def first(self) -> int:
        """The protocol address, counted from 0."""
        return int(self.address[1:]) - 1 if isinstance(self.address, str) else self.address

    @property
    def kind(self) -> DataType:
        return self.data_type or "uint16"

    @property
    def width(self) -> int:
        """Registers of 16 bits, or coils, that the value takes."""
        return 1 if self.table in BIT_TABLES else int(self.kind.lstrip("uintfloa")) // BITS_PER_REGISTER

    @property
    def field(self) -> tuple[int, int] | None:
        """First and last bit of a bit field."""
        return self.bits if self.bit is None else (self.bit, self.bit)

    def problems(self) -> list[tuple[str, str]]:
        """Key and reason for each rule between keys that is broken."""
        found = self._address_problems() + self._field_problems()
        if self.table in BIT_TABLES:
            if self.data_type is not None or self.count not in {None, 1}:
                key = "data_type" if self.data_type is not None else "count"
                found.append((key, f"a {self.table} is one bit and has neither a data type nor a count"))
        elif self.data_type is None and self.count not in {None, 1}:
            found.append(("data_type", f"needed to read {self.count} registers as one value"))
        elif self.count not in {None, self.width}:
            found.append(("count", f"{self.kind} takes {self.width} register(s), not {self.count}"))
        return found

    def _address_problems(self) -> list[tuple[str, str]]:
        if not 0 <= self.first < ADDRESSES:
            return [("address", f'"{self.address}" is no register: manuals count from 1 to 65536')]
        if isinstance(self.address, str) and self.table != MANUAL_TABLES[self.address[0]]:
            return [("register_type", f'"{self.address}" is a {MANUAL_TABLES[self.address[0]]} register')]
        if self.first + self.width > ADDRESSES:
            return [("address", "the value would end behind the last register, 65535")]
        return []

    def _field_problems(self) -> list[tuple[str, str]]:
        if self.field is None:
            return []
        key = "bits" if self.bit is None else "bit"
        if self.bit is not None and self.bits is not None:
            return [("bits", "give either bit or bits")]
        if self.table in BIT_TABLES or not self.kind.startswith("uint"):
            return [(key, "bit fields are read from uint16, uint32 or uint64 registers")]
        low, high = self.field
        if low > high or high >= self.width * BITS_PER_REGISTER:
            return [(key, f"{self.kind} has the bits 0 to {self.width * BITS_PER_REGISTER - 1}; lowest first")]
        return []


class ModbusConnection(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """How to reach a device and how hard it may be asked; sources with the same host and port share one connection.

    `timeout` and `request_pause` (from an answer to the next request) are in seconds.
    """

    host: Name
    port: Annotated[int, msgspec.Meta(ge=1, le=65_535)] = 502
    unit_id: UnitId = 1
    timeout: Annotated[float, msgspec.Meta(gt=0, le=120)] = 3.0
    max_requests_per_second: Annotated[float, msgspec.Meta(gt=0, le=10_000)] | None = None
    request_pause: Annotated[float, msgspec.Meta(ge=0, le=60)] = 0.0
    max_registers: Annotated[int, msgspec.Meta(ge=1, le=MAX_REGISTERS)] = MAX_REGISTERS

    def limit(self, table: RegisterType) -> int:
        """The most registers, or coils, one request may ask for."""
        return self.max_registers * BITS_PER_REGISTER if table in BIT_TABLES else self.max_registers


class ModbusConfig(ModbusConnection, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """`poll_interval` is in seconds; `max_gap` is how many registers nobody asked for may be read along."""

    poll_interval: Positive = 10.0
    max_gap: Annotated[int, msgspec.Meta(ge=0, le=MAX_REGISTERS)] = 0
    registers: Annotated[list[ModbusRegister], msgspec.Meta(min_length=1)]

    def problems(self) -> list[tuple[str, str]]:
        """Key and reason for each rule between keys that is broken."""
        found = [
            (f"registers[{index}].{key}", reason)
            for index, register in enumerate(self.registers)
            for key, reason in self._register_problems(register)
        ]
        return found or self._budget_problems()

    def unit_of(self, register: ModbusRegister) -> int:
        return self.unit_id if register.unit_id is None else register.unit_id

    def interval_of(self, register: ModbusRegister) -> float:
        return self.poll_interval if register.poll_interval is None else register.poll_interval

    def requests(self) -> list["Request"]:
        """The requests of one poll, each with the registers it is for, in the order of their addresses.

        Registers of one unit, table and interval are read together when they lie at most `max_gap` apart.
        """
        ordered = sorted(self.registers, key=lambda register: (*self._group(register), register.first, register.width))
        found: list[Request] = []
        group, end = None, 0
        for register in ordered:
            start = found[-1].registers[0].first if found else 0
            reach = register.first + register.width
            joins = group == self._group(register) and register.first <= end + self.max_gap
            if joins and max(end, reach) - start <= self.limit(register.table):
                found[-1].registers.append(register)
                end = max(end, reach)
            else:
                group, end = self._group(register), reach
                found.append(Request(self.unit_of(register), self.interval_of(register), [register]))
        return found

    def _group(self, register: ModbusRegister) -> tuple[int, RegisterType, float]:
        return self.unit_of(register), register.table, self.interval_of(register)

    def _register_problems(self, register: ModbusRegister) -> list[tuple[str, str]]:
        found = register.problems()
        if not found and register.width > self.limit(register.table):
            found.append(("data_type", f"{register.kind} takes more registers than max_registers allows"))
        return found

    def _budget_problems(self) -> list[tuple[str, str]]:
        """A budget that the registers cannot be polled with is a mistake to see now, not in the readings."""
        if self.max_requests_per_second is None:
            return []
        needed = sum(1 / request.interval for request in self.requests())
        if needed <= self.max_requests_per_second * 1.001:
            return []
        allowed = f"{self.max_requests_per_second:g} are allowed"
        return [("max_requests_per_second", f"the registers need {needed:.3g} requests per second, {allowed}")]


class Request(msgspec.Struct, frozen=True):
    """Registers read together from one unit, every `interval` seconds."""

    unit: int
    interval: float
    registers: list[ModbusRegister]
