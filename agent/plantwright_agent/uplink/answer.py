"""What an answer of the ingest address means.

- 207 (or 200) with a list of errors: stored; each rejected reading is a dead letter.
- 400, 413, 415, 422: not this batch as a whole; smaller parts of it may do.
- 409: its number was used for other readings; it needs an agent id of its own.
- 401, 403: the key is refused, until a person changes something.
- anything else: the same batch again, later; Retry-After is honoured.
- no connection: likewise, and it says nothing about this batch.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import Enum, auto

import httpx
import msgspec

STORED = {200, 207}
REFUSED_BATCH = {400, 413, 415, 422}
REFUSED_KEY = {401, 403}
USED_NUMBER = 409
MAX_TEXT = 300


class Meaning(Enum):
    STORED = auto()
    REFUSED_BATCH = auto()
    REFUSED_KEY = auto()
    USED_NUMBER = auto()
    LATER = auto()
    AWAY = auto()


@dataclass(frozen=True, slots=True)
class Judgement:
    """`rejected`: reasons by index in the batch; `wait`: what the server asks for, in seconds."""

    meaning: Meaning
    reason: str = ""
    rejected: dict[int, str] = field(default_factory=dict)
    wait: float = 0.0


class _Rejected(msgspec.Struct):
    index: int
    error: str


class _Answer(msgspec.Struct):
    accepted_count: int
    rejected_count: int
    errors: list[_Rejected]


def judge(response: httpx.Response, count: int) -> Judgement:
    """The answer to a batch of `count` readings."""
    status = response.status_code
    if status in STORED:
        return _stored(response, count)
    told = f"{status}: {response.text[:MAX_TEXT]}"
    if status in REFUSED_BATCH:
        return Judgement(Meaning.REFUSED_BATCH, f"refused by the server with {told}")
    if status in REFUSED_KEY:
        reason = f"the server refuses the API key with {status}; check api_key and its scopes"
        return Judgement(Meaning.REFUSED_KEY, reason)
    if status == USED_NUMBER:
        return Judgement(Meaning.USED_NUMBER, f"the server answered {told}")
    return Judgement(Meaning.LATER, f"the server answered {status}", wait=_retry_after(response))


def _stored(response: httpx.Response, count: int) -> Judgement:
    """A success only counts when it comes from the ingest address, not from a proxy's sign-in page."""
    try:
        answer = msgspec.json.decode(response.content, type=_Answer)
    except msgspec.DecodeError:
        return Judgement(Meaning.LATER, f"{response.url} answered, but not as an ingest address does")
    if answer.accepted_count + answer.rejected_count != count:
        return Judgement(Meaning.LATER, f"{response.url} answered for another number of readings than it was sent")
    rejected = {item.index: item.error for item in answer.errors if 0 <= item.index < count}
    return Judgement(Meaning.STORED, rejected=rejected)


def _retry_after(response: httpx.Response) -> float:
    text = response.headers.get("Retry-After", "").strip()
    try:
        return max(0.0, float(text) if text.isdigit() else _seconds_until(text))
    except ValueError:
        return 0.0


def _seconds_until(http_date: str) -> float:
    moment = parsedate_to_datetime(http_date)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - datetime.now(UTC)).total_seconds()
