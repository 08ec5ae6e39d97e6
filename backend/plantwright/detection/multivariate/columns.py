"""Columns of the metrics of a machine, and of readings that wait."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from plantwright.detection.charts.state import NEVER
from plantwright.detection.columns import Bools, Floats, Ints


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
    """Good readings that wait for those of the other metrics, sorted by time and series, each of shape (n,)."""

    series: Ints
    time: Ints
    value: Floats

    @classmethod
    def empty(cls) -> "Pending":
        return cls(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))

    def part(self, places: slice) -> "Pending":
        return Pending(self.series[places], self.time[places], self.value[places])
