"""The incremental window against a plain recomputation from all readings."""

import numpy as np
from plantwright.detection.charts.window import moments
from plantwright.detection.config import DetectionConfig

from tests.backend.detection.support import HOUR_MS, START_MS, feed


def test_mean_and_deviation_equal_a_recomputation() -> None:
    rng = np.random.default_rng(0)
    intervals = rng.choice([500, 3_000, 20_000, 4 * HOUR_MS], size=3_000, p=[0.3, 0.3, 0.36, 0.04])
    times = START_MS + np.cumsum(intervals)
    values = 1e6 + rng.normal(0.0, 3.0, 3_000) + np.linspace(0.0, 10.0, 3_000)
    # A wide threshold keeps every value as it is.
    state, _ = feed(times, values, DetectionConfig(baseline_threshold=100.0))
    weights = np.minimum(np.diff(times, prepend=times[0]), 10_000) / 10_000
    inside = times // HOUR_MS > times[-1] // HOUR_MS - 168
    assert 100 < inside.sum() < 3_000

    weight, mean, std = moments(state.series)
    expected_mean = np.average(values[inside], weights=weights[inside])
    expected_variance = np.average((values[inside] - expected_mean) ** 2, weights=weights[inside])
    np.testing.assert_allclose(weight[0], weights[inside].sum(), rtol=1e-12)
    np.testing.assert_allclose(mean[0], expected_mean, rtol=1e-13)
    np.testing.assert_allclose(std[0], np.sqrt(expected_variance), rtol=1e-7)
    assert state.series.closed_count[0] + state.series.bucket_count[0] == (inside & (weights > 0)).sum()
