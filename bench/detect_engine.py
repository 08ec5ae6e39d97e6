"""The engine alone: readings in memory, batches as the worker gets them, one core."""

import time
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from plain_pass import Charts, over_batch, over_table
from plantwright.detection.charts.engine import ReadingBatch, step
from plantwright.detection.charts.state import DetectionState
from plantwright.detection.config import ConfigColumns, DetectionConfig
from published_charts import PublishedCharts, furthest_apart
from published_charts import over_batch as published_over_batch

PERIOD_MS = 1_000
START_MS = 1_767_225_600_000
LEARNT_TIMES = 120
DISTURBED_SHARE = 0.01
# The order of additions differs, so do the last digits.
SAME = 1e-6


@dataclass(frozen=True)
class Rates:
    """Readings per second of a processor."""

    engine: float
    disturbed: float
    published: float
    plain: float
    bare: float
    findings: int


class Stream:
    """Readings of a plant once a second: normal noise about a level per series; batch after batch goes on in time."""

    def __init__(self, series: int, seed: int = 1) -> None:
        self._random = np.random.default_rng(seed)
        self._levels = self._random.uniform(10.0, 100.0, (series, 1))
        self._next_ms = START_MS
        self.series = series

    def table(self, times: int) -> npt.NDArray[np.float64]:
        """Shape (series, times); three decimals, as transmitters send them."""
        values: npt.NDArray[np.float64] = self._random.normal(self._levels, 1.0, (self.series, times))
        return np.round(values, 3)

    def batch(self, table: npt.NDArray[np.float64]) -> ReadingBatch:
        """In the order of the log: series by series, each in order of time. Times vary by some milliseconds."""
        series, times = table.shape
        time_ms = self._next_ms + PERIOD_MS * np.arange(times) + self._random.integers(0, 20, (series, times))
        self._next_ms += PERIOD_MS * times
        return ReadingBatch(np.repeat(np.arange(series, dtype=np.int32), times), time_ms.ravel(), table.ravel())


def measure(series: int, times: int, batches: int) -> Rates:
    """Best of some batches each: other programs only ever make it slower."""
    config = ConfigColumns.from_configs([DetectionConfig()] * series)
    calm, disturbed = Stream(series), Stream(series)
    learnt = calm.table(LEARNT_TIMES)
    charts, bare_charts = Charts.after(learnt), Charts.after(learnt)
    state, _ = step(DetectionState.empty(series), calm.batch(learnt), config)
    other, _ = step(DetectionState.empty(series), disturbed.batch(learnt), config)
    published = PublishedCharts.after(state.series)
    seconds: dict[str, list[float]] = {"engine": [], "disturbed": [], "published": [], "plain": [], "bare": []}
    findings = 0
    for _ in range(batches):
        table = calm.table(times)
        batch = calm.batch(table)
        rounds = np.ascontiguousarray(table.T)
        worse = table.copy()
        worse[:: round(1 / DISTURBED_SHARE)] += 25.0
        worse_batch = disturbed.batch(worse)
        begin = time.thread_time()
        state, _ = step(state, batch, config)
        seconds["engine"].append(time.thread_time() - begin)
        begin = time.thread_time()
        published_over_batch(published, batch.series, batch.time_ms, batch.value)
        seconds["published"].append(time.thread_time() - begin)
        begin = time.thread_time()
        over_batch(charts, batch.series, batch.value)
        seconds["plain"].append(time.thread_time() - begin)
        begin = time.thread_time()
        over_table(bare_charts, rounds)
        seconds["bare"].append(time.thread_time() - begin)
        begin = time.thread_time()
        other, found = step(other, worse_batch, config)
        seconds["disturbed"].append(time.thread_time() - begin)
        findings += len(found)
    if furthest_apart(published, state.series) > SAME:
        raise RuntimeError("the engine and the published formulas come to different numbers")
    rates = {name: series * times / min(taken) for name, taken in seconds.items()}
    return Rates(**rates, findings=findings)
