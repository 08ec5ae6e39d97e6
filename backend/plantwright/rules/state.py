"""What a rule remembers of the readings of one machine."""

from typing import TypeAlias

import msgspec
import numpy as np
from msgspec import Struct, field
from numpy.typing import NDArray

from plantwright.rules.definition import Severity
from plantwright.rules.program import Program

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Bools: TypeAlias = NDArray[np.bool_]


class Hour(Struct, array_like=True):
    """Readings of one hour since 1970: sums of `value - shift` and of its square, in the order of time."""

    hour: int
    count: int
    shift: float
    total: float
    squares: float


class LeafState(Struct, array_like=True):
    """
    Attributes:
        is_true: before for-duration and count.
        anchors_ms, anchors: readings of the window of a rate.
        hours: of a deviation, the oldest first; the last one is open.
        seen: what the newest reading was judged by.
    """

    is_true: bool = False
    anchors_ms: list[int] = field(default_factory=list)
    anchors: list[float] = field(default_factory=list)
    hours: list[Hour] = field(default_factory=list)
    seen: dict[str, float] = field(default_factory=dict)


class NodeState(Struct, array_like=True):
    """
    Attributes:
        since: from when on its parts have been true without a break.
        is_held: whether that is long enough.
        rises: when it came to be held, within its window.
        is_true: with everything that the condition asks for.
        true_since: since when that.
    """

    since: int | None = None
    is_held: bool = False
    rises: list[int] = field(default_factory=list)
    is_true: bool = False
    true_since: int | None = None


class Episode(Struct, array_like=True):
    started_ms: int
    severity: Severity


class RuleState(Struct, array_like=True):
    """
    Attributes:
        born_ms: before this nothing is known.
        through_ms: everything up to this moment has been judged.
        last_ms, last_value: the newest reading of each slot.
        wanted_since: from when on a level has been true while the schedule was open.
        calm_since: from when on none has, in an episode.
        ended_ms: when the last episode ended.
        is_open, next_change_ms: of the schedule.
        is_over: the version of the rule has ended.
    """

    born_ms: int
    through_ms: int
    last_ms: list[int | None]
    last_value: list[float | None]
    leaves: list[LeafState]
    nodes: list[NodeState]
    wanted_since: int | None = None
    calm_since: int | None = None
    ended_ms: int | None = None
    episode: Episode | None = None
    is_open: bool = True
    next_change_ms: int | None = None
    is_over: bool = False

    @classmethod
    def new(cls, program: Program, born_ms: int) -> "RuleState":
        slots = len(program.slots)
        return cls(
            born_ms=born_ms,
            through_ms=born_ms - 1,
            last_ms=[None] * slots,
            last_value=[None] * slots,
            leaves=[LeafState() for _ in program.leaves],
            nodes=[NodeState() for _ in program.nodes],
            next_change_ms=None if program.schedule is None else born_ms,
        )


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(RuleState)


def encode_state(state: RuleState) -> bytes:
    """The same state always gives the same bytes."""
    return _encoder.encode(state)


def decode_state(data: bytes) -> RuleState:
    return _decoder.decode(data)
