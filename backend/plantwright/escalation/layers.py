"""What people write of a rotation, and its checks."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec

from plantwright.core.errors import ValidationFailed
from plantwright.core.text import bounded_text
from plantwright.escalation.rotation import Layer, TurnUnit
from plantwright.escalation.wall_time import WeeklyWindow, require_zone

LONGEST_NAME: Final = 100
MOST_LAYERS: Final = 5
MOST_PARTICIPANTS: Final = 50
MOST_WINDOWS: Final = 14
# Hours that divide a day: the hand-overs are at the same times every day.
_HOURS: Final = (1, 2, 3, 4, 6, 8, 12)
_MOST_TURNS: Final = {TurnUnit.DAY: 90, TurnUnit.WEEK: 13}
_YEARS: Final = range(2000, 2100)


class RotationDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A rotation as people write it; of the layers the last one counts first."""

    name: str
    time_zone: str
    layers: tuple[Layer, ...]


def checked(draft: RotationDraft) -> RotationDraft:
    """The draft with its texts trimmed.

    Raises:
        ValidationFailed: something breaks a rule; the path says what.
    """
    require_zone(draft.time_zone)
    if not 1 <= len(draft.layers) <= MOST_LAYERS:
        raise ValidationFailed(
            f"layers must have 1 to {MOST_LAYERS} entries; this has {len(draft.layers)}.", ["layers"]
        )
    return msgspec.structs.replace(
        draft,
        name=bounded_text(draft.name, "name", longest=LONGEST_NAME, shortest=1),
        layers=tuple(_checked_layer(layer, ["layers", str(number)]) for number, layer in enumerate(draft.layers)),
    )


def check_windows(windows: Sequence[WeeklyWindow], path: Sequence[str]) -> None:
    """
    Raises:
        ValidationFailed: too many windows, or weekdays that are none.
    """
    if len(windows) > MOST_WINDOWS:
        raise ValidationFailed(f"There are at most {MOST_WINDOWS} windows; this has {len(windows)}.", path)
    for number, window in enumerate(windows):
        days = set(window.weekdays)
        if not days or len(days) < len(window.weekdays) or not days <= set(range(1, 8)):
            raise ValidationFailed(
                "A window has one to seven weekdays, each once, from 1 (Monday) to 7 (Sunday).",
                [*path, str(number), "weekdays"],
            )


def _checked_layer(layer: Layer, path: Sequence[str]) -> Layer:
    people = layer.participants
    if not 1 <= len(people) <= MOST_PARTICIPANTS:
        raise ValidationFailed(
            f"A layer has 1 to {MOST_PARTICIPANTS} participants; this has {len(people)}.", [*path, "participantIds"]
        )
    _check_turn(layer, path)
    _check_start(layer.start, path)
    check_windows(layer.windows, [*path, "windows"])
    name = layer.name.strip()
    if len(name) > LONGEST_NAME or "\x00" in name:
        raise ValidationFailed(f"The name of a layer has at most {LONGEST_NAME} characters.", [*path, "name"])
    return msgspec.structs.replace(layer, name=name)


def _check_turn(layer: Layer, path: Sequence[str]) -> None:
    if layer.turn_unit is TurnUnit.HOUR:
        is_allowed, words = layer.turn_count in _HOURS, f"one of {', '.join(map(str, _HOURS))}"
    else:
        most = _MOST_TURNS[layer.turn_unit]
        is_allowed, words = 1 <= layer.turn_count <= most, f"1 to {most}"
    if not is_allowed:
        raise ValidationFailed(
            f"A turn in {layer.turn_unit}s must be {words}; this is {layer.turn_count:,}.", [*path, "turnCount"]
        )


def _check_start(start: datetime, path: Sequence[str]) -> None:
    if start.tzinfo is not None:
        raise ValidationFailed(
            "start is a time by the clock of the rotation's zone: send it without an offset, as 2026-03-02T08:00:00.",
            [*path, "start"],
        )
    if start.year not in _YEARS:
        raise ValidationFailed(f"start must lie in the years {_YEARS.start} to {_YEARS.stop - 1}.", [*path, "start"])
