"""What is wrong with a rule before it ever meets a reading: each problem with the path of its field."""

import math
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from plantwright.rules import limits
from plantwright.rules.contradictions import contradictions
from plantwright.rules.definition import (
    AllOf,
    AnyOf,
    Comparison,
    Condition,
    Definition,
    Deviation,
    InState,
    NoData,
    OfMachine,
    Operator,
    Range,
    Rate,
    walk,
)
from plantwright.rules.program import overridden
from plantwright.rules.schedule import is_valid_zone

Path = tuple[str, ...]
_RISING = frozenset({Operator.GREATER_THAN, Operator.AT_LEAST})
_FALLING = frozenset({Operator.LESS_THAN, Operator.AT_MOST})
_WEEK_DAYS = range(1, 8)
_MINUTES_OF_DAY = 1440


class Problem(NamedTuple):
    path: Path
    message: str


def problems_of(definition: Definition) -> list[Problem]:
    """In the order of the fields; nothing about machines and metrics, which only the tenant's data knows."""
    return [
        *_scope(definition),
        *_levels(definition),
        *_delays(definition),
        *_schedule(definition),
        *_size(definition),
        *_overrides(definition),
    ]


def _scope(definition: Definition) -> Iterator[Problem]:
    if (definition.machine_id is None) == (definition.machine_kind is None):
        yield Problem(("machineId",), "Say which machine the rule watches, or all machines of which kind.")


def _levels(definition: Definition) -> Iterator[Problem]:
    if not definition.levels:
        yield Problem(("levels",), "A rule needs at least one severity with its conditions.")
    severities = Counter(level.severity for level in definition.levels)
    for index, level in enumerate(definition.levels):
        here = ("levels", str(index))
        if severities[level.severity] > 1:
            yield Problem((*here, "severity"), f"There are several levels with the severity {level.severity.value}.")
        for node, path, depth in walk(level.condition, (*here, "condition")):
            if depth == limits.MAX_DEPTH + 1:
                yield Problem(path, f"Groups stand at most {limits.MAX_DEPTH} deep.")
            yield from _timing(node, path)
            if not isinstance(node, AllOf | AnyOf | OfMachine) and not node.metric.strip():
                yield Problem((*path, "metric"), "Choose a metric.")
            yield from _condition(node, path)
        yield from (Problem(path, text) for path, text in contradictions(level.condition, (*here, "condition")))


def _timing(node: Condition, path: Path) -> Iterator[Problem]:
    yield from _seconds(node.for_seconds, (*path, "forSeconds"))
    if not 1 <= node.count <= limits.MAX_COUNT:
        yield Problem((*path, "count"), f"count is from 1 to {limits.MAX_COUNT}.")
    if node.count > 1 and not 0 < node.within_seconds <= limits.MAX_SECONDS:
        yield Problem((*path, "withinSeconds"), "Say within how many seconds it has to happen so often, up to 7 days.")


def _condition(node: Condition, path: Path) -> Iterator[Problem]:
    match node:
        case Comparison():
            yield from _number(node.threshold, (*path, "threshold"))
            yield from _clear_side(node.operator, node.threshold, node.clear, path)
        case Range():
            yield from _range(node, path)
        case Rate():
            yield from _number(node.threshold, (*path, "threshold"))
            yield from _clear_side(node.operator, node.threshold, node.clear, path)
            yield from _seconds(node.window_seconds, (*path, "windowSeconds"), limits.MAX_RATE_SECONDS, least=0.001)
        case Deviation():
            yield from _deviation(node, path)
        case NoData():
            yield from _seconds(node.seconds, (*path, "seconds"), least=1)
        case _:
            yield from _emptiness(node, path)


def _emptiness(node: Condition, path: Path) -> Iterator[Problem]:
    if isinstance(node, AllOf | AnyOf) and not node.conditions:
        yield Problem((*path, "conditions"), "The group is empty: add a condition or remove it.")
    if isinstance(node, InState) and not node.states:
        yield Problem((*path, "states"), "Name at least one state.")


def _clear_side(operator: Operator, threshold: float, clear: float | None, path: Path) -> Iterator[Problem]:
    if clear is None:
        return
    here = (*path, "clear")
    yield from _number(clear, here)
    if operator not in _RISING | _FALLING:
        yield Problem(here, f"A value to clear at makes no sense with {operator.value}.")
    elif (operator in _RISING and clear > threshold) or (operator in _FALLING and clear < threshold):
        side = "below" if operator in _RISING else "above"
        yield Problem(
            here,
            f"The value to clear at must be {side} the threshold {threshold:g}, or equal to it: "
            f"at {clear:g} the condition would be over before it begins.",
        )


