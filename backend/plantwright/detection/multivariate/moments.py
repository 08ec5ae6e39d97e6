"""What a machine's readings were like: weighted mean, scatter and roughness of all its metrics, kept incrementally.

Mean and scatter are merged as in Chan, Golub, LeVeque, "Updating formulae and a pairwise algorithm for computing
sample variances", 1979. All sums run in the order of time, one by one, so they do not depend on how the readings were
cut into batches.
"""

from dataclasses import dataclass

import numpy as np

from plantwright.detection.charts.window import TINY
from plantwright.detection.columns import Bools, Floats


@dataclass(frozen=True, slots=True)
class Moments:
    """Of p metrics.

    Attributes:
        weight: total weight of the frames; one that stands for ten seconds or more weighs 1.
        mean: shape (p,).
        scatter: weighted sum of products of deviations from the mean, shape (p, p).
        readings: readings of each metric, shape (p,).
        rough: sum of squared differences of successive readings of each metric, shape (p,).
    """

    weight: float
    mean: Floats
    scatter: Floats
    readings: Floats
    rough: Floats

    @classmethod
    def empty(cls, metrics: int) -> "Moments":
        zeros = np.zeros(metrics)
        return cls(0.0, zeros, np.zeros((metrics, metrics)), zeros, zeros)

    def with_roughness(self, readings: Floats, rough: Floats) -> "Moments":
        return Moments(self.weight, self.mean, self.scatter, self.readings + readings, self.rough + rough)

    def merged(self, other: "Moments") -> "Moments":
        """Both together."""
        weight = self.weight + other.weight
        if weight <= 0.0:
            return self.with_roughness(other.readings, other.rough)
        offset = other.mean - self.mean
        share = other.weight / weight
        scatter = self.scatter + other.scatter + (self.weight * share * offset)[:, None] * offset[None, :]
        return Moments(
            weight, self.mean + offset * share, scatter, self.readings + other.readings, self.rough + other.rough
        )

    def scaled(self, factor: float) -> "Moments":
        """The same with another weight: less to forget, more to trust."""
        return Moments(
            self.weight * factor, self.mean, self.scatter * factor, self.readings * factor, self.rough * factor
        )

    def only(self, kept: Bools) -> "Moments":
        """Of some of the metrics."""
        scatter = self.scatter[np.ix_(kept, kept)]
        return Moments(self.weight, self.mean[kept], scatter, self.readings[kept], self.rough[kept])

    def variance(self) -> Floats:
        """Shape (p,); 0 where nothing was read."""
        variance: Floats = self.scatter.diagonal() / max(self.weight, TINY)
        return variance

    def effective_samples(self) -> Floats:
        """Independent readings that say as much as these, shape (p,).

        n (1 - r) / (1 + r), where r is the correlation of successive readings (Bartlett 1946), 1 minus half of von
        Neumann's ratio of the mean squared successive difference to the variance.
        """
        variance = self.variance()
        known = (variance > 0.0) & (self.readings > 0.0)
        ratio = np.divide(
            self.rough,
            np.maximum(self.readings, 1.0) * np.where(known, variance, 1.0),
            out=np.zeros_like(variance),
            where=known,
        )
        # A ratio above 2 is that of readings that alternate; they say no more than independent ones.
        ratio = np.minimum(ratio, 2.0)
        effective: Floats = self.readings * ratio / (4.0 - ratio)
        return effective


# Frames whose products are summed at once: bounds what 64 metrics take.
_CHUNK = 128


@dataclass(frozen=True, slots=True)
class Sums:
    """Weighted sums of the frames of an hour, as deviations from its first frame.

    Attributes:
        origin: the first frame, shape (p,); empty before there is one.
        weight: total.
        first: of the deviations, shape (p,).
        second: of their products, shape (p, p).
        readings, rough: as in `Moments`.
    """

    origin: Floats
    weight: float
    first: Floats
    second: Floats
    readings: Floats
    rough: Floats

    @classmethod
    def empty(cls, metrics: int) -> "Sums":
        zeros = np.zeros(metrics)
        return cls(np.zeros(0), 0.0, zeros, np.zeros((metrics, metrics)), zeros, zeros)

    def with_frames(self, values: Floats, weights: Floats) -> "Sums":
        """Take in frames of shape (n, p) with weights of shape (n,)."""
        if not len(values):
            return self
        origin = self.origin if len(self.origin) else values[0]
        weight, first, second = self.weight, self.first, self.second
        for start in range(0, len(values), _CHUNK):
            part = slice(start, start + _CHUNK)
            deviations, shares = values[part] - origin, weights[part]
            shared = deviations * shares[:, None]
            weight = float(_running(weight, shares))
            first = _running(first, shared)
            second = _running(second, shared[:, :, None] * deviations[:, None, :])
        return Sums(origin, weight, first, second, self.readings, self.rough)

    def with_roughness(self, readings: Floats, rough: Floats) -> "Sums":
        """Add the readings of each metric one after the other, with the squares of their steps; shapes (n, p)."""
        return Sums(
            self.origin,
            self.weight,
            self.first,
            self.second,
            _running(self.readings, readings),
            _running(self.rough, rough),
        )

    def only(self, kept: Bools) -> "Sums":
        """Of some of the metrics."""
        return Sums(
            self.origin[kept] if len(self.origin) else self.origin,
            self.weight,
            self.first[kept],
            self.second[np.ix_(kept, kept)],
            self.readings[kept],
            self.rough[kept],
        )

    def moments(self) -> Moments:
        if self.weight <= 0.0:
            return Moments.empty(len(self.first)).with_roughness(self.readings, self.rough)
        offset = self.first / self.weight
        scatter = self.second - (self.first[:, None] * offset[None, :])
        return Moments(self.weight, self.origin + offset, scatter, self.readings, self.rough)


def _running(total: "Floats | float", terms: Floats) -> Floats:
    """The total with the terms added one by one: `sum` may pair them differently, depending on how many there are."""
    if not len(terms):
        return np.asarray(total)
    whole: Floats = np.add.accumulate(np.concatenate((np.asarray(total)[None], terms)), axis=0)[-1]
    return whole
