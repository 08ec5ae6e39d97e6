"""All detectors over a table, with every score."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from plantwright.detection.charts.engine import take_in_recorded
from plantwright.detection.charts.rounds import ReadingBatch
from plantwright.detection.charts.state import DetectionState
from plantwright.detection.columns import Floats, Ints
from plantwright.detection.config import ConfigColumns, DetectionConfig
from plantwright.detection.findings import Detector, Finding
from plantwright.detection.multivariate.config import MultivariateConfig
from plantwright.detection.multivariate.engine import MachineReadings, Stepped, step
from plantwright.detection.multivariate.findings import DETECTOR as MULTIVARIATE
from plantwright.detection.multivariate.findings import MachineFinding
from plantwright.detection.multivariate.learning import vouched_for
from plantwright.detection.multivariate.pieces import Course
from plantwright.detection.multivariate.state import MOST_METRICS, MachineState
from plantwright.detection.offline.table import Table

# A score at its threshold becomes this; see `combined`.
AT_THRESHOLD = 0.5


@dataclass(frozen=True, slots=True)
class Scored:
    """What the detectors make of a table of n times.

    Attributes:
        scores: of each detector by its name, the greatest over the metrics, shape (n,).
        thresholds: from here on a score violates.
        combined: 0 to 1, from 0.5 on at least one detector's score violates, shape (n,).
        findings: of single metrics; `series` is the column of the table.
        machine_findings: of the machine as a whole.
    """

    scores: dict[str, Floats]
    thresholds: dict[str, float]
    combined: Floats
    findings: Sequence[Finding]
    machine_findings: Sequence[MachineFinding]


def score_table(
    table: Table,
    *,
    trained_rows: int = 0,
    config: DetectionConfig | None = None,
    machine: MultivariateConfig | None = None,
) -> Scored:
    """
    Args:
        table: in the order of time.
        trained_rows: so many rows at the beginning are vouched for as normal operation; 0 for none.
        config: of every metric.
        machine: of the machine as a whole.
    """
    config, machine = config or DetectionConfig(), machine or MultivariateConfig()
    scores, findings = _single(table, config)
    scores[MULTIVARIATE], machine_findings = _whole(table, trained_rows, machine)
    thresholds = {
        Detector.STATIC_BASELINE.value: config.baseline_threshold,
        Detector.EWMA.value: config.ewma_threshold,
        Detector.RATE_OF_CHANGE.value: config.rate_threshold,
        MULTIVARIATE: machine.threshold,
    }
    return Scored(scores, thresholds, combined(scores, thresholds), findings, machine_findings)


def combined(scores: dict[str, Floats], thresholds: dict[str, float]) -> Floats:
    """The greatest r / (1 + r) of all detectors, where r is the ratio of score and threshold; shape (n,)."""
    ratios = [scores[name] / thresholds[name] for name in scores]
    greatest = np.max(ratios, axis=0)
    result: Floats = greatest / (1.0 + greatest)
    return result


def _single(table: Table, config: DetectionConfig) -> tuple[dict[str, Floats], Sequence[Finding]]:
    rows, width = table.values.shape
    is_there = np.isfinite(table.values)
    row, column = np.nonzero(is_there)
    batch = ReadingBatch(column.astype(np.int32), table.time_ms[row], table.values[is_there])
    columns = ConfigColumns.from_configs([config] * width)
    _, seen, found = take_in_recorded(DetectionState.empty(width), batch, columns)
    scores = {detector.value: np.zeros(rows) for detector in Detector}
    for detector, of_readings in seen.scores.items():
        np.maximum.at(scores[detector.value], row, np.nan_to_num(of_readings))
    return scores, [finding for _, finding in found]


def _whole(table: Table, trained_rows: int, config: MultivariateConfig) -> tuple[Floats, Sequence[MachineFinding]]:
    width = min(table.values.shape[1], MOST_METRICS)
    state = MachineState.empty(tuple(range(width)))
    course = Course.of(config)
    steps: list[Stepped] = []
    if trained_rows:
        steps += step([state], [_readings(table, slice(0, trained_rows), width)], [course], is_last=True)
        state = vouched_for(steps[-1].state)
    steps += step([state], [_readings(table, slice(trained_rows, None), width)], [course], is_last=True)
    scores = np.zeros(len(table.time_ms))
    for stepped in steps:
        for frames, judged in zip(stepped.frames, stepped.judged, strict=True):
            scores[np.searchsorted(table.time_ms, frames.time)] = judged.score
    return scores, [finding for stepped in steps for finding in stepped.findings]


def _readings(table: Table, rows: slice, width: int) -> MachineReadings:
    values = table.values[rows, :width]
    is_there = np.isfinite(values)
    row, column = np.nonzero(is_there)
    time: Ints = table.time_ms[rows][row]
    return MachineReadings.good(column, time, values[is_there])
