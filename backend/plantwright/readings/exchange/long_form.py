"""Readings outside the log: the long form that files of exports and imports have, a reading per row."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeAlias

from plantwright_agent.samples import Reading

from plantwright.assets.series import SeriesName
from plantwright.readings.arrays import Float64s, Int8s, Int64s
from plantwright.readings.models import Quality

COLUMNS = ("time", "machine", "metric", "unit", "value", "quality")
# By class: QUALITY_WORDS[Quality.BAD] == "bad".
QUALITY_WORDS = tuple(quality.name.lower() for quality in Quality)


class ExportFormat(StrEnum):
    CSV = "csv"
    PARQUET = "parquet"

    @property
    def media_type(self) -> str:
        return _MEDIA_TYPES[self]


_MEDIA_TYPES = {
    ExportFormat.CSV: "text/csv; charset=utf-8; header=present",
    ExportFormat.PARQUET: "application/vnd.apache.parquet",
}


@dataclass(frozen=True, slots=True)
class Chunk:
    """Readings of one series in ascending order of time, one per time; `time_ms` are milliseconds since 1970."""

    name: SeriesName
    time_ms: Int64s
    value: Float64s
    quality: Int8s

    def __len__(self) -> int:
        return len(self.time_ms)


class Encoder(Protocol):
    """Chunks to the bytes of one file: `begin`, then `add` for each chunk, then `finish`.

    Each of them returns what can be passed on already, which may be nothing.
    """

    def begin(self) -> bytes: ...

    def add(self, chunk: Chunk) -> bytes: ...

    def finish(self) -> bytes: ...


# The place of a row in its file, counted from 1, and what it holds or why that cannot be taken.
FileRow: TypeAlias = tuple[int, Reading | str]
FileRows: TypeAlias = Iterator[FileRow]


class UnreadableFileError(Exception):
    """The file as a whole is not what it has to be; the message says how."""
