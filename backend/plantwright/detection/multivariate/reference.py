"""The reference of a machine: what its metrics are like together in normal operation, and the limits drawn from it.

The metrics, standardised, are rotated to their principal components. The first ones, which hold 95 % of the variance,
make T²; what is left makes Q (Jackson, Mudholkar, "Control procedures for residuals associated with principal component
analysis", Technometrics 21, 1979). Both are taken of the readings' moving averages (MEWMA: Lowry, Woodall, Champ,
Rigdon, "A multivariate exponentially weighted moving average control chart", Technometrics 34, 1992).

    T² = Σ t_i² / λ_i over the first k components        limit  δ² + c · χ²(k)
    Q  = Σ t_i² over the others / their mean λ           limit  δ² + c · g · χ²(h) / their mean λ
    c  = smoothing / (2 - smoothing)

c χ² is what chance alone brings (three sigma: 0.9973). δ = 1.5 is the shift of the mean that belongs to normal
operation: machines wander, and the customary allowance for it is one and a half standard deviations (Bender,
"Benderizing tolerances", 1962); a chart that allows for a shift is an acceptance control chart (Freund, Industrial
Quality Control 14, 1957).
"""

from dataclasses import dataclass
from math import sqrt

import numpy as np

from plantwright.detection.columns import Bools, Floats
from plantwright.detection.multivariate.jacobi import eigen_decomposition
from plantwright.detection.multivariate.moments import Moments

SMOOTHING = 0.05
ALLOWED_SHIFT = 1.5
EXPLAINED = 0.95
MIN_EFFECTIVE_SAMPLES = 30.0
# Standard normal quantile of 0.9973, the three-sigma probability of both sides.
_Z = 2.7821505
_NOISE = SMOOTHING / (2.0 - SMOOTHING)
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
        t2_limit, q_limit: from here on it violates.
    """

    used: Bools
    mean: Floats
    std: Floats
    correlation: Floats
    eigenvalues: Floats
    components: Floats
    principal: int
    t2_limit: float
    q_limit: float

    @classmethod
    def of(cls, moments: Moments) -> "Reference | None":
        """None while no metric has a settled level.

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
        return cls(
            used=used,
            mean=moments.mean[used],
            std=std,
            correlation=correlation,
            eigenvalues=values,
            components=vectors,
            principal=principal,
            t2_limit=ALLOWED_SHIFT**2 + _NOISE * chi_square_limit(float(principal)),
            q_limit=_q_limit(values[principal:]),
        )

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


def chi_square_limit(freedom: float) -> float:
    """0.9973 quantile of χ² (Wilson, Hilferty, "The distribution of chi-square", PNAS 17, 1931)."""
    spread = 2.0 / (9.0 * freedom)
    cube = 1.0 - spread + _Z * sqrt(spread)
    return freedom * cube * cube * cube


def _principal(values: Floats) -> int:
    wanted = EXPLAINED * sum(values.tolist())
    held = 0.0
    for count, value in enumerate(values.tolist(), start=1):
        held += value
        if held >= wanted:
            return count
    return len(values)


def _q_limit(others: Floats) -> float:
    """Limit by g χ²(h) with the first two moments of Q (Box, Annals of Mathematical Statistics 25,
    1954); 0 without others.
    """
    values: list[float] = others.tolist()
    if not values:
        return 0.0
    first, second = sum(values), sum(value * value for value in values)
    return ALLOWED_SHIFT**2 + _NOISE * (second / first) * chi_square_limit(first * first / second) * (
        len(values) / first
    )
