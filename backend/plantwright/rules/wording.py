"""Conditions in plain words."""

from collections.abc import Callable

from plantwright.core.quantities import unit_symbol
from plantwright.rules.definition import (
    AllOf,
    AnyOf,
    Comparison,
    Condition,
    Deviation,
    InService,
    InState,
    Leaf,
    NoData,
    OfMachine,
    Range,
    Rate,
    Running,
    Side,
)

# Gives a leaf the name and unit of what it reads.
Naming = Callable[[Leaf], tuple[str, str]]
_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))
_SIDES = {Side.ABOVE: "above", Side.BELOW: "below", Side.EITHER: "away from"}


def duration(seconds: float) -> str:
    """`90 s`, `5 min`, `2 h`: in the largest unit that leaves a whole number."""
    for size, unit in _UNITS:
        if seconds >= size and seconds % size == 0:
            return f"{int(seconds // size)} {unit}"
    return f"{seconds:g} s"


def number(value: float, unit: str = "") -> str:
    return f"{value:.6g} {unit_symbol(unit)}".rstrip()


def words_of(condition: Condition, naming: Naming) -> str:
    """What the condition asks for, such as `vibration_rms > 5 mm/s and temperature > 78 °C for 5 min`."""
    if isinstance(condition, AllOf | AnyOf):
        joint = " and " if isinstance(condition, AllOf) else " or "
        return joined([words_of(part, naming) for part in condition.conditions], joint) + timing(condition)
    return leaf_words(condition, *naming(condition)) + timing(condition)


def joined(parts: list[str], joint: str) -> str:
    """Parts that are joined themselves stand in brackets."""
    if len(parts) == 1:
        return parts[0]
    return joint.join(f"({part})" if " or " in part or " and " in part else part for part in parts)


def timing(condition: Condition) -> str:
    held = f" for {duration(condition.for_seconds)}" if condition.for_seconds else ""
    if condition.count == 1:
        return held
    return f"{held}, {condition.count} times within {duration(condition.within_seconds)}"


def leaf_words(leaf: Leaf, name: str, unit: str) -> str:
    match leaf:
        case Comparison():
            return f"{name} {leaf.operator.value} {number(leaf.threshold, unit)}"
        case Range():
            place = "between" if leaf.is_inside else "outside"
            return f"{name} {place} {number(leaf.low)} to {number(leaf.high, unit)}"
        case Rate():
            return (
                f"{name} changes by {leaf.operator.value} {number(leaf.threshold, unit)} per {leaf.unit.value} "
                f"over {duration(leaf.window_seconds)}"
            )
        case Deviation():
            return (
                f"{name} more than {number(leaf.threshold)} standard deviations {_SIDES[leaf.side]} its mean "
                f"of {duration(leaf.hours * 3600)}"
            )
        case NoData():
            return f"no data of {name} for {duration(leaf.seconds)}"
        case InState() | Running() | InService():
            return f"{name} is {' or '.join(_wanted(leaf))}"


def _wanted(leaf: OfMachine) -> list[str]:
    match leaf:
        case InState():
            return [state.value for state in leaf.states]
        case Running():
            return ["running" if leaf.is_running else "not running"]
        case InService():
            return ["in service" if leaf.is_in_service else "out of service"]
