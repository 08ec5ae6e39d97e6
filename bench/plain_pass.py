"""What the engine is held against: the bare arithmetic of three charts in plain numpy, over the same readings.

Both take readings as they come out of the log: number of the series, and value. Neither knows time stamps, settings,
readings that are missing, late or not finite, hours, cold starts, episodes or explanations, nor a state that must not
be written to. In every round the charts are: mean and variance of everything so far (West 1979) and the distance from
them, a moving average and its distance, the first difference and its root mean square; and how many of each are beyond
a threshold.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

WEIGHT = 0.1
SMOOTHING = 0.2
SIGMA_SHARE = 1.0 / 3.0
THRESHOLD = 5.0


@dataclass
class Charts:
    """A value per series each."""

    weight: Floats
    mean: Floats
    m2: Floats
    average: Floats
    last: Floats
    square: Floats

    @classmethod
    def after(cls, values: Floats) -> "Charts":
        """Having learnt from a table of values, shape (series, times)."""
        mean, count = values.mean(axis=1), values.shape[1]
        weight = np.full(len(values), count * WEIGHT)
        return cls(
            weight=weight,
            mean=mean,
            m2=values.var(axis=1) * weight,
            average=mean.copy(),
            last=values[:, -1].copy(),
            square=(np.diff(values, axis=1) ** 2).mean(axis=1),
        )

    def take(self, series: Ints) -> "Charts":
        return Charts(*(getattr(self, name)[series] for name in self.__dataclass_fields__))

    def put(self, series: Ints, part: "Charts") -> None:
        for name in self.__dataclass_fields__:
            getattr(self, name)[series] = getattr(part, name)

    def advance(self, value: Floats) -> int:
        """A reading of each, in place; how many judgements are beyond the threshold."""
        deviation, change = value - self.mean, value - self.last
        spread = np.sqrt(self.m2 / self.weight)
        self.average += SMOOTHING * (value - self.average)
        beyond = np.count_nonzero(np.abs(deviation) / spread >= THRESHOLD)
        beyond += np.count_nonzero(np.abs(self.average - self.mean) / (spread * SIGMA_SHARE) >= THRESHOLD)
        beyond += np.count_nonzero(np.abs(change) / np.sqrt(self.square) >= THRESHOLD)
        self.weight += WEIGHT
        rate = WEIGHT / self.weight
        self.mean += deviation * rate
        self.m2 += WEIGHT * deviation * (value - self.mean)
        self.square += rate * (change * change - self.square)
        self.last[:] = value
        return int(beyond)


def rounds_of(series: npt.NDArray[np.int32]) -> Iterator[tuple[Ints, Ints]]:
    """The first reading of each series, then the second, and so on: series and places in the batch."""
    order = np.argsort(series, kind="stable")
    sorted_series = series[order]
    starts = np.flatnonzero(np.append(True, sorted_series[1:] != sorted_series[:-1]))
    counts = np.diff(np.append(starts, len(series)))
    for turn in range(int(counts.max())):
        places = order[starts[counts > turn] + turn]
        yield series[places].astype(np.int64), places


def over_batch(charts: Charts, series: npt.NDArray[np.int32], value: Floats) -> int:
    """The readings of a batch round by round."""
    beyond = 0
    for rows, places in rounds_of(series):
        part = charts.take(rows)
        beyond += part.advance(value[places])
        charts.put(rows, part)
    return beyond


def over_table(charts: Charts, table: Floats) -> int:
    """Rounds that lie in memory as they are needed, shape (times, series): arithmetic and nothing else."""
    return sum(charts.advance(row) for row in table)
