"""Readings as columns, and the compact body they have on disk.

A body is the columns byte by byte (all first bytes, then all second bytes, …), times as differences, in a zlib
stream, whose checksum tells a damaged body from a good one. Readings keep the order in which they came: sorting them
by series makes a body smaller by 2 % only.
"""

import sys
import zlib
from array import array
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import accumulate, chain, compress
from operator import sub
from typing import Self, TypeAlias

from plantwright_agent.samples import Quality, Reading

QUALITIES: tuple[Quality, ...] = ("good", "uncertain", "bad")

SeriesKey: TypeAlias = tuple[str, str, str, str]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_NUMBERS = {name: number for number, name in enumerate(QUALITIES)}

_COLUMNS_BYTES = 4 + 8 + 8


class DamagedBodyError(ValueError):
    """The bytes are not what was written."""


@dataclass(slots=True)
class Columns:
    """`times` in Unix milliseconds; `series` are the buffer's own numbers; `quality` as in QUALITIES."""

    series: "array[int]" = field(default_factory=lambda: array("I"))
    times: "array[int]" = field(default_factory=lambda: array("q"))
    values: "array[float]" = field(default_factory=lambda: array("d"))
    quality: bytearray = field(default_factory=bytearray)

    def __len__(self) -> int:
        return len(self.times)

    def part(self, start: int, stop: int) -> Self:
        """The readings from `start` to before `stop`."""
        return type(self)(
            self.series[start:stop], self.times[start:stop], self.values[start:stop], self.quality[start:stop]
        )

    def where(self, chosen: bytearray) -> Self:
        """The readings whose byte in `chosen` is not 0."""
        return type(self)(
            array("I", compress(self.series, chosen)),
            array("q", compress(self.times, chosen)),
            array("d", compress(self.values, chosen)),
            bytearray(compress(self.quality, chosen)),
        )

    def pack(self, level: int) -> bytes:
        differences = array("q", map(sub, self.times, chain((0,), self.times)))
        parts = [*_planes(self.series.tobytes(), 4), *_planes(differences.tobytes(), 8)]
        parts += _planes(self.values.tobytes(), 8)
        if any(self.quality):
            parts.append(bytes(self.quality))
        return zlib.compress(b"".join(parts), level)

    @classmethod
    def unpack(cls, body: bytes, count: int) -> Self:
        """Raises DamagedBodyError."""
        try:
            flat = zlib.decompress(body)
        except zlib.error as error:
            raise DamagedBodyError(str(error)) from error
        bare = count * _COLUMNS_BYTES
        if len(flat) not in {bare, bare + count}:
            raise DamagedBodyError(f"{len(flat)} bytes are no {count} readings")
        series = array("I", _whole(flat[: count * 4], 4))
        differences = array("q", _whole(flat[count * 4 : count * 12], 8))
        values = array("d", _whole(flat[count * 12 : bare], 8))
        quality = bytearray(flat[bare:]) or bytearray(count)
        return cls(series, array("q", accumulate(differences)), values, quality)


def columns_of(readings: Iterable[Reading], number_of: Callable[[SeriesKey], int]) -> Columns:
    """`number_of` gives the number of a series: machine identifier, metric name, unit and raw tag."""
    columns = Columns()
    series, times, values, quality = (
        columns.series.append,
        columns.times.append,
        columns.values.append,
        columns.quality.append,
    )
    moment, milliseconds = None, 0
    for item in readings:
        # Most readings share the moment of the one before, and finding its milliseconds costs most of this.
        if item.timestamp is not moment:
            moment = item.timestamp
            milliseconds = (moment - _EPOCH) // _MILLISECOND
        series(number_of((item.machine_identifier, item.metric_name, item.unit, item.raw_tag)))
        times(milliseconds)
        values(item.value)
        quality(_NUMBERS[item.quality])
    return columns


def joined(parts: Iterable[Columns]) -> Columns:
    """All readings, in the order of the parts."""
    whole = Columns()
    for part in parts:
        whole.series += part.series
        whole.times += part.times
        whole.values += part.values
        whole.quality += part.quality
    return whole


def little_endian(column: "array[int] | array[float]") -> bytes:
    if sys.byteorder == "big":
        column = column[:]
        column.byteswap()
    return column.tobytes()


def _planes(packed: bytes, width: int) -> list[bytes]:
    return [packed[place::width] for place in range(width)]


def _whole(planes: bytes, width: int) -> bytes:
    count = len(planes) // width
    packed = bytearray(len(planes))
    for place in range(width):
        packed[place::width] = planes[place * count : (place + 1) * count]
    return bytes(packed)
