"""Time stamps of files as aware UTC times."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

UNITS_PER_SECOND = {"unix": 1, "unix_ms": 1_000, "unix_us": 1_000_000, "unix_ns": 1_000_000_000}
MICROSECONDS = 1_000_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class TimeReader:
    """Reads the time of a row by the configured format; a time without an offset is in `zone`.

    A local time that exists twice, when the clocks go back, is the first of the two. One that does not exist, when
    they go forward, is read as if they had not: 02:30 is what the new clock calls 03:30.
    """

    def __init__(self, time_format: str, zone: str) -> None:
        self._format = time_format
        self._zone = UTC if zone == "UTC" else ZoneInfo(zone)
        self._last: tuple[object, datetime | None] = (None, None)

    def read(self, value: object) -> datetime | None:
        """None when the value is not a time in this format. Rows of one time stand together: the last is remembered."""
        if value == self._last[0] and type(value) is type(self._last[0]):
            return self._last[1]
        try:
            moment = self._read(value)
        except (ValueError, OverflowError, OSError):
            moment = None
        self._last = (value, moment)
        return moment

    def _read(self, value: object) -> datetime | None:
        if self._format in UNITS_PER_SECOND:
            return _from_unix(value, UNITS_PER_SECOND[self._format])
        if not isinstance(value, str):
            return None
        if self._format == "iso":
            moment = datetime.fromisoformat(value.strip())
        else:
            moment = datetime.strptime(value.strip(), self._format)  # noqa: DTZ007 - the zone comes below
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=self._zone)
        return moment if moment.tzinfo is UTC else moment.astimezone(UTC)


def _from_unix(value: object, per_second: int) -> datetime | None:
    """Whole numbers exactly, to the microsecond below them; others as a binary fraction."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    number = (
        float(value) if isinstance(value, float) or (isinstance(value, str) and not _is_whole(value)) else int(value)
    )
    if isinstance(number, int):
        return EPOCH + timedelta(microseconds=number * MICROSECONDS // per_second)
    return datetime.fromtimestamp(number / per_second, UTC)


def _is_whole(text: str) -> bool:
    return text.strip().lstrip("+-").isdecimal()
