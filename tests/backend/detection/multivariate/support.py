"""Feeds the machine-level chart from plain tables."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from plantwright.detection.columns import Floats, Ints
from plantwright.detection.multivariate.config import MultivariateConfig
from plantwright.detection.multivariate.engine import MachineReadings, Stepped, step
from plantwright.detection.multivariate.learning import vouched_for
from plantwright.detection.multivariate.pieces import Course
from plantwright.detection.multivariate.state import MachineState

START_MS = 1_767_225_600_000  # 2026-01-01T00:00:00Z


def regular(count: int, interval_ms: int = 1_000, start_ms: int = START_MS) -> Ints:
    return start_ms + interval_ms * np.arange(count, dtype=np.int64)


def readings_of(times: npt.ArrayLike, table: Floats) -> MachineReadings:
    """A table of shape (times, metrics), whose metrics have the numbers from 100 on."""
    at = np.asarray(times, np.int64)
    count, width = table.shape
    return MachineReadings.good(100 + np.tile(np.arange(width), count), np.repeat(at, width), table.ravel())


def part(readings: MachineReadings, rows: slice | npt.NDArray[np.bool_] | Ints) -> MachineReadings:
    return MachineReadings(readings.series[rows], readings.time[rows], readings.value[rows], readings.is_good[rows])


def machine(metrics: int) -> MachineState:
    return MachineState.empty(tuple(range(100, 100 + metrics)))


def watch(
    state: MachineState, readings: MachineReadings, config: MultivariateConfig | None = None, *, is_last: bool = False
) -> Stepped:
    [stepped] = step([state], [readings], [Course.of(config or MultivariateConfig())], is_last=is_last)
    return stepped


def known_machine(times: Ints, table: Floats) -> MachineState:
    """One whose behaviour in the table somebody vouched for."""
    return vouched_for(watch(machine(table.shape[1]), readings_of(times, table), is_last=True).state)


def scores(stepped: Stepped) -> Floats:
    return np.concatenate([judged.score for judged in stepped.judged])


def related(count: int, seed: int = 7) -> Floats:
    """Four metrics: two that follow a common load, their sum with noise, and one of its own; shape (count, 4)."""
    random = np.random.default_rng(seed)
    load = random.normal(size=count)
    noise = random.normal(size=(count, 4))
    first, second = load + 0.3 * noise[:, 0], 2.0 * load + 0.3 * noise[:, 1]
    return np.stack([50 + first, 10 + second, 60 + first + second + 0.2 * noise[:, 2], 5 + 0.1 * noise[:, 3]], axis=1)


def kinds(stepped: Stepped) -> Sequence[str]:
    return [finding.kind.value for finding in stepped.findings]
