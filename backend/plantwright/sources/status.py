"""What a source does, put together from its configuration and its lease."""

from dataclasses import dataclass
from datetime import datetime

from plantwright.core.clock import utc_now
from plantwright.sources.models import IngestSource, SourceRuntime, SourceState


@dataclass(frozen=True, slots=True)
class SourceStatus:
    state: SourceState
    since: datetime
    last_error: str
    last_error_at: datetime | None
    last_reading_at: datetime | None
    readings: int
    gaps: int
    restarts: int


def status_of(source: IngestSource, runtime: SourceRuntime | None, *, is_open: bool) -> SourceStatus:
    """`is_open`: whether this server reads devices at all."""
    if runtime is None:
        return SourceStatus(SourceState.WAITING, source.updated_at, "", None, None, 0, 0, 0)
    state = _state(source, runtime, is_open=is_open)
    is_polled = state.value == runtime.state
    return SourceStatus(
        state=state,
        since=runtime.since if is_polled else max(source.updated_at, runtime.lease_until or source.updated_at),
        last_error=runtime.last_error,
        last_error_at=runtime.last_error_at,
        last_reading_at=runtime.last_reading_at,
        readings=runtime.readings,
        gaps=runtime.gaps,
        restarts=runtime.restarts,
    )


def _state(source: IngestSource, runtime: SourceRuntime, *, is_open: bool) -> SourceState:
    if not is_open:
        return SourceState.SWITCHED_OFF
    if source.is_paused:
        return SourceState.PAUSED
    if not runtime.is_wanted:
        return SourceState.UNMAPPED
    if runtime.lease_until is None or runtime.lease_until < utc_now():
        return SourceState.WAITING
    return SourceState(runtime.state)
