"""Wall-clock times and weekly windows, in and out."""

from collections.abc import Sequence
from datetime import UTC, datetime, time
from typing import Self

import strawberry

from plantwright.core.errors import ValidationFailed
from plantwright.escalation.wall_time import WeeklyWindow as Window

WEEKDAYS = "ISO weekdays: 1 is Monday, 7 is Sunday."
END = "Not after `start`: it goes on to the next day. 00:00 to 00:00 is the whole day."


@strawberry.type(description="From `start` to `end` on each of these weekdays, by the clock of the time zone.")
class WeeklyWindow:
    weekdays: list[int] = strawberry.field(description=WEEKDAYS)
    start: str = strawberry.field(description="Such as 22:00.")
    end: str = strawberry.field(description=END)

    @classmethod
    def of(cls, window: Window) -> Self:
        return cls(weekdays=list(window.weekdays), start=shown_time(window.start), end=shown_time(window.end))


@strawberry.input(description="From `start` to `end` on each of these weekdays, by the clock of the time zone.")
class WeeklyWindowInput:
    weekdays: list[int] = strawberry.field(description=WEEKDAYS)
    start: str = strawberry.field(description="Such as 22:00.")
    end: str = strawberry.field(description=END)


def to_windows(windows: Sequence[WeeklyWindowInput], path: Sequence[str]) -> tuple[Window, ...]:
    """
    Raises:
        ValidationFailed: a start or an end is no time of day.
    """
    return tuple(
        Window(
            tuple(window.weekdays),
            to_time(window.start, [*path, str(number), "start"]),
            to_time(window.end, [*path, str(number), "end"]),
        )
        for number, window in enumerate(windows)
    )


def shown_time(value: time) -> str:
    return f"{value:%H:%M}"


def to_time(text: str, path: Sequence[str]) -> time:
    """
    Raises:
        ValidationFailed: it is no time of day, or it has seconds or a zone.
    """
    try:
        value = time.fromisoformat(text)
    except ValueError:
        value = None
    if value is None or value.tzinfo is not None or value.second or value.microsecond:
        raise ValidationFailed("This must be a time of day such as 07:30.", path)
    return value


def to_moment(value: datetime, path: str) -> datetime:
    """
    Raises:
        ValidationFailed: it has no zone.
    """
    if value.tzinfo is None:
        raise ValidationFailed("Give the time with its offset, such as 2026-03-02T08:00:00Z.", [path])
    return value.astimezone(UTC)


def to_wall_time(text: str, path: Sequence[str]) -> datetime:
    """
    Raises:
        ValidationFailed: it is no date with a time of day.
    """
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise ValidationFailed("This must be a date and time such as 2026-03-02T08:00.", path) from error
