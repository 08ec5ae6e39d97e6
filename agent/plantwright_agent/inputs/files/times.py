"""Time stamps of files as aware UTC times."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

UNIX = {"unix": 1.0, "unix_ms": 1000.0}


class TimeReader:
    """Reads the time of a row by the configured format; a time without an offset is in `zone`."""

    def __init__(self, time_format: str, zone: str) -> None:
        self._format = time_format
        self._zone = ZoneInfo(zone)

    def read(self, value: object) -> datetime | None:
        """None when the value is not a time in this format."""
        try:
            if self._format in UNIX:
                return _from_unix(value, UNIX[self._format])
            if not isinstance(value, str):
                return None
            if self._format == "iso":
                moment = datetime.fromisoformat(value.strip())
            else:
                moment = datetime.strptime(value.strip(), self._format)  # noqa: DTZ007 - the zone comes below
            aware = moment if moment.tzinfo else moment.replace(tzinfo=self._zone)
            return aware.astimezone(UTC)
        except (ValueError, OverflowError, OSError):
            return None


def _from_unix(value: object, per_second: float) -> datetime | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    return datetime.fromtimestamp(float(value) / per_second, UTC)
