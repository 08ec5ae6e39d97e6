"""Settings both file inputs have."""

import zoneinfo
from pathlib import Path
from typing import Annotated, Literal, Self

import msgspec

from plantwright_agent.inputs.tags import Name, Positive
from plantwright_agent.samples import Quality

Encoding = Literal["utf-8", "utf-8-sig", "latin-1", "cp1252", "utf-16", "utf-16-le", "utf-16-be"]


class FileConfig(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """`path` is a file or a glob pattern; `**` stands for any number of folders.

    `time_format` is "iso" (ISO 8601), "unix", "unix_ms", "unix_us" or "unix_ns", or a strptime pattern; a time without
    an offset is taken in `time_zone` (an IANA name). A last line without a line end is taken once the file has not
    changed for `settle_seconds`. A file that has been read and has not changed for as long is moved to the folder
    `move_to`, if there is one. `qualities` says what the texts of a quality column or key mean.
    """

    path: Name
    encoding: Encoding = "utf-8"
    time_format: Name = "iso"
    time_zone: Name = "UTC"
    poll_interval: Positive = 1.0
    settle_seconds: Annotated[float, msgspec.Meta(gt=0, le=86_400)] = 30.0
    move_to: Name | None = None
    qualities: dict[str, Quality] = msgspec.field(default_factory=dict)

    @property
    def names_machines(self) -> bool:
        """Whether the files themselves say which machine a value is of."""
        return False

    def located(self, folder: Path) -> Self:
        """The same with relative paths taken from `folder`."""
        moved = None if self.move_to is None else str(folder / self.move_to)
        return msgspec.structs.replace(self, path=str(folder / self.path), move_to=moved)

    def problems(self) -> list[tuple[str, str]]:
        """Key and reason for each rule between keys that is broken."""
        try:
            zoneinfo.ZoneInfo(self.time_zone)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError):
            return [("time_zone", "not a known IANA time zone, for example Europe/Berlin")]
        return []