def _range(node: Range, path: Path) -> Iterator[Problem]:
    yield from _number(node.low, (*path, "low"))
    yield from _number(node.high, (*path, "high"))
    if node.low > node.high:
        yield Problem((*path, "low"), f"The range is empty: {node.low:g} is above {node.high:g}.")
    if not 0 <= node.deadband < math.inf:
        yield Problem((*path, "deadband"), "The deadband is 0 or more.")
    elif not node.is_inside and node.low <= node.high and 2 * node.deadband > node.high - node.low:
        yield Problem((*path, "deadband"), "The deadband is wider than half of the range: it could never clear.")


def _deviation(node: Deviation, path: Path) -> Iterator[Problem]:
    if not 0 < node.threshold <= limits.MAX_COUNT:
        yield Problem((*path, "threshold"), f"The deviation is above 0 and up to {limits.MAX_COUNT}.")
    yield from _clear_side(Operator.GREATER_THAN, node.threshold, node.clear, path)
    if not 1 <= node.hours <= limits.MAX_HOURS:
        yield Problem((*path, "hours"), f"hours is from 1 to {limits.MAX_HOURS}.")
    if not 2 <= node.min_samples <= 1_000_000:  # noqa: PLR2004 - one reading has no spread
        yield Problem((*path, "minSamples"), "minSamples is from 2 to 1,000,000.")


def _number(value: float, path: Path) -> Iterator[Problem]:
    if not math.isfinite(value):
        yield Problem(path, f"{path[-1]} must be a finite number.")


def _seconds(value: float, path: Path, most: float = limits.MAX_SECONDS, *, least: float = 0.0) -> Iterator[Problem]:
    if not least <= value <= most:
        yield Problem(path, f"{path[-1]} is from {least:g} to {most:g} seconds.")


def _delays(definition: Definition) -> Iterator[Problem]:
    yield from _seconds(definition.on_delay_seconds, ("onDelaySeconds",))
    yield from _seconds(definition.off_delay_seconds, ("offDelaySeconds",))
    yield from _seconds(definition.cooldown_seconds, ("cooldownSeconds",))


def _schedule(definition: Definition) -> Iterator[Problem]:
    one = definition.schedule
    if one is None:
        return
    if not is_valid_zone(one.time_zone):
        yield Problem(("schedule", "timeZone"), f"{one.time_zone!r} is no IANA time zone, such as Europe/Zurich.")
    if not one.days:
        yield Problem(("schedule", "days"), "The schedule has no day: the rule could never hold.")
    elif not set(one.days) <= set(_WEEK_DAYS):
        yield Problem(("schedule", "days"), "Days are from 1, Monday, to 7, Sunday.")
    for name, minute in (("from", one.start_minute), ("to", one.end_minute)):
        if not 0 <= minute < _MINUTES_OF_DAY:
            yield Problem(("schedule", name), "Write a time of the day, such as 06:00.")


def _size(definition: Definition) -> Iterator[Problem]:
    nodes = [
        node
        for index, level in enumerate(definition.levels)
        for node, _path, _depth in walk(level.condition, ("levels", str(index)))
    ]
    leaves = [node for node in nodes if not isinstance(node, AllOf | AnyOf)]
    machines = {leaf.machine_id for leaf in leaves}
    metrics = {(leaf.machine_id, leaf.metric) for leaf in leaves if not isinstance(leaf, OfMachine)}
    for count, most, what in (
        (len(nodes), limits.MAX_CONDITIONS, "conditions and groups"),
        (len(metrics), limits.MAX_METRICS, "metrics"),
        (len(machines), limits.MAX_MACHINES, "machines"),
    ):
        if count > most:
            yield Problem(("levels",), f"The rule has {count} {what}; it may have {most}.")
    if (cost := limits.cost_of(definition)) > limits.MAX_COST:
        yield Problem(("levels",), f"The rule costs {cost}, more than the {limits.MAX_COST} a rule may. Take out some.")


def _overrides(definition: Definition) -> Iterator[Problem]:
    if len(definition.overrides) > limits.MAX_OVERRIDES:
        yield Problem(("overrides",), f"A rule has at most {limits.MAX_OVERRIDES} overrides.")
    keys = Counter(
        node.key
        for index, level in enumerate(definition.levels)
        for node, _path, _depth in walk(level.condition, ("levels", str(index)))
        if node.key
    )
    if doubled := sorted(key for key, count in keys.items() if count > 1):
        yield Problem(("levels",), f"Several conditions have the key {doubled[0]}.")
    machines = Counter(one.machine_id for one in definition.overrides)
    for index, one in enumerate(definition.overrides):
        here = ("overrides", str(index))
        if machines[one.machine_id] > 1:
            yield Problem((*here, "machineId"), "There are several overrides for this machine.")
        changed = Definition(levels=tuple(overridden(definition, one.machine_id)))
        faults = [] if not one.numbers or list(_levels(definition)) else list(_levels(changed))
        yield from (Problem(here, f"On this machine: {fault.message}") for fault in faults)
        for place, numbers in enumerate(one.numbers):
            if numbers.key not in keys:
                yield Problem(
                    (*here, "numbers", str(place), "key"), f"No condition of the rule has the key {numbers.key!r}."
                )
