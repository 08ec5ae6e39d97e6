"""Columns of readings to segments, and segments to the bytes of a binary COPY.

A segment holds the readings of one series that one flush stores within one UTC day, in order of time; readings of
the same time keep the order in which they came. The day bounds the offsets (they fit 32 bits) and tells a reader
how far before its window a segment can start.

Byte layout: PostgreSQL documentation, COPY, "Binary Format"; arrays as `array_send` writes them (header of number
of dimensions, null flag, element type, length, lower bound; then length and bytes of each element).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from plantwright.readings.arrays import Float64s, Int8s, Int32s, Int64s
from plantwright.readings.ingest.batch import StoreRequest
from plantwright.readings.models import Quality

DAY_MS = 86_400_000
COPY_COLUMNS = ("tenant_no", "series_id", "start", "offsets", "values", "quality", "period")

_POSTGRES_EPOCH_MS = 946_684_800_000
_INT2_OID, _INT4_OID, _FLOAT8_OID = 21, 23, 701
_COPY_HEADER = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
_COPY_TRAILER = b"\xff\xff"
_NULL = b"\xff\xff\xff\xff"

_ARRAY_HEADER = [("size", ">i4"), ("dimensions", ">i4"), ("nulls", ">i4"), ("type", ">i4"), ("count", ">i4")]
_ARRAY = np.dtype([*_ARRAY_HEADER, ("first", ">i4")])
_KEY = np.dtype(
    [
        ("fields", ">i2"),
        ("tenant_size", ">i4"),
        ("tenant_no", ">i4"),
        ("series_size", ">i4"),
        ("series_id", ">i4"),
        ("start_size", ">i4"),
        ("start", ">i8"),
    ]
)
_INT2 = np.dtype([("size", ">i4"), ("value", ">i2")])
_INT4 = np.dtype([("size", ">i4"), ("value", ">i4")])
_FLOAT8 = np.dtype([("size", ">i4"), ("value", ">f8")])


@dataclass(frozen=True, slots=True)
class Segments:
    """Readings sorted by tenant, series and time; segment i is the slice `first[i]:first[i + 1]` of the columns."""

    first: Int64s
    tenant_no: Int32s
    series_id: Int32s
    time_ms: Int64s
    value: Float64s
    quality: Int8s

    def __len__(self) -> int:
        return len(self.first) - 1


def build_segments(requests: Sequence[StoreRequest]) -> Segments:
    """The readings of these requests as segments."""
    columns = [request.columns for request in requests]
    tenant = np.repeat(np.array([request.tenant_no for request in requests], np.int64), [len(part) for part in columns])
    series = np.concatenate([part.series_id for part in columns])
    time_ms = np.concatenate([part.time_ms for part in columns])
    key = tenant << 32 | series
    order = np.lexsort((time_ms, key))
    key, time_ms = key[order], time_ms[order]
    day = time_ms // DAY_MS
    starts_new = np.ones(len(key), np.bool_)
    starts_new[1:] = (key[1:] != key[:-1]) | (day[1:] != day[:-1])
    return Segments(
        first=np.append(np.flatnonzero(starts_new), len(key)),
        tenant_no=tenant[order].astype(np.int32),
        series_id=series[order],
        time_ms=time_ms,
        value=np.concatenate([part.value for part in columns])[order],
        quality=np.concatenate([part.quality for part in columns])[order],
    )


def copy_payload(segments: Segments) -> bytearray:
    """The input of `COPY segment (COPY_COLUMNS) FROM STDIN (FORMAT binary)`."""
    begin = segments.first[:-1]
    counts = np.diff(segments.first)
    offset = segments.time_ms - np.repeat(segments.time_ms[begin], counts)
    keys = _keys(segments, begin).tobytes()
    offset_heads = _array_heads(counts, _INT4_OID, _INT4).tobytes()
    is_regular, periods = regular_periods(segments.first, segments.time_ms)
    periods_sent = _elements(periods, _INT4)
    value_heads = _array_heads(counts, _FLOAT8_OID, _FLOAT8).tobytes()
    offsets = _elements(offset, _INT4)
    values = _elements(segments.value, _FLOAT8)
    qualities = _qualities(segments, counts)
    pieces: list[bytes] = [_COPY_HEADER]
    bounds = segments.first.tolist()
    for place, (low, high, regular) in enumerate(zip(bounds[:-1], bounds[1:], is_regular.tolist(), strict=True)):
        pieces.append(keys[place * _KEY.itemsize : (place + 1) * _KEY.itemsize])
        if regular:
            pieces.append(_NULL)
        else:
            pieces += (
                offset_heads[place * _ARRAY.itemsize : (place + 1) * _ARRAY.itemsize],
                offsets[low * _INT4.itemsize : high * _INT4.itemsize],
            )
        pieces += (
            value_heads[place * _ARRAY.itemsize : (place + 1) * _ARRAY.itemsize],
            values[low * _FLOAT8.itemsize : high * _FLOAT8.itemsize],
            qualities[place] if qualities else _NULL,
            periods_sent[place * _INT4.itemsize : (place + 1) * _INT4.itemsize] if regular else _NULL,
        )
    pieces.append(_COPY_TRAILER)
    return bytearray().join(pieces)


def regular_periods(first: Int64s, time_ms: Int64s) -> tuple[NDArray[np.bool_], Int64s]:
    """Which segments have all their readings the same time apart, and that time in milliseconds.

    `first` bounds the segments as in `Segments`; none is empty. A single reading is regular, with period 0.
    """
    begin, counts = first[:-1], np.diff(first)
    gaps = np.diff(time_ms, append=time_ms[-1:])
    periods = np.where(counts > 1, gaps[begin], 0)
    differs = gaps != np.repeat(periods, counts)
    # The gap behind the last reading leads out of the segment.
    differs[first[1:] - 1] = False
    return ~np.logical_or.reduceat(differs, begin), periods


def _keys(segments: Segments, begin: Int64s) -> NDArray[np.void]:
    keys = np.zeros(len(begin), _KEY)
    keys["fields"] = len(COPY_COLUMNS)
    keys["tenant_size"] = keys["series_size"] = 4
    keys["start_size"] = 8
    keys["tenant_no"] = segments.tenant_no[begin]
    keys["series_id"] = segments.series_id[begin]
    keys["start"] = (segments.time_ms[begin] - _POSTGRES_EPOCH_MS) * 1000
    return keys


def _array_heads(counts: Int64s, element_oid: int, element: np.dtype[np.void]) -> NDArray[np.void]:
    heads = np.zeros(len(counts), _ARRAY)
    heads["size"] = _ARRAY.itemsize - 4 + counts * element.itemsize
    heads["dimensions"] = heads["first"] = 1
    heads["type"] = element_oid
    heads["count"] = counts
    return heads


def _elements(column: Int64s | Float64s | Int8s, element: np.dtype[np.void]) -> bytes:
    elements = np.empty(len(column), element)
    elements["size"] = element.itemsize - 4
    elements["value"] = column
    return elements.tobytes()


def _qualities(segments: Segments, counts: Int64s) -> list[bytes]:
    """The quality field of each segment, null where every reading is good; empty when all segments are good."""
    if not segments.quality.any():
        return []
    heads = _array_heads(counts, _INT2_OID, _INT2)
    fields = []
    for place, (low, high) in enumerate(pairwise(segments.first.tolist())):
        quality = segments.quality[low:high]
        is_good = (quality == Quality.GOOD).all()
        fields.append(_NULL if is_good else heads[place].tobytes() + _elements(quality, _INT2))
    return fields
