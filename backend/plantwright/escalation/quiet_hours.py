"""When somebody who is not to be disturbed is told after all. Pure functions of their arguments."""

from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from plantwright.alerts.models import Severity
from plantwright.escalation.wall_time import DAY, WeeklyWindow, moment_of, spans_of, wall_of

WEEK: Final = timedelta(weeks=1)


class DigestRhythm(StrEnum):
    """When what was held is told."""

    AFTER_QUIET_HOURS = "after_quiet_hours"
    DAILY = "daily"
    WEEKLY = "weekly"


class QuietHours(msgspec.Struct, frozen=True, kw_only=True):
    """What waits, when, and until when, by the clock of a place. `digest_weekday` is of ISO, 1 is Monday.

    `low_urgency` never holds critical: what is critical does not wait.
    """

    time_zone: str
    windows: tuple[WeeklyWindow, ...]
    low_urgency: tuple[Severity, ...]
    rhythm: DigestRhythm
    digest_time: time
    digest_weekday: int

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


def is_held(quiet: QuietHours | None, severity: str, at: datetime) -> bool:
    """Whether an alert of this severity waits at this moment."""
    if quiet is None or severity == Severity.CRITICAL or severity not in quiet.low_urgency:
        return False
    return bool(spans_of(quiet.windows, quiet.zone, at, at + timedelta(microseconds=1)))


def held_until(quiet: QuietHours | None, severity: str, at: datetime) -> datetime | None:
    """When an alert of this severity is told instead of at this moment; None when it does not wait."""
    return release_time(quiet, at) if quiet is not None and is_held(quiet, severity, at) else None


def release_time(quiet: QuietHours, at: datetime) -> datetime:
    """When what is held at this moment is told."""
    if quiet.rhythm is DigestRhythm.AFTER_QUIET_HOURS:
        return quiet_until(quiet, at)
    return _next_digest(quiet, at)


def quiet_until(quiet: QuietHours, at: datetime) -> datetime:
    """The end of the quiet hours around this moment; the moment itself when there are none."""
    spans = spans_of(quiet.windows, quiet.zone, at, at + WEEK)
    return spans[0].end if spans and spans[0].start <= at else at


def never_ends(windows: tuple[WeeklyWindow, ...]) -> bool:
    """Whether the windows leave no minute of the week."""
    monday = datetime(2024, 1, 1, tzinfo=ZoneInfo("UTC"))
    spans = spans_of(windows, ZoneInfo("UTC"), monday, monday + WEEK)
    return len(spans) == 1 and spans[0].start <= monday and spans[0].end >= monday + WEEK


def _next_digest(quiet: QuietHours, after: datetime) -> datetime:
    day = wall_of(after, quiet.zone).date() - DAY
    while True:
        day += DAY
        moment = moment_of(datetime.combine(day, quiet.digest_time), quiet.zone)
        is_day = quiet.rhythm is DigestRhythm.DAILY or day.isoweekday() == quiet.digest_weekday
        if is_day and moment > after:
            return moment
