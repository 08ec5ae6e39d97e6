"""When a schedule is open, by the clocks of its time zone; summer time begins and ends as it does there."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from plantwright.rules.definition import Schedule

_MINUTES_OF_DAY = 1440
_AHEAD_DAYS = 9
# Schedules of one tenant on one day; a miss only costs the computation.
_REMEMBERED = 2_000


def is_open(schedule: Schedule, time_ms: int) -> bool:
    return any(start <= time_ms < end for start, end in _spans_around(schedule, time_ms))


def next_change(schedule: Schedule, time_ms: int) -> int | None:
    """The first moment after `time_ms` at which it opens or closes; None when it is always open."""
    later = [edge for span in _spans_around(schedule, time_ms) for edge in span if edge > time_ms]
    return min(later, default=None) if not is_always(schedule) else None


def is_always(schedule: Schedule) -> bool:
    return len(set(schedule.days)) == 7 and schedule.start_minute == schedule.end_minute  # noqa: PLR2004 - days


def _spans_around(schedule: Schedule, time_ms: int) -> list[tuple[int, int]]:
    day = datetime.fromtimestamp(time_ms / 1000, ZoneInfo(schedule.time_zone)).date().toordinal()
    return _spans(
        schedule.time_zone, tuple(sorted(set(schedule.days))), schedule.start_minute, schedule.end_minute, day
    )


@lru_cache(_REMEMBERED)
def _spans(
    time_zone: str, days: tuple[int, ...], start_minute: int, end_minute: int, around: int
) -> list[tuple[int, int]]:
    """Open spans as milliseconds, in order, those that touch taken together."""
    zone = ZoneInfo(time_zone)
    length = end_minute - start_minute
    if length <= 0:
        length += _MINUTES_OF_DAY
    spans: list[tuple[int, int]] = []
    for ordinal in range(around - 2, around + _AHEAD_DAYS):
        day = datetime.fromordinal(ordinal)
        if day.isoweekday() not in days:
            continue
        begin = day + timedelta(minutes=start_minute)
        spans.append((_instant(begin, zone), _instant(begin + timedelta(minutes=length), zone)))
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        elif end > start:
            joined.append((start, end))
    return joined


def _instant(local: datetime, zone: ZoneInfo) -> int:
    """Of a local time that comes twice the first one; of one that is skipped the moment at which it would be."""
    return int(local.replace(tzinfo=zone).astimezone(UTC).timestamp() * 1000)


def is_valid_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True
