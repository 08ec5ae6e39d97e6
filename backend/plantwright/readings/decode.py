"""The body of an ingest request, from bytes to columns.

One bad reading refuses itself, not its batch. The fast way decodes the whole body with types; whatever it cannot
take is decoded again by the slow way, reading by reading, so that each fault gets its index and its message.
The slow way also takes the NaN and Infinity tokens, which are no JSON, to say `Value must be finite`.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal, TypeAlias
from uuid import UUID

import msgspec
import numpy as np

from plantwright.core.errors import DomainError, ValidationFailed
from plantwright.readings.batch import BatchKey, Int8s, ItemError, NamedColumns
from plantwright.readings.models import Quality
from plantwright.readings.timestamps import INVALID, parse_column, parse_one

MAX_READINGS = 1_000
MAX_FUTURE_MS = 5 * 60 * 1000
MAX_PAST_MS = 3_650 * 86_400 * 1000
MAX_IDENTIFIER = 100
MAX_METRIC_NAME = 255
MAX_UNIT = 64
MAX_STREAM = 64
MAX_SEQUENCE = 2**63 - 1

QUALITY_NAMES = {quality.name.lower(): int(quality) for quality in Quality}

BAD_TIMESTAMP = "Timestamp must be an ISO 8601 time with Z or an offset"
IN_FUTURE = "Timestamp is more than 5 minutes in the future"
IN_PAST = "Timestamp is more than 3650 days in the past"
NOT_FINITE = "Value must be finite"

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


class MalformedBody(DomainError):
    """The body as a whole cannot be taken: no JSON, or too many readings."""

    code = "MALFORMED_BODY"
    http_status: ClassVar[int] = 400


class WrongShape(ValidationFailed):
    """The body is JSON but not an ingest request; `details` say where."""

    def __init__(self, details: Sequence[Mapping[str, object]]) -> None:
        super().__init__("The body is not an ingest request.")
        self.details = list(details)


@dataclass(frozen=True, slots=True)
class DecodedBatch:
    key: BatchKey | None
    columns: NamedColumns
    errors: list[ItemError]


def is_plain(body: bytes) -> bool:
    """Whether the fast way may be tried: PostgreSQL text holds no NUL, so such readings need their own error."""
    return b"\\u0000" not in body


def decode_fast(body: bytes, now_ms: int) -> DecodedBatch | None:
    """None when something in the body needs the slow way.

    Raises:
        MalformedBody: more readings than a request may carry.
    """
    try:
        decoded = _decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    readings = decoded.readings
    _check_count(len(readings))
    given = (decoded.agent is not None, decoded.stream is not None, decoded.sequence is not None)
    if any(given) and not all(given):
        return None
    key = None
    if decoded.agent is not None and decoded.stream is not None and decoded.sequence is not None:
        key = BatchKey(decoded.agent, decoded.stream, decoded.sequence)
    columns = NamedColumns(
        index=np.arange(len(readings)),
        machine=[item.machine_identifier for item in readings],
        metric=[item.metric_name for item in readings],
        unit=[item.unit for item in readings],
        time_ms=parse_column([item.timestamp for item in readings]),
        value=np.array([item.value for item in readings], np.float64),
        quality=_quality_column([item.quality for item in readings]),
    )
    return DecodedBatch(key, *_refuse_times(columns, now_ms))


def _quality_column(names: Sequence[str]) -> Int8s:
    if names.count("good") == len(names):
        return np.zeros(len(names), np.int8)
    return np.array([QUALITY_NAMES[name] for name in names], np.int8)


def decode_slow(body: bytes, now_ms: int) -> DecodedBatch:
    """Reading by reading; for bodies that `decode_fast` cannot take.

    Raises:
        MalformedBody: no JSON, or more readings than a request may carry.
        WrongShape: the body is no object, has no list of readings, or a broken batch key.
    """
    document = _load(body)
    if not isinstance(document, dict):
        raise WrongShape([_detail(["body"], "Input should be an object", "object_type")])
    items = document.get("readings")
    if not isinstance(items, list):
        missing = items is None
        message = "Field required" if missing else "Input should be a list"
        raise WrongShape([_detail(["body", "readings"], message, "missing" if missing else "list_type")])
    _check_count(len(items))
    key = _batch_key(document)
    rows: list[tuple[int, str, str, str, int, float, int]] = []
    errors: list[ItemError] = []
    for index, item in enumerate(items):
        fault = _item_fault(item, now_ms)
        if fault is not None:
            errors.append(ItemError(index, _identifier(item), fault))
        else:
            rows.append(_row(index, item))
    return DecodedBatch(key, _columns(rows), errors)


def _load(body: bytes) -> object:
    try:
        document: object = json.loads(body.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise MalformedBody(f"Malformed JSON: not UTF-8 at byte {error.start}") from None
    except json.JSONDecodeError as error:
        raise MalformedBody(f"Malformed JSON: {error.msg} at character {error.pos}") from None
    except RecursionError:
        raise MalformedBody("Malformed JSON: nested too deeply") from None
    except ValueError:
        raise MalformedBody("Malformed JSON: a number has too many digits") from None
    return document


def _check_count(count: int) -> None:
    if count > MAX_READINGS:
        raise MalformedBody(f"A request carries at most {MAX_READINGS} readings, this one has {count}")


def _detail(where: list[str], message: str, kind: str) -> dict[str, object]:
    return {"loc": where, "msg": message, "type": kind}


def _batch_key(document: Mapping[str, object]) -> BatchKey | None:
    agent, stream, sequence = (document.get(name) for name in ("agent", "stream", "sequence"))
    if agent is None and stream is None and sequence is None:
        return None
    details = []
    parsed = _uuid(agent)
    if parsed is None:
        details.append(_detail(["body", "agent"], "Input should be a UUID", "uuid_type"))
    if not (isinstance(stream, str) and 1 <= len(stream) <= MAX_STREAM and _is_storable(stream)):
        message = f"Input should be text of 1 to {MAX_STREAM} characters"
        details.append(_detail(["body", "stream"], message, "string_type"))
    if type(sequence) is not int or not 1 <= sequence <= MAX_SEQUENCE:
        details.append(_detail(["body", "sequence"], "Input should be an integer of at least 1", "int_type"))
    if details or parsed is None:
        raise WrongShape(details)
    return BatchKey(parsed, str(stream), int(str(sequence)))


def _uuid(value: object) -> UUID | None:
    try:
        return msgspec.convert(value, UUID)
    except msgspec.ValidationError:
        return None


def _is_storable(text: str) -> bool:
    """PostgreSQL text takes neither NUL nor half of a surrogate pair."""
    return "\x00" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def _identifier(item: object) -> str | None:
    identifier = item.get("machine_identifier") if isinstance(item, dict) else None
    return identifier[:MAX_IDENTIFIER] if isinstance(identifier, str) and _is_storable(identifier) else None


def _item_fault(item: object, now_ms: int) -> str | None:
    if not isinstance(item, dict):
        return "Reading must be an object"
    for field in ("machine_identifier", "timestamp", "metric_name", "value", "unit"):
        if field not in item:
            return f"{field} is missing"
    return _text_fault(item) or _value_fault(item["value"]) or _time_fault(item["timestamp"], now_ms)


def _text_fault(item: Mapping[str, object]) -> str | None:
    if not _is_text(item["machine_identifier"], 1, MAX_IDENTIFIER):
        return f"Machine identifier must be text of 1 to {MAX_IDENTIFIER} characters"
    if not _is_text(item["metric_name"], 1, MAX_METRIC_NAME):
        return f"Metric name must be text of 1 to {MAX_METRIC_NAME} characters"
    if not _is_text(item["unit"], 0, MAX_UNIT):
        return f"Unit must be text of at most {MAX_UNIT} characters"
    if not isinstance(item.get("raw_tag"), str | None):
        return "Raw tag must be text"
    quality = item.get("quality", "good")
    if not isinstance(quality, str) or quality not in QUALITY_NAMES:
        return "Quality must be good, uncertain or bad"
    return None


def _is_text(value: object, shortest: int, longest: int) -> bool:
    return isinstance(value, str) and shortest <= len(value) <= longest and _is_storable(value)


def _value_fault(value: object) -> str | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "Value must be a number"
    try:
        return None if math.isfinite(float(value)) else NOT_FINITE
    except OverflowError:
        return NOT_FINITE


def _time_fault(timestamp: object, now_ms: int) -> str | None:
    time_ms = parse_one(timestamp) if isinstance(timestamp, str) else INVALID
    if time_ms == INVALID:
        return BAD_TIMESTAMP
    if time_ms > now_ms + MAX_FUTURE_MS:
        return IN_FUTURE
    return IN_PAST if time_ms < now_ms - MAX_PAST_MS else None


def _row(index: int, item: Mapping[str, object]) -> tuple[int, str, str, str, int, float, int]:
    return (
        index,
        str(item["machine_identifier"]),
        str(item["metric_name"]),
        str(item["unit"]),
        parse_one(str(item["timestamp"])),
        float(item["value"]),  # type: ignore[arg-type]  # `_value_fault` has let only numbers pass
        QUALITY_NAMES[str(item.get("quality", "good"))],
    )


def _columns(rows: list[tuple[int, str, str, str, int, float, int]]) -> NamedColumns:
    index, machine, metric, unit, time_ms, value, quality = zip(*rows, strict=True) if rows else ((),) * 7
    return NamedColumns(
        np.array(index, np.int64),
        list(machine),
        list(metric),
        list(unit),
        np.array(time_ms, np.int64),
        np.array(value, np.float64),
        np.array(quality, np.int8),
    )


def _refuse_times(columns: NamedColumns, now_ms: int) -> tuple[NamedColumns, list[ItemError]]:
    """Columns without the readings whose time cannot be taken, and an error for each of those."""
    times = columns.time_ms
    refused = (times > now_ms + MAX_FUTURE_MS) | (times < now_ms - MAX_PAST_MS)
    if not refused.any():
        return columns, []
    errors = []
    for place in np.flatnonzero(refused).tolist():
        time_ms = int(times[place])
        reason = BAD_TIMESTAMP if time_ms == INVALID else IN_FUTURE if time_ms > now_ms else IN_PAST
        errors.append(ItemError(place, columns.machine[place], reason))
    return columns.only(~refused), errors
