"""Where a value is in a JSON document: a small part of JSONPath.

`motor.temp` goes one object deeper at each dot, `phases[0]` takes an element of an array, `["odd.name"]` a key as it
stands. `$.` in front starts at the whole document instead of the record. `[*]`, every element, is for `records` only.
"""

import re
from collections.abc import Sequence

Step = str | int
TOKEN = re.compile(r"""\.?(?P<name>[^.\[\]"']+)|\[(?P<index>\d+)\]|\[(?P<quote>["'])(?P<key>.+?)(?P=quote)\]""")
EVERY = "[*]"


class Path:
    """One value. Raises ValueError when the expression is not understood."""

    def __init__(self, expression: str) -> None:
        self.from_root = expression == "$" or expression.startswith(("$.", "$["))
        self._steps = _steps(expression[1:] if self.from_root else expression)

    def find(self, record: object, root: object) -> object:
        """The value, or None when there is nothing (or a null)."""
        return _find(root if self.from_root else record, self._steps)


class Records:
    """The objects of a document that are records of their own."""

    def __init__(self, expression: str) -> None:
        *lists, last = expression.removeprefix("$").split(EVERY)
        self._lists = [_steps(part) for part in lists]
        self._last = _steps(last)

    def find(self, document: object) -> list[object] | None:
        """None when an array on the way is not there."""
        found = [document]
        for steps in self._lists:
            arrays = [_find(value, steps) for value in found]
            if not all(isinstance(array, list) for array in arrays):
                return None
            found = [element for array in arrays if isinstance(array, list) for element in array]
        return [_find(value, self._last) for value in found] if self._last else found


def problem(expression: str, *, records: bool = False) -> str:
    """Why the expression is not understood, or nothing."""
    try:
        Records(expression) if records else Path(expression)
    except ValueError as error:
        return str(error)
    return ""


def _steps(expression: str) -> tuple[Step, ...]:
    steps: list[Step] = []
    end = 0
    for match in TOKEN.finditer(expression):
        if match.start() != end:
            break
        end = match.end()
        if match["index"] is not None:
            steps.append(int(match["index"]))
        else:
            steps.append(match["key"] if match["key"] is not None else match["name"])
    if end != len(expression):
        raise ValueError(
            f"not understood from {expression[end:]!r} on; write for example motor.temp, phases[0].current"
        )
    return tuple(steps)


def _find(value: object, steps: Sequence[Step]) -> object:
    """A key that itself contains the dots wins over going deeper."""
    if not steps:
        return value
    first = steps[0]
    if isinstance(first, int):
        return _find(value[first], steps[1:]) if isinstance(value, list) and first < len(value) else None
    if not isinstance(value, dict):
        return None
    if len(steps) == 1:
        return value.get(first)
    names = next((index for index, step in enumerate(steps) if isinstance(step, int)), len(steps))
    for taken in range(names, 0, -1):
        key = ".".join(str(step) for step in steps[:taken])
        if key in value and (found := _find(value[key], steps[taken:])) is not None:
            return found
    return None
