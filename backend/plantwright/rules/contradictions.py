"""Conditions that exclude each other: in a group of which all must hold, no value of a metric could satisfy them."""

import math
from collections.abc import Iterator
from typing import NamedTuple
from uuid import UUID

from plantwright.rules.definition import (
    AllOf,
    AnyOf,
    Aspect,
    Comparison,
    Condition,
    InService,
    InState,
    OfMachine,
    Operator,
    Range,
    Running,
    aspect_of,
)

Path = tuple[str, ...]


class _Span(NamedTuple):
    """Values that satisfy a condition, in the deadband too, once it is true."""

    low: float
    is_low_in: bool
    high: float
    is_high_in: bool

    def is_disjoint(self, other: "_Span") -> bool:
        low, high = max(self.low, other.low), min(self.high, other.high)
        if low != high:
            return low > high
        return not all(
            is_in
            for span in (self, other)
            for edge, is_in in ((span.low, span.is_low_in), (span.high, span.is_high_in))
            if edge == low
        )


def contradictions(condition: Condition, path: Path) -> Iterator[tuple[Path, str]]:
    """Path and reason of each condition that excludes one before it."""
    if not isinstance(condition, AllOf | AnyOf):
        return
    if isinstance(condition, AllOf):
        yield from _within_all(condition, path)
    for index, part in enumerate(condition.conditions):
        if not (isinstance(condition, AllOf) and isinstance(part, AllOf)):
            yield from contradictions(part, (*path, "conditions", str(index)))


def _within_all(group: AllOf, path: Path) -> Iterator[tuple[Path, str]]:
    metrics: dict[tuple[UUID | None, str], list[_Span]] = {}
    states: dict[tuple[UUID | None, Aspect], set[str]] = {}
    for leaf, here in _flat(group, path):
        # What was true some time ago may go together with its contrary now.
        if leaf.count > 1:
            continue
        if isinstance(leaf, OfMachine):
            subject, named = (leaf.machine_id, aspect_of(leaf)), _states(leaf)
            if subject in states and not states[subject] & named:
                yield here, "No state of the machine satisfies this and the conditions before it."
            states[subject] = states.get(subject, named) & named
        elif (span := _span(leaf)) is not None:
            known = metrics.setdefault((leaf.machine_id, leaf.metric), [])  # type: ignore[union-attr]
            if any(span.is_disjoint(other) for other in known):
                yield here, f"No value of {leaf.metric} satisfies this and the conditions before it."  # type: ignore[union-attr]
            known.append(span)


def _states(leaf: OfMachine) -> set[str]:
    """Of its aspect of the machine, those that satisfy it."""
    match leaf:
        case InState():
            return {state.value for state in leaf.states}
        case Running():
            return {str(leaf.is_running)}
        case InService():
            return {str(leaf.is_in_service)}


def _flat(group: AllOf, path: Path) -> Iterator[tuple[Condition, Path]]:
    for index, part in enumerate(group.conditions):
        here = (*path, "conditions", str(index))
        if isinstance(part, AllOf) and part.count == 1:
            yield from _flat(part, here)
        elif not isinstance(part, AllOf | AnyOf):
            yield part, here


def _span(leaf: Condition) -> _Span | None:
    if isinstance(leaf, Range) and leaf.is_inside:
        return _Span(leaf.low - leaf.deadband, True, leaf.high + leaf.deadband, True)
    if not isinstance(leaf, Comparison):
        return None
    limit = leaf.threshold if leaf.clear is None else leaf.clear
    return {
        Operator.GREATER_THAN: _Span(limit, False, math.inf, False),
        Operator.AT_LEAST: _Span(limit, True, math.inf, False),
        Operator.LESS_THAN: _Span(-math.inf, False, limit, False),
        Operator.AT_MOST: _Span(-math.inf, False, limit, True),
        Operator.EQUAL: _Span(limit, True, limit, True),
    }.get(leaf.operator)
