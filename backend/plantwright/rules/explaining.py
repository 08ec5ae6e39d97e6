"""Why a rule concluded what it did: each condition with its truth, its numbers and since when, to check by hand."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from plantwright.core.quantities import plain_number, unit_symbol
from plantwright.rules.definition import (
    Comparison,
    Condition,
    Deviation,
    InService,
    InState,
    NoData,
    Range,
    Rate,
    Running,
    Severity,
)
from plantwright.rules.findings import Explanation, FindingKind, iso_or_none
from plantwright.rules.program import Program
from plantwright.rules.signals import STATES, Run
from plantwright.rules.state import RuleState
from plantwright.rules.wording import duration, joined, leaf_words, number, timing

_LONGEST = 1000


class Explainer:
    """Of one moment: `runs` are of the batch in which it lies."""

    def __init__(self, program: Program, state: RuleState, runs: Sequence[Run | None], time_ms: int) -> None:
        self._program, self._state, self._runs, self._time_ms = program, state, runs, time_ms

    def explain(self, severity: Severity, kind: FindingKind) -> Explanation:
        root = dict(self._program.levels)[severity]
        true_leaves = [
            node.leaf
            for place, node in enumerate(self._program.nodes)
            if node.leaf >= 0 and self._state.nodes[place].is_true
        ]
        told = self._first_number(root)
        return Explanation(
            message=self._message(root, severity, kind)[:_LONGEST],
            formula=self._words(root),
            value=told[0],
            threshold=told[1],
            true_conditions=len(true_leaves),
            levels=[{"severity": one.value, "condition": self._tree(place)} for one, place in self._program.levels],
        )

    def _message(self, root: int, severity: Severity, kind: FindingKind) -> str:
        match kind:
            case FindingKind.STARTED:
                return self._true_words(root)
            case FindingKind.CONTINUED:
                return f"Now {severity.value}: {self._true_words(root)}"
            case FindingKind.ENDED:
                return f"No longer so: {self._words(root)}"

    def _words(self, place: int) -> str:
        node = self._program.nodes[place]
        if node.children:
            parts = [self._words(child) for child in node.children]
            return joined(parts, " and " if node.is_all else " or ") + timing(node.condition)
        return leaf_words(node.reading, *self._program.quantities[node.slot]) + timing(node.condition)

    def _true_words(self, place: int) -> str:
        """What is true of it, with the measured values."""
        node = self._program.nodes[place]
        if node.children:
            parts = [self._true_words(child) for child in node.children if self._state.nodes[child].is_true]
            return joined(parts, " and ") + timing(node.condition) if parts else self._words(place)
        return self._leaf_now(place) + timing(node.condition)

    def _leaf_now(self, at: int) -> str:
        node = self._program.nodes[at]
        leaf = node.reading
        name, unit = self._program.quantities[node.slot]
        seen = self._seen(node.leaf)
        value = seen.get("value")
        measured = name if value is None else f"{name} {plain_number(value)} {unit_symbol(unit)}".rstrip()
        match leaf:
            case Comparison():
                return f"{measured} {leaf.operator.value} {number(leaf.threshold)}"
            case Range():
                return (
                    f"{measured} {'between' if leaf.is_inside else 'outside'} {number(leaf.low)} to {number(leaf.high)}"
                )
            case Rate() if "rate" in seen:
                change = f"{plain_number(seen['rate'])} {unit_symbol(unit)}".rstrip()
                return (
                    f"{name} changes by {change} per {leaf.unit.value} {leaf.operator.value} {number(leaf.threshold)}"
                )
            case Deviation() if "deviation" in seen:
                return (
                    f"{measured} is {plain_number(abs(seen['deviation']))} standard deviations from its mean "
                    f"{plain_number(seen['mean'])} of {duration(leaf.hours * 3600)}"
                )
            case _:
                return leaf_words(leaf, name, unit)

    def _tree(self, place: int) -> dict[str, Any]:
        node, own = self._program.nodes[place], self._state.nodes[place]
        told: dict[str, Any] = {
            "words": self._words(place),
            "is_true": own.is_true,
            "since": iso_or_none(own.since),
            "true_since": iso_or_none(own.true_since),
        }
        if node.children:
            told["joined_by"] = "and" if node.is_all else "or"
            told["conditions"] = [self._tree(child) for child in node.children]
            return told
        quantity = self._program.quantities[node.slot]
        last_ms = self._last_ms(node.slot, node.leaf)
        return {
            **told,
            "kind": node.condition.__struct_config__.tag,
            "name": quantity.name,
            "unit": quantity.unit,
            "machine_id": str(self._program.slots[node.slot].machine_id),
            "read_at": iso_or_none(last_ms),
            **{name: _plain(node.condition, name, value) for name, value in self._seen(node.leaf).items()},
        }

    def _first_number(self, root: int) -> tuple[float, float]:
        """Value and threshold of the first true leaf below a node that has them, else of the first leaf."""
        found: list[tuple[bool, float, float]] = []

        def look(place: int) -> None:
            node = self._program.nodes[place]
            for child in node.children:
                look(child)
            if not node.children:
                value = self._seen(node.leaf).get("value", 0.0)
                found.append((self._state.nodes[place].is_true, value, _threshold(node.condition)))

        look(root)
        _, value, threshold = next((one for one in found if one[0]), found[0])
        return value, threshold

    def _seen(self, leaf: int) -> dict[str, float]:
        """By what the newest reading up to the moment was judged."""
        one = self._runs[leaf]
        if one is None:
            return self._state.leaves[leaf].seen
        place = int(np.searchsorted(one.times, self._time_ms, side="right")) - 1
        if place < 0:
            return one.before
        return {name: float(column[place]) for name, column in one.seen.items()}

    def _last_ms(self, slot: int, leaf: int) -> int | None:
        one = self._runs[leaf]
        if one is None:
            return self._state.last_ms[slot]
        place = int(np.searchsorted(one.times, self._time_ms, side="right")) - 1
        return int(one.times[place]) if place >= 0 else one.before_ms


def _threshold(condition: Condition) -> float:
    match condition:
        case Comparison() | Rate() | Deviation():
            return condition.threshold
        case Range():
            return condition.high
        case NoData():
            return condition.seconds
        case _:
            return 0.0


def _plain(condition: Condition, name: str, value: float) -> str | None:
    if name == "value":
        match condition:
            case InState():
                return STATES[int(value)].value
            case Running():
                return "running" if value else "not running"
            case InService():
                return "in service" if value else "out of service"
    return None if value != value else repr(value)  # noqa: PLR0124 - not a number
