"""Detection as a pure function: `step(state, batch, config) -> (state, findings)`.

Invariants:
- No clock, no randomness, no input or output. Time is the time of the readings.
- Findings and state depend on the order of readings within each series, not on how they were cut into batches nor
  on what other series were in them. So only element-wise operations that IEEE 754 rounds correctly are used on
  the way (+ - * / sqrt, comparisons), and sums over an axis have a fixed order. Work is left out only where it
  would have changed no number.
- The given state is not written to.
"""

import numpy as np
import numpy.typing as npt

from plantwright.core.errors import ValidationFailed
from plantwright.detection.charts.lanes import Lanes, Readings
from plantwright.detection.charts.reporting import Found, Watch
from plantwright.detection.charts.rounds import ReadingBatch, Rounds, accept, arranged
from plantwright.detection.charts.state import NO_HOUR, Buckets, DetectionState, Series
from plantwright.detection.charts.trace import Recording
from plantwright.detection.charts.window import HOUR_MS
from plantwright.detection.columns import Ints
from plantwright.detection.config import ConfigColumns
from plantwright.detection.findings import Finding

__all__ = ["ReadingBatch", "needs_buckets", "step", "take_in", "take_in_recorded"]


def step(state: DetectionState, batch: ReadingBatch, config: ConfigColumns) -> tuple[DetectionState, list[Finding]]:
    """Take in a batch.

    Args:
        state: as returned by the step before, or empty.
        batch: readings in log order; those that are not newer than the series' last one are skipped.
        config: one row per row of the state.

    Returns:
        The new state, and the findings in the order of the readings that caused them. Parts that did not change
        are shared with the given state.

    Raises:
        ValidationFailed: arrays of different lengths, or a series that the state does not have.
    """
    after, found = take_in(state, batch, config)
    return after, [finding for _, finding in found]


def needs_buckets(series: Series, batch: ReadingBatch, config: ConfigColumns) -> bool:
    """Whether the batch may end an hour that has readings, or starts a baseline anew."""
    if not len(batch.series):
        return False
    if len(_restarting(series, batch.series, config)):
        return True
    hour, known = batch.time_ms // HOUR_MS, series.hour[batch.series]
    is_first = known == NO_HOUR
    return bool(((hour > known) & ~is_first).any() or (is_first.any() and hour.min() != hour.max()))


def take_in(
    state: DetectionState, batch: ReadingBatch, config: ConfigColumns
) -> tuple[DetectionState, list[tuple[int, Finding]]]:
    """As `step`, with the place in the batch of the reading that caused each finding.

    The state may come without buckets if the batch `needs_buckets` of none of its series.
    """
    return _take_in(state, batch, config, None)


def take_in_recorded(
    state: DetectionState, batch: ReadingBatch, config: ConfigColumns
) -> tuple[DetectionState, Recording, list[tuple[int, Finding]]]:
    """As `take_in`, with what was seen of each reading."""
    recording = Recording.empty(len(batch.series))
    after, found = _take_in(state, batch, config, recording)
    return after, recording, found


def _take_in(
    state: DetectionState, batch: ReadingBatch, config: ConfigColumns, recording: Recording | None
) -> tuple[DetectionState, list[tuple[int, Finding]]]:
    _check(state, batch, config)
    accepted = accept(state.series, batch)
    if not len(accepted.row):
        return state, []
    state = state.restarted(_restarting(state.series, accepted.row, config))
    series, episodes, buckets = state.series.copy(), state.episodes, state.buckets
    found: list[Found] = []
    for rounds in arranged(state.series, accepted):
        lanes = Lanes(series, config, rounds.rows, has_firsts=rounds.has_firsts)
        # Buckets are most of the state and change only when an hour ends, so they are copied only then.
        if rounds.entered and buckets is state.buckets:
            buckets = state.buckets.copy()
        watch = Watch(batch, accepted, rounds, state.episodes, lanes.config, recording=recording)
        _run(lanes, buckets, rounds, watch)
        lanes.finish(accepted.time[rounds.lasts], accepted.value[rounds.lasts])
        if watch.has_touched:
            episodes = state.episodes.copy() if episodes is state.episodes else episodes
            watch.save(episodes)
        found += watch.found
    found.sort(key=lambda entry: (entry.place, entry.detector))
    return DetectionState(series, buckets, episodes), [(entry.place, entry.finding) for entry in found]


def _restarting(series: Series, rows: Ints | npt.NDArray[np.int32], config: ConfigColumns) -> Ints:
    """Those of the rows whose baseline begins after what they have seen."""
    begins = config.baseline_from > series.last_time
    if not begins.any():
        return np.zeros(0, np.int64)
    concerned = np.unique(rows)
    restarting: Ints = concerned[begins[concerned] & (series.hour[concerned] != NO_HOUR)].astype(np.int64)
    return restarting


def _check(state: DetectionState, batch: ReadingBatch, config: ConfigColumns) -> None:
    if not len(batch.series) == len(batch.time_ms) == len(batch.value):
        raise ValidationFailed("series, time_ms and value of a batch must have the same length.")
    if len(config.enabled) != state.rows:
        raise ValidationFailed(f"The state has {state.rows} series but the configuration {len(config.enabled)}.")
    if len(batch.series) and not 0 <= int(batch.series.min()) <= int(batch.series.max()) < state.rows:
        raise ValidationFailed(f"A reading names a series that is not among the {state.rows} of the state.")


def _run(lanes: Lanes, buckets: Buckets, rounds: Rounds, watch: Watch) -> None:
    """Take in the readings round after round; `lanes` and `buckets` are written to."""
    start = 0
    for turn, size in enumerate(rounds.sizes):
        if turn in rounds.entered:
            lanes.enter_hours(buckets, *rounds.entered[turn])
        part = slice(start, start + size)
        readings = Readings(
            rounds.value[part], rounds.step[part], rounds.interval[part], rounds.size[part], rounds.weight[part]
        )
        lanes.advance(turn, readings, watch)
        start += size
