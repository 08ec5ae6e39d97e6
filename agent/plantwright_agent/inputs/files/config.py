"""Settings both file inputs have."""

import zoneinfo
from typing import Annotated

import msgspec

from plantwright_agent.inputs.tags import Name, Positive


class FileConfig(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """`path` is a file or a glob pattern.

    `time_format` is "iso" (ISO 8601), "unix" (seconds), "unix_ms", or a strptime pattern; a time without an
    offset is taken in `time_zone` (an IANA name). A last line without a line end is taken once the file has
    not changed for `settle_seconds`.
    """

    path: Name
    time_format: Name = "iso"
    time_zone: Name = "UTC"
    poll_interval: Positive = 1.0
    settle_seconds: Annotated[float, msgspec.Meta(gt=0, le=86_400)] = 30.0

    def problems(self) -> list[tuple[str, str]]:
        """Key and reason for each rule between keys that is broken."""
        try:
            zoneinfo.ZoneInfo(self.time_zone)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError):
            return [("time_zone", "not a known IANA time zone, for example Europe/Berlin")]
        return []
