"""The reference of a machine: what its metrics are like together in normal operation, and the limits drawn from it.

The metrics, standardised, are rotated to their principal components. The first ones, which hold 95 % of the variance,
make T²; what is left makes Q (Jackson, Mudholkar, "Control procedures for residuals associated with principal component
analysis", Technometrics 21, 1979). Both are taken of the readings' moving averages (MEWMA: Lowry, Woodall, Champ,
Rigdon, "A multivariate exponentially weighted moving average control chart", Technometrics 34, 1992).

    T² = Σ t_i² / λ_i over the first k components        Q = Σ t_i² over the others / their mean λ

The limits are in `limits`.
"""

from dataclasses import dataclass

import numpy as np

from plantwright.detection.charts.window import TINY
from plantwright.detection.columns import Bools, Floats
from plantwright.detection.multivariate.jacobi import eigen_decomposition, product
from plantwright.detection.multivariate.limits import Limits, limits_of
from plantwright.detection.multivariate.moments import Moments
from plantwright.detection.multivariate.smoothing import SMOOTHING

EXPLAINED = 0.95
MIN_EFFECTIVE_SAMPLES = 30.0
# Below this share of the value a standard deviation is the rounding of double precision.
_ROUNDING_SHARE = 1e-9
# A component with less than this of the variance of one metric is rounding, not a property of the machine.
_LEAST_EIGENVALUE = 1e-6


@dataclass(frozen=True, slots=True)
class Reference:
    """Of the m metrics that have a settled level.

    Attributes:
        used: which of the machine's p metrics take part, shape (p,).
        mean, std: in the units of the metrics, shape (m,).
        correlation: shape (m, m).
        eigenvalues: falling, shape (m,).
        components: as columns, shape (m, m).
        principal: k, how many make T².
        t2_limits, q_limits: of the statistics.
        intervals: usual milliseconds between readings while it was learnt, shape (m,).
    """

    used: Bools
    mean: Floats
    std: Floats
    correlation: Floats
    eigenvalues: Floats
    components: Floats
    principal: int
    t2_limits: Limits
    q_limits: Limits
    intervals: Floats

    @classmethod
    def of(cls, moments: Moments, smoothed: Moments) -> "Reference | None":
        """From the moments of the readings and of their moving averages; None while no metric has a settled level.

        A metric takes part once its readings are worth 30 independent ones: one that still warms up has no level
        that it could leave.
        """
        variance = moments.variance()
        spread = np.sqrt(variance)
        used = (moments.effective_samples() >= MIN_EFFECTIVE_SAMPLES) & (
            spread > np.abs(moments.mean) * _ROUNDING_SHARE
        )
        if not used.any():
            return None
        std = spread[used]
        covariance = moments.scatter[np.ix_(used, used)] / moments.weight
        correlation = covariance / (std[:, None] * std[None, :])
        # The two halves may differ in their last bits.
        correlation = (correlation + correlation.T) / 2.0
        np.fill_diagonal(correlation, 1.0)
        values, vectors = eigen_decomposition(correlation)
        values = np.maximum(values, _LEAST_EIGENVALUE)
        principal = _principal(values)
        scale = np.sqrt(values)
        others = values[principal:]
        if len(others):
            scale[principal:] = np.sqrt(sum(others.tolist()) / len(others))
            others = others / (sum(others.tolist()) / len(others))
        observed = _observed(smoothed, used, std, vectors / scale)
        looks = float(np.min(moments.readings[used])) * SMOOTHING / (2.0 - SMOOTHING)
        return cls(
            used=used,
            mean=moments.mean[used],
            std=std,
            correlation=correlation,
            eigenvalues=values,
            components=vectors,
            principal=principal,
            t2_limits=limits_of(observed[:principal, :principal], np.ones(principal), looks),
            q_limits=limits_of(observed[principal:, principal:], others, looks),
            intervals=smoothed.rough[used] / np.maximum(smoothed.readings[used], 1.0),
        )

    @property
    def has_q(self) -> bool:
        return self.principal < len(self.eigenvalues)

    def share(self, usual_interval: Floats) -> Floats:
        """How far the observed averages hold for readings at these intervals, shape (n, m); 0 to 1, shape (n,).

        The faster the readings, the less of a cycle an average of so many evens out: see `ewma`.
        """
        share: Floats = np.min(np.minimum(2.0 * usual_interval / np.maximum(self.intervals, 1.0), 1.0), axis=1)
        return share

    def scores(self, smoothed: Floats) -> Floats:
        """Component scores t of moving averages of shape (n, m); shape (n, m).

        Summed metric by metric, so a row does not depend on how many there are.
        """
        deviation = (smoothed - self.mean) / self.std
        scores = np.zeros_like(deviation)
        for metric in range(len(self.mean)):
            scores += deviation[:, metric, None] * self.components[metric]
        return scores

    def statistics(self, smoothed: Floats) -> tuple[Floats, Floats]:
        """T² and Q of moving averages of shape (n, m); each of shape (n,). Q is 0 where all components make T²."""
        scores = self.scores(smoothed)
        squares = scores * scores
        t2, rest = np.zeros(len(scores)), np.zeros(len(scores))
        for component in range(self.principal):
            t2 += squares[:, component] / self.eigenvalues[component]
        others = self.eigenvalues[self.principal :]
        if len(others):
            for component in range(self.principal, len(self.eigenvalues)):
                rest += squares[:, component]
            rest /= sum(others.tolist()) / len(others)
        return t2, rest

    def contributions(self, smoothed: Floats, *, of_q: bool) -> Floats:
        """What each metric adds to T² or Q of one row of shape (m,); shape (m,), the sum is the statistic.

        Contribution plots: Miller, Swanson, Heckler, "Contribution plots: a missing link in multivariate quality
        control", Applied Mathematics and Computer Science 8, 1998.
        """
        deviation = (smoothed - self.mean) / self.std
        scores = self.scores(smoothed[None, :])[0]
        k = self.principal
        others = self.eigenvalues[k:]
        if of_q:
            weighted, part = scores[k:] * (len(others) / sum(others.tolist())), self.components[:, k:]
        else:
            weighted, part = scores[:k] / self.eigenvalues[:k], self.components[:, :k]
        contributions = np.zeros_like(deviation)
        for component in range(part.shape[1]):
            contributions += deviation * part[:, component] * weighted[component]
        return contributions


def _observed(smoothed: Moments, used: Bools, std: Floats, rotation: Floats) -> Floats:
    """Covariance of the scores of the averages, shape (m, m); zero before there was one."""
    covariance = smoothed.scatter[np.ix_(used, used)] / max(smoothed.weight, TINY) / (std[:, None] * std[None, :])
    return product(product(np.ascontiguousarray(rotation.T), covariance), rotation)


def _principal(values: Floats) -> int:
    wanted = EXPLAINED * sum(values.tolist())
    held = 0.0
    for count, value in enumerate(values.tolist(), start=1):
        held += value
        if held >= wanted:
            return count
    return len(values)
