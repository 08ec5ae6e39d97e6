"""What goes into the store, and what it tells of itself."""

from collections.abc import Sequence
from dataclasses import dataclass

from plantwright_agent.buffer.batches import Lane
from plantwright_agent.samples import DeadLetter, FilePosition, Gap, Reading


@dataclass(frozen=True, slots=True)
class Addition:
    """What a source gives at once; it is stored whole or not at all."""

    stream: str
    readings: Sequence[Reading] = ()
    dead_letters: Sequence[DeadLetter] = ()
    gaps: Sequence[Gap] = ()
    position: FilePosition | None = None
    forget: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class LaneDepth:
    """Readings that wait in a lane: in numbered batches, and not numbered yet."""

    stream: str
    lane: Lane
    numbered: int
    unnumbered: int


@dataclass(frozen=True, slots=True)
class StreamSummary:
    """Counters of one stream since the buffer file was made; times are Unix milliseconds."""

    name: str
    depth: int
    acknowledged: int
    dropped: int
    dead_letters: int
    gaps: int
    last_time_ms: int | None
    oldest_added_ms: int | None
