"""The JSON body of an ingest request, from bytes to columns, when nothing in it is amiss.

Whatever the types here cannot take is left to `decode_json_slowly`, which gives each fault its index and its message.
"""

from collections import defaultdict
from collections.abc import Sequence
from itertools import count
from typing import Annotated, Literal, TypeAlias
from uuid import UUID

import msgspec
import numpy as np

from plantwright.assets.series import SeriesName
from plantwright.readings.arrays import Int8s, Int32s
from plantwright.readings.ingest.batch import BatchKey, NamedColumns
from plantwright.readings.ingest.decoded import (
    MAX_IDENTIFIER,
    MAX_METRIC_NAME,
    MAX_READINGS,
    MAX_SEQUENCE,
    MAX_STREAM,
    MAX_UNIT,
    QUALITY_NAMES,
    DecodedBatch,
    check_count,
    decoded_batch,
    is_storable,
)
from plantwright.readings.ingest.timestamps import parse_column

Identifier: TypeAlias = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_IDENTIFIER)]
MetricName: TypeAlias = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_METRIC_NAME)]
Unit: TypeAlias = Annotated[str, msgspec.Meta(max_length=MAX_UNIT)]
Stream: TypeAlias = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_STREAM)]
Sequence64: TypeAlias = Annotated[int, msgspec.Meta(ge=1, le=MAX_SEQUENCE)]


class _Reading(msgspec.Struct, gc=False):
    machine_identifier: Identifier
    timestamp: str
    metric_name: MetricName
    value: float
    unit: Unit
    raw_tag: str | None = None
    quality: Literal["good", "uncertain", "bad"] = "good"


class _Body(msgspec.Struct, gc=False):
    readings: list[_Reading]
    agent: UUID | None = None
    stream: Stream | None = None
    sequence: Sequence64 | None = None


_decoder = msgspec.json.Decoder(_Body)


def decode_json(body: bytes, now_ms: int) -> DecodedBatch | None:
    """None when something in the body needs the slow way.

    Raises:
        MalformedBody: more readings than a request may carry.
    """
    try:
        decoded = _decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    readings = decoded.readings
    check_count(len(readings), MAX_READINGS)
    names, name_of = _names(readings)
    if not all(is_storable(text) for name in names for text in name):
        return None
    given = (decoded.agent is not None, decoded.stream is not None, decoded.sequence is not None)
    key = None
    if decoded.agent is not None and decoded.stream is not None and decoded.sequence is not None:
        key = BatchKey(decoded.agent, decoded.stream, decoded.sequence)
    if any(given) and (key is None or not is_storable(key.stream)):
        return None
    columns = NamedColumns(
        index=np.arange(len(readings)),
        names=names,
        name_of=name_of,
        time_ms=parse_column([item.timestamp for item in readings]),
        value=np.array([item.value for item in readings], np.float64),
        quality=_quality_column([item.quality for item in readings]),
    )
    return decoded_batch(key, columns, [], now_ms)


def _names(readings: Sequence[_Reading]) -> tuple[list[SeriesName], Int32s]:
    places: defaultdict[SeriesName, int] = defaultdict(count().__next__)
    name_of = [places[item.machine_identifier, item.metric_name, item.unit] for item in readings]
    return list(places), np.array(name_of, np.int32)


def _quality_column(names: Sequence[str]) -> Int8s:
    if names.count("good") == len(names):
        return np.zeros(len(names), np.int8)
    return np.array([QUALITY_NAMES[name] for name in names], np.int8)
