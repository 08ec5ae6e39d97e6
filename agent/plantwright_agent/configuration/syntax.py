"""What the readers of the three file forms have in common."""

Place = tuple[str | int, ...]
"""Keys and indices from the top of a document down to a value."""


class Malformed(Exception):
    """The text is not of its form; `line` counts from 1."""

    def __init__(self, line: int, reason: str) -> None:
        self.line = line
        self.reason = reason
        super().__init__(reason)


def spell(place: Place) -> str:
    """As people read it: `source[0].modbus.host`."""
    text = ""
    for step in place:
        text += f"[{step}]" if isinstance(step, int) else f".{step}"
    return text.removeprefix(".")


def find_place(text: str, values: object) -> Place:
    """The place that a spelling names; a key with a dot in it is recognised because it is there.

    Keys that are not there end the search: the place found is that of the nearest parent.
    """
    place: Place = ()
    while text:
        step, rest = _next_step(text, values)
        if step is None:
            break
        place, text = (*place, step), rest
        values = _below(values, step)
    return place


def _next_step(text: str, values: object) -> tuple[str | int | None, str]:
    text = text.removeprefix(".")
    if text.startswith("["):
        index, _, rest = text[1:].partition("]")
        return (int(index), rest) if index.isdigit() else (None, "")
    if not isinstance(values, dict):
        return None, ""
    fitting = [key for key in values if text == key or text.startswith((f"{key}.", f"{key}["))]
    if not fitting:
        return None, ""
    key = max(fitting, key=len)
    return key, text[len(key) :]


def _below(values: object, step: str | int) -> object:
    if isinstance(values, dict):
        return values.get(step)
    if isinstance(values, list) and isinstance(step, int) and step < len(values):
        return values[step]
    return None
