"""The columnar body of an ingest request: MessagePack, with a table of series and packed arrays.

{"agent": str, "stream": str, "sequence": int,            as in the JSON form; all or none
"series": [[machine_identifier, metric_name, unit], …],
"series_of": bin, place in `series` of each reading       uint16, little-endian
"times": bin, milliseconds since 1970                     int64
"values": bin                                             float64
"quality": bin, 0 good, 1 uncertain, 2 bad                uint8; left out when all are good
}
"""

from typing import TypeVar
from uuid import UUID

import msgspec
import numpy as np
from numpy.typing import NDArray

from plantwright.readings.ingest.batch import BatchKey, ItemError, NamedColumns
from plantwright.readings.ingest.decode_json import Identifier, MetricName, Sequence64, Stream, Unit
from plantwright.readings.ingest.decoded import (
    NOT_FINITE,
    DecodedBatch,
    MalformedBody,
    WrongShape,
    check_count,
    decoded_batch,
    is_storable,
)
from plantwright.readings.models import Quality

CONTENT_TYPE = b"application/vnd.plantwright.columns+msgpack"
MAX_READINGS = 10_000

_Number = TypeVar("_Number", bound=np.generic)


class _Columns(msgspec.Struct, gc=False):
    series: list[tuple[Identifier, MetricName, Unit]]
    series_of: bytes
    times: bytes
    values: bytes
    quality: bytes | None = None
    agent: UUID | None = None
    stream: Stream | None = None
    sequence: Sequence64 | None = None


_decoder = msgspec.msgpack.Decoder(_Columns)


def decode_columns(body: bytes, now_ms: int) -> DecodedBatch:
    """
    Raises:
        MalformedBody: no MessagePack, or more readings than a request may carry.
        WrongShape: a field is missing or of the wrong type, or the columns do not fit each other.
    """
    try:
        sent = _decoder.decode(body)
    except msgspec.ValidationError as error:
        raise _wrong(str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise MalformedBody("Malformed MessagePack") from None
    times = _column(sent.times, "<i8", np.int64, "times")
    check_count(len(times), MAX_READINGS)
    columns = NamedColumns(
        index=np.arange(len(times)),
        names=sent.series,
        name_of=_column(sent.series_of, "<u2", np.int32, "series_of"),
        time_ms=times,
        value=_column(sent.values, "<f8", np.float64, "values"),
        quality=_quality(sent.quality, len(times)),
    )
    _check_fit(columns)
    is_finite = np.isfinite(columns.value)
    errors: list[ItemError] = []
    if not is_finite.all():
        errors = [columns.refusal(place, NOT_FINITE) for place in np.flatnonzero(~is_finite).tolist()]
        columns = columns.only(is_finite)
    return decoded_batch(_batch_key(sent), columns, errors, now_ms)


def _column(packed: bytes, sent_as: str, kept_as: type[_Number], name: str) -> NDArray[_Number]:
    dtype = np.dtype(sent_as)
    if len(packed) % dtype.itemsize:
        raise _wrong(f"{len(packed)} bytes are no array of {dtype.itemsize}-byte numbers", name)
    return np.frombuffer(packed, dtype).astype(kept_as)


def _quality(packed: bytes | None, count: int) -> NDArray[np.int8]:
    if packed is None:
        return np.zeros(count, np.int8)
    quality = np.frombuffer(packed, np.uint8)
    if len(quality) and quality.max() > max(Quality):
        raise _wrong("Quality must be 0 (good), 1 (uncertain) or 2 (bad)", "quality")
    return quality.astype(np.int8)


def _check_fit(columns: NamedColumns) -> None:
    count = len(columns.time_ms)
    for name, column in (
        ("series_of", columns.name_of),
        ("values", columns.value),
        ("quality", columns.quality),
    ):
        if len(column) != count:
            raise _wrong(f"{len(column)} readings, but {count} times", name)
    if count and columns.name_of.max() >= len(columns.names):
        raise _wrong(f"A place beyond the {len(columns.names)} series of the table", "series_of")
    if not all(is_storable(text) for name in columns.names for text in name):
        raise _wrong("Text must not hold NUL", "series")


def _batch_key(sent: _Columns) -> BatchKey | None:
    if sent.agent is None and sent.stream is None and sent.sequence is None:
        return None
    if sent.agent is None or sent.stream is None or sent.sequence is None or not is_storable(sent.stream):
        raise _wrong("agent, stream and sequence belong together", "agent")
    return BatchKey(sent.agent, sent.stream, sent.sequence)


def _wrong(message: str, *where: str) -> WrongShape:
    return WrongShape([{"loc": ["body", *where], "msg": message, "type": "columns"}])
