"""Limits of T² and Q: what normal operation hardly ever exceeds.

    limit = max( δ² + c · g · χ²₀.₉₉₇₃(h),  what the averages were observed to do )

For independent readings c = smoothing / (2 - smoothing) is what chance leaves in the averages, and δ = 1.5 is the shift
of the mean that belongs to normal operation: machines wander, and the customary allowance for it is one and a half
standard deviations (Bender, "Benderizing tolerances", 1962); a chart that allows for a shift is an acceptance control
chart (Freund, Industrial Quality Control 14, 1957).

Readings of a machine are not independent: under a load cycle the averages follow the load. So the second term takes
their observed covariance, and is exceeded once in ten times the time that was learnt from (as the observed variance in
the chart of single metrics: Zhang, Technometrics 40, 1998). Where readings come faster than those it was observed at,
the covariance of the readings themselves, the most that averages can have, stands in for it.

A sum of squares of variables with covariance eigenvalues e is taken as g χ²(h) with the same first two moments:
g = Σe² / Σe, h = (Σe)² / Σe² (Box, Annals of Mathematical Statistics 25, 1954).
"""

from dataclasses import dataclass
from math import sqrt

import numpy as np

from plantwright.detection.columns import Floats
from plantwright.detection.multivariate.jacobi import eigen_decomposition
from plantwright.detection.multivariate.smoothing import NOISE_LEFT

ALLOWED_SHIFT = 1.5
# Standard normal quantiles of 0.9973, and of 1 - 10^-1, 1 - 10^-2 and so on.
_Z_THREE_SIGMA = 2.7821505
_Z_BY_DECADE = (0.0, 1.2815516, 2.3263479, 3.0902323, 3.7190165, 4.2648908, 4.7534243, 5.1993376)
_RARER_THAN_LEARNT = 10.0
_DECADE = 10.0


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one statistic.

    Attributes:
        floor: for independent readings.
        observed: for readings as they came while it was learnt.
        highest: for readings that averages do not smooth at all.
    """

    floor: float
    observed: float
    highest: float

    @property
    def usual(self) -> float:
        """For readings that come as they came while it was learnt."""
        return max(self.floor, self.observed)

    def at(self, share: Floats) -> Floats:
        """From here on it violates, by how far what was observed holds; both of shape (n,)."""
        return np.maximum(self.floor, share * self.observed + (1.0 - share) * self.highest)


def limits_of(observed: Floats, eigenvalues: Floats, looks: float) -> Limits:
    """
    Args:
        observed: covariance of the scores of the averages, shape (k, k).
        eigenvalues: variances of the scores of the readings, shape (k,).
        looks: independent averages in the time that was learnt from.
    """
    if not len(eigenvalues):
        return Limits(0.0, 0.0, 0.0)
    quantile = _normal_quantile(_RARER_THAN_LEARNT * looks)
    found, _ = eigen_decomposition(observed)
    return Limits(
        floor=ALLOWED_SHIFT**2 + sum_of_squares_limit(eigenvalues * NOISE_LEFT, _Z_THREE_SIGMA),
        observed=sum_of_squares_limit(np.maximum(found, 0.0), quantile),
        highest=sum_of_squares_limit(eigenvalues, quantile),
    )


def sum_of_squares_limit(variances: Floats, quantile: float) -> float:
    """Quantile of a sum of squares of normal variables with these variances.

    Args:
        variances: shape (k,).
        quantile: the same quantile of the standard normal distribution.
    """
    values: list[float] = variances.tolist()
    first, second = sum(values), sum(value * value for value in values)
    if second <= 0.0:
        return 0.0
    return second / first * chi_square_limit(first * first / second, quantile)


def chi_square_limit(freedom: float, quantile: float) -> float:
    """Quantile of χ² (Wilson, Hilferty, "The distribution of chi-square", PNAS 17, 1931)."""
    spread = 2.0 / (9.0 * freedom)
    cube = 1.0 - spread + quantile * sqrt(spread)
    return freedom * cube * cube * cube


def _normal_quantile(times: float) -> float:
    """Of the standard normal distribution, exceeded once in so many times; between the powers of ten on a line."""
    decade, rest = 0, times
    while rest >= _DECADE and decade < len(_Z_BY_DECADE) - 2:
        rest /= _DECADE
        decade += 1
    part = min(max(rest - 1.0, 0.0) / (_DECADE - 1.0), 1.0)
    return _Z_BY_DECADE[decade] + part * (_Z_BY_DECADE[decade + 1] - _Z_BY_DECADE[decade])
