"""What is remembered of a machine between batches.

Invariants:
- It depends on the settled good readings in order of their times, on settings and statements by the time from which
  they hold, and on the newest time of all: not on how readings came or how they were cut into batches.
- A state that was handed out is never written to again.
"""

from dataclasses import dataclass, fields

from plantwright.detection.charts.state import NEVER, NO_HOUR
from plantwright.detection.episodes import Episode
from plantwright.detection.multivariate.columns import Metrics, Pending
from plantwright.detection.multivariate.moments import Moments, Sums
from plantwright.detection.multivariate.packing import decoded, encoded
from plantwright.detection.multivariate.reference import Reference

# The relations of more metrics cost more than they tell.
MOST_METRICS = 64


@dataclass(frozen=True, slots=True)
class MachineState:
    """
    Attributes:
        series: the metrics in the order of all arrays below.
        metrics: the last of each.
        pending: not judged yet.
        newest: time of the newest reading of all that came, of whatever quality.
        frame_time: time of the last frame that was judged.
        hour: hour of that frame, since the epoch.
        hours: hours that the closed moments are made of.
        open_hour: sums of the current hour.
        open_smoothed: the same of the moving averages, with intervals (milliseconds) for roughness.
        closed, closed_smoothed: moments of the hours before, older ones counting less.
        reference: what frames are judged by; None while the machine is not known well enough.
        episode: what goes on.
        said: number of the last statement about the reference.
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
    said: int = 0

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
        """All of it, as in a snapshot."""
        return encoded({spec.name: getattr(self, spec.name) for spec in fields(self)})

    @classmethod
    def from_bytes(cls, data: bytes) -> "MachineState":
        """
        Raises:
            StateUnreadable: other format or version.
        """
        return cls(**decoded(data))

    def live_bytes(self) -> bytes:
        """What nearly every reading changes."""
        return encoded({spec.name: getattr(self, spec.name) for spec in fields(self) if spec.name not in _LEARNT})

    def has_learnt_since(self, before: "MachineState") -> bool:
        """Whether a state that follows another has other `learnt_bytes`."""
        return any(getattr(self, name) is not getattr(before, name) for name in _LEARNT)

    def learnt_bytes(self) -> bytes:
        """The rest: changed when an hour ends."""
        return encoded({name: getattr(self, name) for name in _LEARNT})

    @classmethod
    def from_parts(cls, live: bytes, learnt: bytes) -> "MachineState":
        """
        Raises:
            StateUnreadable: other format or version.
        """
        return cls(**decoded(live), **decoded(learnt))


# Redrawn at the end of an hour.
_LEARNT = ("closed", "closed_smoothed", "reference")
