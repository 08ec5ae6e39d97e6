"""What every form of an ingest request has in common: its limits, its faults, and what it is decoded to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from plantwright.core.errors import DomainError, ValidationFailed
from plantwright.readings.ingest.batch import BatchKey, ItemError, NamedColumns
from plantwright.readings.ingest.timestamps import INVALID
from plantwright.readings.models import Quality

MAX_READINGS = 1_000
MAX_FUTURE_MS = 5 * 60 * 1000
MAX_PAST_MS = 3_650 * 86_400 * 1000
MAX_IDENTIFIER = 100
MAX_METRIC_NAME = 255
MAX_UNIT = 64
MAX_STREAM = 80
MAX_SEQUENCE = 2**63 - 1

QUALITY_NAMES = {quality.name.lower(): int(quality) for quality in Quality}

BAD_TIMESTAMP = "Timestamp must be an ISO 8601 time with Z or an offset"
IN_FUTURE = "Timestamp is more than 5 minutes in the future"
IN_PAST = "Timestamp is more than 3650 days in the past"
NOT_FINITE = "Value must be finite"


class MalformedBody(DomainError):
    """The body as a whole cannot be taken: it cannot be read, or holds too many readings."""

    code = "MALFORMED_BODY"
    http_status: ClassVar[int] = 400


class WrongShape(ValidationFailed):
    """The body can be read but is no ingest request; `details` say where."""

    def __init__(self, details: Sequence[Mapping[str, object]]) -> None:
        super().__init__("The body is not an ingest request.")
        self.details = list(details)


@dataclass(frozen=True, slots=True)
class DecodedBatch:
    """`digest` tells a repeated batch from another one under the same key; it counts refused readings too."""

    key: BatchKey | None
    columns: NamedColumns
    errors: list[ItemError]
    digest: bytes | None


def decoded_batch(key: BatchKey | None, columns: NamedColumns, errors: list[ItemError], now_ms: int) -> DecodedBatch:
    """The batch without the readings whose time cannot be taken, and an error for each of those."""
    digest = None if key is None else columns.digest()
    times = columns.time_ms
    refused = (times > now_ms + MAX_FUTURE_MS) | (times < now_ms - MAX_PAST_MS)
    if refused.any():
        errors = [*errors, *(_time_error(columns, place, now_ms) for place in np.flatnonzero(refused).tolist())]
        columns = columns.only(~refused)
    return DecodedBatch(key, columns, errors, digest)


def _time_error(columns: NamedColumns, place: int, now_ms: int) -> ItemError:
    time_ms = int(columns.time_ms[place])
    return columns.refusal(place, BAD_TIMESTAMP if time_ms == INVALID else IN_FUTURE if time_ms > now_ms else IN_PAST)


def check_count(count: int, most: int) -> None:
    """
    Raises:
        MalformedBody: more readings than a request may carry.
    """
    if count > most:
        raise MalformedBody(f"A request carries at most {most} readings, this one has {count}")


def is_storable(text: str) -> bool:
    """PostgreSQL text takes neither NUL nor half of a surrogate pair."""
    return "\x00" not in text and not any("\ud800" <= character <= "\udfff" for character in text)
