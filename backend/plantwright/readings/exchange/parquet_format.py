"""The long form as Parquet: names in dictionaries, times as differences, values as split bytes, all under zstd.

Encodings: Apache Parquet format, "Encodings" (DELTA_BINARY_PACKED = 5, BYTE_STREAM_SPLIT = 9).
"""

import math
from collections.abc import Sequence
from io import RawIOBase
from typing import Any, BinaryIO, cast

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from plantwright_agent.samples import Quality, Reading

from plantwright.core.clock import from_milliseconds
from plantwright.readings.exchange.long_form import COLUMNS, QUALITY_WORDS, Chunk, FileRows, UnreadableFileError

ROW_GROUP = 262_144
BATCH_ROWS = 16_384

_NAME = pa.dictionary(pa.int32(), pa.string())
_TIME = pa.timestamp("ms", tz="UTC")
SCHEMA = pa.schema(
    [
        pa.field("time", _TIME, nullable=False),
        pa.field("machine", _NAME, nullable=False),
        pa.field("metric", _NAME, nullable=False),
        pa.field("unit", _NAME, nullable=False),
        pa.field("value", pa.float64(), nullable=False),
        pa.field("quality", _NAME, nullable=False),
    ]
)


class _Outbox(RawIOBase):
    """Keeps what is written until it is taken; for a writer that wants a file."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._parts.append(bytes(data))
        return len(self._parts[-1])

    def take(self) -> bytes:
        taken = b"".join(self._parts)
        self._parts.clear()
        return taken


class ParquetEncoder:
    """See `Encoder`. At most a row group is held in memory; without `finish` the file has no footer and cannot be
    opened, so a broken transfer cannot be taken for a whole one.
    """

    def __init__(self) -> None:
        self._outbox = _Outbox()
        self._held: list[Chunk] = []
        self._count = 0

    def begin(self) -> bytes:
        self._writer = pq.ParquetWriter(
            self._outbox,
            SCHEMA,
            compression="zstd",
            use_dictionary=["machine", "metric", "unit", "quality"],
            column_encoding={"time": "DELTA_BINARY_PACKED", "value": "BYTE_STREAM_SPLIT"},
        )
        return self._outbox.take()

    def add(self, chunk: Chunk) -> bytes:
        self._held.append(chunk)
        self._count += len(chunk)
        return self._write_held() if self._count >= ROW_GROUP else b""

    def finish(self) -> bytes:
        rest = self._write_held() if self._held else b""
        self._writer.close()
        return rest + self._outbox.take()

    def _write_held(self) -> bytes:
        self._writer.write_table(_table(self._held), row_group_size=ROW_GROUP)
        self._held.clear()
        self._count = 0
        return self._outbox.take()


def _table(chunks: Sequence[Chunk]) -> pa.Table:
    counts = [len(chunk) for chunk in chunks]
    names = [chunk.name for chunk in chunks]
    return pa.table(
        [
            pa.array(np.concatenate([chunk.time_ms for chunk in chunks])).cast(_TIME),
            _names([name[0] for name in names], counts),
            _names([name[1] for name in names], counts),
            _names([name[2] for name in names], counts),
            pa.array(np.concatenate([chunk.value for chunk in chunks])),
            pa.DictionaryArray.from_arrays(
                np.concatenate([chunk.quality for chunk in chunks]).astype(np.int32), list(QUALITY_WORDS)
            ),
        ],
        schema=SCHEMA,
    )


def _names(texts: Sequence[str], counts: Sequence[int]) -> pa.DictionaryArray:
    """A column that repeats each text as often as its count says."""
    place_of: dict[str, int] = {}
    places = [place_of.setdefault(text, len(place_of)) for text in texts]
    return pa.DictionaryArray.from_arrays(np.repeat(np.array(places, np.int32), counts), list(place_of))


def read_parquet(file: BinaryIO) -> FileRows:
    """Rows of a file in the long form, numbered from 1.

    Raises:
        UnreadableFileError: no whole Parquet file, or other columns.
    """
    try:
        parquet = pq.ParquetFile(file)
        _require_columns(parquet.schema_arrow)
        first = 1
        for batch in parquet.iter_batches(BATCH_ROWS, columns=list(COLUMNS)):
            columns = [batch.column(name) for name in COLUMNS]
            rows = zip(*map(_values, columns), strict=True)
            yield from ((first + place, _reading(row)) for place, row in enumerate(rows))
            first += batch.num_rows
    except (pa.ArrowException, OSError) as error:
        raise UnreadableFileError(f"it is no whole Parquet file: {str(error).splitlines()[0]}") from None


def row_count(file: BinaryIO) -> int:
    """
    Raises:
        UnreadableFileError: no whole Parquet file.
    """
    try:
        return int(pq.read_metadata(file).num_rows)
    except (pa.ArrowException, OSError) as error:
        raise UnreadableFileError(f"it is no whole Parquet file: {str(error).splitlines()[0]}") from None


def _require_columns(schema: pa.Schema) -> None:
    for name in COLUMNS:
        if name not in schema.names:
            raise UnreadableFileError(f"column {name!r} is missing; the file has {', '.join(schema.names)}")
        kind = schema.field(name).type
        if name == "time":
            if not pa.types.is_timestamp(kind) or kind.tz is None:
                raise UnreadableFileError(f"column 'time' has to be a timestamp with a zone, it is {kind}")
        elif name == "value":
            if not pa.types.is_floating(kind) and not pa.types.is_integer(kind):
                raise UnreadableFileError(f"column 'value' has to be a number, it is {kind}")
        elif not _is_text(kind):
            raise UnreadableFileError(f"column {name!r} has to be text, it is {kind}")


def _is_text(kind: pa.DataType) -> bool:
    plain = kind.value_type if pa.types.is_dictionary(kind) else kind
    return bool(pa.types.is_string(plain) or pa.types.is_large_string(plain))


def _values(column: pa.Array) -> list[Any]:
    """Milliseconds since 1970, doubles and texts; None where there is no value."""
    kind = column.type
    if pa.types.is_timestamp(kind):
        values = column.cast(_TIME, safe=False).cast(pa.int64())
    elif _is_text(kind):
        values = column.cast(pa.string())
    else:
        values = column.cast(pa.float64(), safe=False)
    return list(values.to_pylist())


def _reading(row: tuple[int | None, str | None, str | None, str | None, float | None, str | None]) -> Reading | str:
    time_ms, machine, metric, unit, value, quality = row
    if time_ms is None or machine is None or metric is None or unit is None or value is None:
        return "has a column without a value"
    if not math.isfinite(value):
        return "column 'value' is not a finite number"
    if quality not in QUALITY_WORDS:
        return f"column 'quality' is not one of {', '.join(QUALITY_WORDS)}"
    return Reading(machine, from_milliseconds(time_ms), metric, value, unit, "", cast(Quality, quality))
