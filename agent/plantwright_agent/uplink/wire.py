"""The ingest request, as bytes: a batch as columns in MessagePack, compressed when that pays."""

import gzip
from array import array
from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import count

import msgspec

from plantwright_agent.buffer.columns import Columns, SeriesKey, columns_of, little_endian
from plantwright_agent.samples import Reading

CONTENT_TYPE = "application/vnd.plantwright.columns+msgpack"
SMALL_BYTES = 500
WORTH_IT = 0.9
LEVEL = 1


def encode_columns(
    agent: str, stream: str, sequence: int, columns: Columns, name_of: Callable[[int], SeriesKey]
) -> bytes:
    """The body. The same batch always gives the same bytes. Raw tags, which no server keeps, stay here."""
    places: defaultdict[tuple[str, str, str], int] = defaultdict(count().__next__)
    place_of = {number: places[name_of(number)[:3]] for number in dict.fromkeys(columns.series)}
    return msgspec.msgpack.encode(
        {
            "agent": agent,
            "stream": stream,
            "sequence": sequence,
            "series": list(places),
            "series_of": little_endian(array("H", map(place_of.__getitem__, columns.series))),
            "times": little_endian(columns.times),
            "values": little_endian(columns.values),
            "quality": bytes(columns.quality) if any(columns.quality) else None,
        }
    )


def encode_readings(agent: str, stream: str, sequence: int, readings: Sequence[Reading]) -> bytes:
    """The same for readings that were in no buffer; at most 10,000."""
    numbers: defaultdict[SeriesKey, int] = defaultdict(count().__next__)
    columns = columns_of(readings, numbers.__getitem__)
    return encode_columns(agent, stream, sequence, columns, list(numbers).__getitem__)


def compressed(body: bytes) -> tuple[bytes, dict[str, str]]:
    """The body as it is sent, and its headers."""
    headers = {"Content-Type": CONTENT_TYPE}
    if len(body) >= SMALL_BYTES:
        packed = gzip.compress(body, LEVEL, mtime=0)
        if len(packed) <= WORTH_IT * len(body):
            return packed, headers | {"Content-Encoding": "gzip"}
    return body, headers
