"""Times by the clock of a place."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from plantwright.escalation.wall_time import moment_of

BERLIN = ZoneInfo("Europe/Berlin")


def wall(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    """What a clock shows, without a zone."""
    return datetime(year, month, day, hour, minute, tzinfo=UTC).replace(tzinfo=None)


def berlin(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    """The moment at which the clocks of Berlin show this."""
    return moment_of(wall(year, month, day, hour, minute), BERLIN)
