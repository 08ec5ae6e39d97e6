"""A rule made ready for one machine: its conditions as a flat list, children before parents, and what they read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

import msgspec

from plantwright.rules.definition import (
    AllOf,
    AnyOf,
    Aspect,
    Condition,
    Definition,
    Deviation,
    Leaf,
    Level,
    NoData,
    NumberOverride,
    OfMachine,
    Rate,
    Schedule,
    Severity,
    aspect_of,
)

HOUR_MS = 3_600_000
RANK = {severity: rank for rank, severity in enumerate(Severity)}


class Slot(NamedTuple):
    """What is read: a metric of a machine, or an aspect of the machine as a whole."""

    machine_id: UUID
    metric: str | None
    aspect: Aspect | None = None


def slot_of(leaf: Leaf, machine_id: UUID) -> Slot:
    """What a condition of a rule reads on the machine that the rule watches."""
    if isinstance(leaf, OfMachine):
        return Slot(leaf.machine_id or machine_id, None, aspect_of(leaf))
    return Slot(leaf.machine_id or machine_id, leaf.metric)


class Quantity(NamedTuple):
    """How people call what a slot holds."""

    name: str
    unit: str


@dataclass(frozen=True, slots=True)
class Node:
    """
    Attributes:
        children: places of its parts among the nodes; empty for a leaf.
        slot: place of what a leaf reads among the slots; -1 for a group.
        leaf: its place among the leaves; -1 for a group.
    """

    condition: Condition
    children: tuple[int, ...]
    slot: int
    leaf: int
    for_ms: int
    count: int
    within_ms: int

    @property
    def is_all(self) -> bool:
        return isinstance(self.condition, AllOf)

    @property
    def reading(self) -> Leaf:
        """
        Raises:
            TypeError: it is a group, which reads nothing itself.
        """
        if isinstance(self.condition, AllOf | AnyOf):
            raise TypeError("a group has no reading of its own")
        return self.condition


@dataclass(frozen=True, slots=True)
class Program:
    """
    Attributes:
        levels: severity and place of its condition among the nodes, the highest severity first.
        leaves: places of the leaves among the nodes.
        warm_up_ms: how far before its start readings can matter.
    """

    slots: tuple[Slot, ...]
    quantities: tuple[Quantity, ...]
    nodes: tuple[Node, ...]
    leaves: tuple[int, ...]
    levels: tuple[tuple[Severity, int], ...]
    on_delay_ms: int
    off_delay_ms: int
    cooldown_ms: int
    schedule: Schedule | None
    warm_up_ms: int
    has_no_data: bool


def compile_rule(
    definition: Definition, machine_id: UUID, units: Mapping[Slot, str], machine_names: Mapping[UUID, str]
) -> Program:
    """The program of a rule for the machine that it watches there, with what is overridden on that machine."""
    levels = tuple(overridden(definition, machine_id))
    builder = _Builder(machine_id)
    ranked = sorted(levels, key=lambda level: -RANK[level.severity])
    roots = tuple((level.severity, builder.add(level.condition)) for level in ranked)
    return Program(
        slots=tuple(builder.slots),
        quantities=tuple(_quantity(slot, machine_id, units, machine_names) for slot in builder.slots),
        nodes=tuple(builder.nodes),
        leaves=tuple(builder.leaves),
        levels=roots,
        on_delay_ms=milliseconds(definition.on_delay_seconds),
        off_delay_ms=milliseconds(definition.off_delay_seconds),
        cooldown_ms=milliseconds(definition.cooldown_seconds),
        schedule=definition.schedule,
        warm_up_ms=max(HOUR_MS, *(_reach_ms(node) for node in builder.nodes)),
        has_no_data=any(isinstance(node.condition, NoData) for node in builder.nodes),
    )


def _quantity(slot: Slot, machine_id: UUID, units: Mapping[Slot, str], machine_names: Mapping[UUID, str]) -> Quantity:
    name = "the machine" if slot.metric is None else slot.metric
    if slot.machine_id != machine_id:
        machine = machine_names.get(slot.machine_id, str(slot.machine_id))
        name = machine if slot.metric is None else f"{slot.metric} of {machine}"
    return Quantity(name, units.get(slot, ""))


def milliseconds(seconds: float) -> int:
    return round(seconds * 1000)


def is_enabled_on(definition: Definition, machine_id: UUID) -> bool:
    return all(one.is_enabled for one in definition.overrides if one.machine_id == machine_id)


class _Builder:
    def __init__(self, machine_id: UUID) -> None:
        self._machine_id = machine_id
        self.slots: list[Slot] = []
        self.nodes: list[Node] = []
        self.leaves: list[int] = []

    def add(self, condition: Condition) -> int:
        children: tuple[int, ...] = ()
        slot = leaf = -1
        if isinstance(condition, AllOf | AnyOf):
            children = tuple(self.add(child) for child in condition.conditions)
        else:
            slot, leaf = self._slot(condition), len(self.leaves)
            self.leaves.append(len(self.nodes))
        self.nodes.append(
            Node(
                condition,
                children,
                slot,
                leaf,
                milliseconds(condition.for_seconds),
                condition.count,
                milliseconds(condition.within_seconds),
            )
        )
        return len(self.nodes) - 1

    def _slot(self, leaf: Leaf) -> int:
        slot = slot_of(leaf, self._machine_id)
        if slot not in self.slots:
            self.slots.append(slot)
        return self.slots.index(slot)


def overridden(definition: Definition, machine_id: UUID) -> list[Level]:
    """The levels as they are on that machine."""
    numbers = {
        one.key: one
        for override in definition.overrides
        if override.machine_id == machine_id
        for one in override.numbers
    }
    if not numbers:
        return list(definition.levels)
    return [
        Level(severity=level.severity, condition=_with_numbers(level.condition, numbers)) for level in definition.levels
    ]


def _with_numbers(condition: Condition, numbers: Mapping[str, NumberOverride]) -> Condition:
    if isinstance(condition, AllOf | AnyOf):
        changed = tuple(_with_numbers(child, numbers) for child in condition.conditions)
        condition = msgspec.structs.replace(condition, conditions=changed)
    given = numbers.get(condition.key) if condition.key else None
    if given is None:
        return condition
    known = set(condition.__struct_fields__)
    values = {
        name: value
        for name, value in msgspec.structs.asdict(given).items()
        if name != "key" and value is not None and name in known
    }
    return msgspec.structs.replace(condition, **values)


def _reach_ms(node: Node) -> int:
    """How far back the conditions of a node look."""
    own = node.for_ms + (node.within_ms if node.count > 1 else 0)
    match node.condition:
        case Rate(window_seconds=seconds):
            return own + milliseconds(seconds)
        case Deviation(hours=hours):
            return own + (hours + 1) * HOUR_MS
        case NoData(seconds=seconds):
            return own + milliseconds(seconds)
        case _:
            return own
