"""What is remembered of a machine between batches.

Invariants:
- It depends on the readings and the configuration alone, not on how the readings were cut into batches.
- A state that was handed out is never written to again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import msgspec
import numpy as np

from plantwright.detection.charts.state import NEVER, NO_HOUR, StateUnreadable
from plantwright.detection.columns import Bools, Floats, Ints
from plantwright.detection.episodes import Episode
from plantwright.detection.multivariate.limits import Limits
from plantwright.detection.multivariate.moments import Moments, Sums
from plantwright.detection.multivariate.reference import Reference

# The relations of more metrics cost more than they tell.
MOST_METRICS = 64
_VERSION = 1


@dataclass(frozen=True, slots=True)
class Metrics:
    """The last of each metric, each of shape (p,); times in milliseconds.

    `smoothed` is the moving average (λ = 0.05, from the first reading on), `usual_interval` a running mean.
    """

    last_time: Ints
    last_value: Floats
    smoothed: Floats
    readings: Ints
    usual_interval: Floats

    @classmethod
    def empty(cls, count: int) -> "Metrics":
        return cls(
            np.full(count, NEVER, np.int64),
            np.zeros(count),
            np.zeros(count),
            np.zeros(count, np.int64),
            np.zeros(count),
        )

    @classmethod
    def joined(cls, parts: "Sequence[Metrics]") -> "Metrics":
        """A copy of all, one after the other."""
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in cls.__slots__))

    def only(self, which: Bools | slice) -> "Metrics":
        """A copy of some."""
        return Metrics(*(getattr(self, name)[which].copy() for name in Metrics.__slots__))


@dataclass(frozen=True, slots=True)
class Pending:
    """Readings that wait for those of the other metrics, in the order in which they came, each of shape (n,)."""

    metric: Ints
    time: Ints
    value: Floats

    @classmethod
    def empty(cls) -> "Pending":
        return cls(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))


@dataclass(frozen=True, slots=True)
class MachineState:
    """
    Attributes:
        series: the metrics in the order of all arrays below.
        metrics: the last of each.
        pending: not judged yet.
        newest: time of the newest reading of all that came.
        frame_time: time of the last frame that was judged.
        hour: hour of that frame, since the epoch.
        hours: hours that the closed moments are made of.
        open_hour: sums of the current hour.
        open_smoothed: the same of the moving averages, with intervals (milliseconds) for roughness.
        closed, closed_smoothed: moments of the hours before, older ones counting less.
        reference: what frames are judged by; None while the machine is not known well enough.
        episode: what goes on.
    """

    series: tuple[int, ...]
    metrics: Metrics
    pending: Pending
    newest: int
    frame_time: int
    hour: int
    hours: int
    open_hour: Sums
    open_smoothed: Sums
    closed: Moments
    closed_smoothed: Moments
    reference: Reference | None
    episode: Episode

    @classmethod
    def empty(cls, series: tuple[int, ...]) -> "MachineState":
        count = len(series)
        return cls(
            series=series,
            metrics=Metrics.empty(count),
            pending=Pending.empty(),
            newest=NEVER,
            frame_time=NEVER,
            hour=NO_HOUR,
            hours=0,
            open_hour=Sums.empty(count),
            open_smoothed=Sums.empty(count),
            closed=Moments.empty(count),
            closed_smoothed=Moments.empty(count),
            reference=None,
            episode=Episode(
                is_open=False, is_critical=False, count=0, started=0, last_violation=0, last_emitted=0, peak=0.0
            ),
        )

    def to_bytes(self) -> bytes:
        return self.live_bytes() + self.learnt_bytes()

    def live_bytes(self) -> bytes:
        """What nearly every reading changes."""
        return _encoded({spec.name: getattr(self, spec.name) for spec in fields(self) if spec.name not in _LEARNT})

    def learnt_bytes(self) -> bytes:
        """The rest: changed when an hour ends."""
        return _encoded({name: getattr(self, name) for name in _LEARNT})

    @classmethod
    def from_parts(cls, live: bytes, learnt: bytes) -> "MachineState":
        """
        Raises:
            StateUnreadable: other format or version.
        """
        return cls(**_decoded(live), **_decoded(learnt))


# Redrawn at the end of an hour.
_LEARNT = ("closed", "closed_smoothed", "reference")


def _encoded(parts: dict[str, Any]) -> bytes:
    return msgspec.msgpack.encode([_VERSION, {name: _packed(value) for name, value in parts.items()}])


def _decoded(data: bytes) -> dict[str, Any]:
    try:
        version, packed = msgspec.msgpack.decode(data)
        if version != _VERSION:
            raise StateUnreadable(f"The state of a machine has version {version}; this release reads {_VERSION}.")
        return _unpacked(packed)
    except (msgspec.DecodeError, TypeError, ValueError, KeyError) as error:
        raise StateUnreadable("The stored state of a machine cannot be read. It is learnt again.") from error


def _packed(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return [value.dtype.str, list(value.shape), np.ascontiguousarray(value).tobytes()]
    if hasattr(value, "__dataclass_fields__"):
        return {spec.name: _packed(getattr(value, spec.name)) for spec in fields(value)}
    return list(value) if isinstance(value, tuple) else value


_PARTS = {
    "metrics": Metrics,
    "pending": Pending,
    "open_hour": Sums,
    "open_smoothed": Sums,
    "closed": Moments,
    "closed_smoothed": Moments,
    "reference": Reference,
    "episode": Episode,
}


def _unpacked(packed: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in packed.items():
        if name == "series":
            found[name] = tuple(value)
        elif name in _PARTS and value is not None:
            found[name] = _PARTS[name](**{key: _array(key, entry) for key, entry in value.items()})
        else:
            found[name] = value
    return found


def _array(name: str, entry: Any) -> Floats | Ints | Bools | Limits | float | int | bool:
    if name in {"t2_limits", "q_limits"}:
        return Limits(**entry)
    if not isinstance(entry, list):
        plain: float | int | bool = entry
        return plain
    dtype, shape, data = entry
    return np.frombuffer(data, dtype=np.dtype(dtype)).reshape(shape)
