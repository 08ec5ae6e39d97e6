"""What travels inside the agent: raw samples from an input, readings to the buffer."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import msgspec

Quality = Literal["good", "uncertain", "bad"]


@dataclass(frozen=True, slots=True)
class Tag:
    """Where a value goes: machine, metric and unit, and how the raw number becomes the value.

    `value = raw * scale + offset`, in `unit`.
    """

    machine_identifier: str
    metric_name: str
    unit: str
    raw_tag: str
    scale: float = 1.0
    offset: float = 0.0


@dataclass(frozen=True, slots=True)
class Origin:
    """The line of a file a sample was read from."""

    file: str
    line: int
    text: str


class RawSample(msgspec.Struct, frozen=True):
    """One value as the device or file gave it. `timestamp` is aware; `value` may be anything."""

    tag: Tag
    value: object
    timestamp: datetime
    quality: Quality = "good"
    origin: Origin | None = None


class Reading(msgspec.Struct, frozen=True):
    """One value ready to be sent: finite, scaled, with an aware UTC timestamp."""

    machine_identifier: str
    timestamp: datetime
    metric_name: str
    value: float
    unit: str
    raw_tag: str
    quality: Quality


@dataclass(frozen=True, slots=True)
class Gap:
    """A span in which values of a source (or of one tag of it) may be missing, and why."""

    start: datetime
    end: datetime
    reason: str
    tag: str = ""
    count: int = 1


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """Something that cannot become a reading, kept with the reason. `line` is 0 when there is none."""

    origin: str
    line: int
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class FilePosition:
    """How far a file has been read, and what it looked like, so that rotation is noticed.

    `offset` is in bytes, `line` the number of lines before it. `head` and `tail` are digests of the first
    and of the last bytes before the offset (at most 1,024 each).
    """

    path: str
    inode: int
    offset: int
    line: int
    head: str
    tail: str


@dataclass(frozen=True, slots=True)
class Collected:
    """What an input gives at once; it is stored in one transaction.

    `trouble` is empty while the source is well; otherwise it says what part of it is not answering.
    `forget` names paths whose stored position ends with this transaction.
    """

    samples: tuple[RawSample, ...] = ()
    gaps: tuple[Gap, ...] = ()
    dead_letters: tuple[DeadLetter, ...] = ()
    position: FilePosition | None = None
    forget: tuple[str, ...] = ()
    trouble: str = ""
