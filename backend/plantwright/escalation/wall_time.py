"""Wall-clock times of a place, and weekly windows of them, as spans of real time.

Two rules make every wall-clock time one moment, and keep their order (docs/escalation.md):
1. One that the clock shows twice, when it is set back, is the first of the two.
2. One that the clock skips, when it is set forward, is the moment at which it skips.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from plantwright.core.errors import ValidationFailed
from plantwright.core.text import storable

DAY: Final = timedelta(days=1)
_LONGEST_ZONE: Final = 64


class Span(NamedTuple):
    """From `start` up to, not including, `end`; both in UTC."""

    start: datetime
    end: datetime


class WeeklyWindow(msgspec.Struct, frozen=True):
    """From `start` to `end` on each of these ISO weekdays (1 is Monday), by the clock of a place.

    A window whose end is not after its start goes on to the next day: 22:00 to 06:00 is a night, 00:00 to 00:00 a day.
    """

    weekdays: tuple[int, ...]
    start: time
    end: time


def require_zone(name: str, path: str = "timeZone") -> ZoneInfo:
    """
    Raises:
        ValidationFailed: no time zone of the IANA database has this name.
    """
    shown = storable(name)[:_LONGEST_ZONE]
    try:
        return ZoneInfo(shown)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValidationFailed(
            f'There is no time zone "{shown}". Name it as in Europe/Berlin or UTC.', [path]
        ) from error


def moment_of(wall: datetime, zone: ZoneInfo) -> datetime:
    """The moment, in UTC, at which the clocks of the zone show this time."""
    moment = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == wall:
        return moment
    return _skip_before(moment, wall.replace(tzinfo=zone, fold=1).astimezone(UTC), zone)


def wall_of(moment: datetime, zone: ZoneInfo) -> datetime:
    """What the clocks of the zone show, without the zone."""
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)


def spans_of(windows: Sequence[WeeklyWindow], zone: ZoneInfo, start: datetime, end: datetime) -> list[Span]:
    """The windows as spans that touch the time from `start` to `end`, whole, merged and in order."""
    day = wall_of(start, zone).date() - 2 * DAY
    last = wall_of(end, zone).date() + DAY
    found = []
    while day <= last:
        for window in windows:
            if day.isoweekday() in window.weekdays:
                until = day if window.end > window.start else day + DAY
                begin = moment_of(datetime.combine(day, window.start), zone)
                finish = moment_of(datetime.combine(until, window.end), zone)
                found.append(Span(begin, finish))
        day += DAY
    return [span for span in merged(found) if span.end > start and span.start < end]


def merged(spans: Iterable[Span]) -> list[Span]:
    """Overlapping and touching spans as one, empty ones left out, in order."""
    joined: list[Span] = []
    for span in sorted(spans):
        if span.start >= span.end:
            continue
        if joined and span.start <= joined[-1].end:
            joined[-1] = Span(joined[-1].start, max(joined[-1].end, span.end))
        else:
            joined.append(span)
    return joined


def _skip_before(after: datetime, before: datetime, zone: ZoneInfo) -> datetime:
    """The moment between the two at which the clock is set forward, to the second."""
    offset = after.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) // 2
        if middle.astimezone(zone).utcoffset() == offset:
            after = middle
        else:
            before = middle
    return after.replace(microsecond=0)
