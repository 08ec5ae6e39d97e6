"""The JSON body of an ingest request, reading by reading, so that each fault gets its index and its message.

One bad reading refuses itself, not its batch. The tokens NaN and Infinity, which are no JSON, are taken to say
`Value must be finite`.
"""

import json
import math
from collections.abc import Mapping
from uuid import UUID

import msgspec
import numpy as np

from plantwright.assets.series import SeriesName
from plantwright.readings.ingest.batch import BatchKey, ItemError, NamedColumns
from plantwright.readings.ingest.decoded import (
    BAD_TIMESTAMP,
    MAX_IDENTIFIER,
    MAX_METRIC_NAME,
    MAX_READINGS,
    MAX_SEQUENCE,
    MAX_STREAM,
    MAX_UNIT,
    NOT_FINITE,
    QUALITY_NAMES,
    DecodedBatch,
    MalformedBody,
    WrongShape,
    check_count,
    decoded_batch,
    is_storable,
)
from plantwright.readings.ingest.timestamps import parse_one


def decode_json_slowly(body: bytes, now_ms: int) -> DecodedBatch:
    """
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
    check_count(len(items), MAX_READINGS)
    key = _batch_key(document)
    faults = [_item_fault(item) for item in items]
    errors = [
        ItemError(index, _identifier(items[index]), fault) for index, fault in enumerate(faults) if fault is not None
    ]
    sound = {index: item for index, item in enumerate(items) if faults[index] is None}
    return decoded_batch(key, _columns(sound), errors, now_ms)


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
    if not (isinstance(stream, str) and 1 <= len(stream) <= MAX_STREAM and is_storable(stream)):
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


def _identifier(item: object) -> str | None:
    identifier = item.get("machine_identifier") if isinstance(item, dict) else None
    return identifier[:MAX_IDENTIFIER] if isinstance(identifier, str) and is_storable(identifier) else None


def _item_fault(item: object) -> str | None:
    if not isinstance(item, dict):
        return "Reading must be an object"
    for field in ("machine_identifier", "timestamp", "metric_name", "value", "unit"):
        if field not in item:
            return f"{field} is missing"
    if not isinstance(item["timestamp"], str):
        return BAD_TIMESTAMP
    return _text_fault(item) or _value_fault(item["value"])


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
    return isinstance(value, str) and shortest <= len(value) <= longest and is_storable(value)


def _value_fault(value: object) -> str | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "Value must be a number"
    try:
        return None if math.isfinite(float(value)) else NOT_FINITE
    except OverflowError:
        return NOT_FINITE


def _columns(items: Mapping[int, Mapping[str, object]]) -> NamedColumns:
    names = [_name(item) for item in items.values()]
    places = {name: place for place, name in enumerate(dict.fromkeys(names))}
    return NamedColumns(
        index=np.array(list(items), np.int64),
        names=list(places),
        name_of=np.array([places[name] for name in names], np.int32),
        time_ms=np.array([parse_one(str(item["timestamp"])) for item in items.values()], np.int64),
        value=np.array([item["value"] for item in items.values()], np.float64),
        quality=np.array([QUALITY_NAMES[str(item.get("quality", "good"))] for item in items.values()], np.int8),
    )


def _name(item: Mapping[str, object]) -> SeriesName:
    return str(item["machine_identifier"]), str(item["metric_name"]), str(item["unit"])
