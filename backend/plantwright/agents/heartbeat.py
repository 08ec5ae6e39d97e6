"""The body of a heartbeat: read, checked and made fit to be stored. docs/agents.md describes it field by field."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal, TypeAlias
from uuid import UUID

import msgspec

from plantwright.agents.models import AgentState
from plantwright.core.errors import ValidationFailed
from plantwright.core.text import storable

MAX_SOURCES = 1_000
MAX_GAPS = 1_000
MAX_NAME = 100
MAX_TEXT = 1_000
LONGEST_INTERVAL = 3_600

Health: TypeAlias = Literal["starting", "ok", "recoverable", "permanent", "stopping", "stopped", "removed"]
Moment: TypeAlias = Annotated[datetime, msgspec.Meta(tz=True)]
Count: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]
TROUBLE = frozenset({"recoverable", "permanent"})
# A buffer that grows between two pushes is at work; one whose oldest reading has waited this long is not emptied.
LEAST_BACKLOG_SECONDS = 300.0
EARLIEST = datetime(2, 1, 1, tzinfo=UTC)
LATEST = datetime.max.replace(tzinfo=UTC)


class Uplink(msgspec.Struct):
    state: Health
    since: Moment | None = None
    last_error: str | None = None
    last_error_at: Moment | None = None
    last_push: Moment | None = None


class Buffer(msgspec.Struct):
    """Sizes in bytes; `depth` readings wait, the oldest since `oldest_at`."""

    bytes: Count
    max_bytes: Count
    depth: Count
    oldest_at: Moment | None = None
    set_aside: str | None = None


class Source(msgspec.Struct):
    """Counters are of readings since the buffer was made, but `restarts`, which is since the agent started."""

    name: str
    protocol: str
    state: Health
    since: Moment | None = None
    last_error: str | None = None
    last_error_at: Moment | None = None
    last_reading: Moment | None = None
    depth: Count = 0
    acknowledged: Count = 0
    dropped: Count = 0
    gaps: Count = 0
    dead_letters: Count = 0
    restarts: Count = 0


class Gap(msgspec.Struct):
    id: Count
    source: str
    tag: str
    reason: str
    start: Moment
    end: Moment
    count: Count


class Heartbeat(msgspec.Struct):
    """Fields that this version does not know are passed over, so that an agent may be newer than the server."""

    agent: UUID
    name: str
    version: str
    platform: str
    started_at: Moment
    sent_at: Moment
    interval_seconds: Annotated[float, msgspec.Meta(ge=1, le=LONGEST_INTERVAL)]
    uplink: Uplink
    buffer: Buffer
    sources: Annotated[list[Source], msgspec.Meta(max_length=MAX_SOURCES)]
    clock_offset_ms: Annotated[float, msgspec.Meta(ge=-1e15, le=1e15)] | None = None
    certificate_expires_at: Moment | None = None
    gaps: Annotated[list[Gap], msgspec.Meta(max_length=MAX_GAPS)] = []


_decoder = msgspec.json.Decoder(Heartbeat)


def read_heartbeat(body: bytes) -> Heartbeat:
    """Texts are cut to what is kept, times are UTC.

    Raises:
        ValidationFailed: says what is wrong and where.
    """
    try:
        heartbeat = _decoder.decode(body)
    except msgspec.ValidationError as error:
        reason, _, place = str(error).partition(" - at `$")
        where = place.rstrip("`").lstrip(".")
        raise ValidationFailed(f"{where}: {reason}" if where else reason, [where] if where else []) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ValidationFailed(f"Malformed JSON: {error}") from None
    return _fit(heartbeat)


def state_of(heartbeat: Heartbeat, was_waiting: int | None) -> AgentState:
    """`was_waiting` is the depth of the buffer in the heartbeat before."""
    if heartbeat.uplink.state in TROUBLE or any(source.state in TROUBLE for source in heartbeat.sources):
        return AgentState.DEGRADED
    buffer = heartbeat.buffer
    if was_waiting is None or buffer.depth <= was_waiting or buffer.oldest_at is None:
        return AgentState.ONLINE
    # Both times are of the agent's clock, so an offset does not matter.
    waited = (heartbeat.sent_at - buffer.oldest_at).total_seconds()
    is_backlog = waited >= max(LEAST_BACKLOG_SECONDS, 2 * heartbeat.interval_seconds)
    return AgentState.BUFFERING if is_backlog else AgentState.ONLINE


def _fit(heartbeat: Heartbeat) -> Heartbeat:
    _fit_fields(heartbeat)
    heartbeat.name = heartbeat.name.strip()[:MAX_NAME] or f"agent {str(heartbeat.agent)[:8]}"
    for part in (heartbeat.uplink, heartbeat.buffer, *heartbeat.sources, *heartbeat.gaps):
        _fit_fields(part)
    return heartbeat


def _fit_fields(part: msgspec.Struct) -> None:
    for name in part.__struct_fields__:
        value: Any = getattr(part, name)
        if isinstance(value, str):
            setattr(part, name, storable(value)[:MAX_TEXT])
        elif isinstance(value, datetime):
            setattr(part, name, _utc(value))


def _utc(moment: datetime) -> datetime:
    """Devices give the ends of the calendar for times that they do not know; the database cannot hold the first one."""
    try:
        return max(moment.astimezone(UTC), EARLIEST)
    except OverflowError:
        return EARLIEST if moment.year == 1 else LATEST
