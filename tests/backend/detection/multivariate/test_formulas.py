"""The parts of the machine-level chart against numpy's own answers."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plantwright.detection.multivariate.jacobi import eigen_decomposition
from plantwright.detection.multivariate.limits import chi_square_limit, limits_of
from plantwright.detection.multivariate.moments import Moments, Sums
from plantwright.detection.multivariate.reference import Reference

from tests.backend.detection.multivariate.support import related


@pytest.mark.parametrize("size", [1, 2, 3, 8, 30])
def test_eigenvalues_and_vectors_are_those_of_lapack(size: int) -> None:
    random = np.random.default_rng(size)
    table = random.normal(size=(size + 2, size))
    matrix = table.T @ table
    values, vectors = eigen_decomposition(matrix)
    assert np.allclose(values, np.linalg.eigvalsh(matrix)[::-1])
    assert np.allclose(vectors @ np.diag(values) @ vectors.T, matrix)
    assert np.allclose(vectors.T @ vectors, np.eye(size))


def test_metrics_that_are_one_and_the_same_have_one_component() -> None:
    values, _ = eigen_decomposition(np.ones((3, 3)))
    assert np.allclose(values, [3, 0, 0])


def test_sums_of_frames_give_weighted_mean_and_covariance() -> None:
    table = related(500)
    weights = np.random.default_rng(1).uniform(0.05, 1.0, 500)
    moments = Sums.empty(4).with_frames(table, weights).moments()
    assert np.allclose(moments.mean, np.average(table, axis=0, weights=weights))
    assert np.allclose(moments.scatter / moments.weight, np.cov(table.T, aweights=weights, ddof=0))


@settings(max_examples=30)
@given(cuts=st.lists(st.integers(0, 300), max_size=6))
def test_sums_do_not_depend_on_the_cuts(cuts: list[int]) -> None:
    table, weights = related(300), np.full(300, 0.1)
    whole = Sums.empty(4).with_frames(table, weights)
    pieces = Sums.empty(4)
    edges = [0, *sorted(cuts), 300]
    for start, end in itertools.pairwise(edges):
        pieces = pieces.with_frames(table[start:end], weights[start:end])
    assert pieces.second.tobytes() == whole.second.tobytes()
    assert pieces.first.tobytes() == whole.first.tobytes()
    assert pieces.weight == whole.weight


def test_two_hours_together_are_one_longer_hour() -> None:
    table, weights = related(400), np.full(400, 0.1)
    whole = Sums.empty(4).with_frames(table, weights).moments()
    first = Sums.empty(4).with_frames(table[:100], weights[:100]).moments()
    second = Sums.empty(4).with_frames(table[100:], weights[100:]).moments()
    merged = Moments.empty(4).merged(first).merged(second)
    assert np.allclose(merged.mean, whole.mean)
    assert np.allclose(merged.scatter, whole.scatter)


def test_readings_that_follow_each_other_closely_say_less() -> None:
    random = np.random.default_rng(3)
    white = random.normal(size=(1_000, 1))
    walk = np.cumsum(white, axis=0)

    def effective(table: np.ndarray) -> float:
        steps = np.diff(table, axis=0, prepend=table[:1]) ** 2
        sums = Sums.empty(1).with_frames(table, np.ones(1_000)).with_roughness(np.ones((1_000, 1)), steps)
        return float(sums.moments().effective_samples()[0])

    assert 800 < effective(white) <= 1_000
    assert effective(walk) < 30


def test_quantiles_of_chi_square() -> None:
    """Tables: 0.9973 quantiles are 9.0 at 1, 14.16 at 3 and 26.9 at 10 degrees of freedom; the formula is 2 % off."""
    z = 2.7821505
    assert chi_square_limit(1, z) == pytest.approx(9.0, rel=0.02)
    assert chi_square_limit(3, z) == pytest.approx(14.16, rel=0.02)
    assert chi_square_limit(10, z) == pytest.approx(26.9, rel=0.02)


def reference(table: np.ndarray) -> Reference:
    count, width = table.shape
    steps = np.diff(table, axis=0, prepend=table[:1]) ** 2
    sums = Sums.empty(width).with_frames(table, np.ones(count)).with_roughness(np.ones((count, width)), steps)
    found = Reference.of(sums.moments(), smoothed(table))
    assert found is not None
    return found


def smoothed(table: np.ndarray) -> Moments:
    """Moments of moving averages of the table, a reading a second."""
    average, averages = table[0], []
    for row in table:
        average = average + 0.05 * (row - average)
        averages.append(average)
    sums = Sums.empty(table.shape[1]).with_frames(np.array(averages), np.ones(len(table)))
    return sums.with_roughness(np.ones(table.shape), np.full(table.shape, 1_000.0)).moments()


def test_t2_and_q_together_are_the_distance_of_mahalanobis() -> None:
    table = related(2_000)
    known = reference(table)
    points = related(50, seed=9) + np.array([1.0, 0.0, 0.0, 0.2])
    t2, q = known.statistics(points)
    others = known.eigenvalues[known.principal :]
    deviation = (points - table.mean(axis=0)) / table.std(axis=0)
    scores = deviation @ known.components
    assert np.allclose(t2, (scores[:, : known.principal] ** 2 / known.eigenvalues[: known.principal]).sum(axis=1))
    assert np.allclose(q * others.mean(), (scores[:, known.principal :] ** 2).sum(axis=1))
    assert np.allclose(
        t2 + (scores[:, known.principal :] ** 2 / others).sum(axis=1),
        np.einsum("ij,jk,ik->i", deviation, np.linalg.inv(np.corrcoef(table.T)), deviation),
    )


def test_contributions_add_up_to_their_statistic() -> None:
    known = reference(related(2_000))
    point = known.mean + known.std * np.array([1.0, -2.0, 0.5, 3.0])
    t2, q = known.statistics(point[None, :])
    assert known.contributions(point, of_q=False).sum() == pytest.approx(t2[0])
    assert known.contributions(point, of_q=True).sum() == pytest.approx(q[0])


def test_constant_metrics_and_those_that_only_drift_make_no_reference() -> None:
    table = np.full((500, 4), 3.0)
    table[:, 1] = np.arange(500.0)
    steps = np.diff(table, axis=0, prepend=table[:1]) ** 2
    sums = Sums.empty(4).with_frames(table, np.ones(500)).with_roughness(np.ones((500, 4)), steps)
    assert Reference.of(sums.moments(), smoothed(table)) is None


def test_averages_that_follow_a_load_widen_the_limit_and_independent_readings_do_not() -> None:
    independent = reference(related(20_000))
    assert independent.t2_limits.usual == independent.t2_limits.floor
    assert 2.25 < independent.t2_limits.floor < 3.5
    turns = np.arange(20_000)[:, None] / np.array([400.0, 530.0, 610.0, 720.0])
    cycles = reference(np.sin(2 * np.pi * turns) + 0.05 * related(20_000))
    assert cycles.t2_limits.usual > 2 * cycles.t2_limits.floor


def test_faster_readings_are_judged_by_the_widest_limit() -> None:
    limits = limits_of(np.eye(3) * 0.1, np.ones(3), looks=100.0)
    assert limits.highest > limits.usual
    at = limits.at(np.array([0.0, 0.5, 1.0]))
    assert at.tolist() == [limits.highest, (limits.observed + limits.highest) / 2, limits.usual]


def test_the_longer_was_learnt_the_rarer_is_what_exceeds_the_limit() -> None:
    highest = [limits_of(np.eye(2), np.ones(2), looks).highest for looks in (1.0, 10.0, 100.0, 1e4, 1e9)]
    assert highest == sorted(highest)
    assert len(set(highest)) == 5
