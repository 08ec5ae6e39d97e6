"""Feeds the engine from plain columns."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from plantwright.detection.charts.engine import step
from plantwright.detection.charts.rounds import ReadingBatch
from plantwright.detection.charts.state import DetectionState
from plantwright.detection.config import ConfigColumns, DetectionConfig
from plantwright.detection.findings import Finding, FindingKind

START_MS = 1_767_225_600_000  # 2026-01-01T00:00:00Z
HOUR_MS = 3_600_000


def batch_of(times: npt.ArrayLike, table: npt.ArrayLike) -> ReadingBatch:
    """All series read at the same times; table of shape (times,) or (times, series)."""
    columns = np.asarray(table, dtype=np.float64)
    columns = columns[:, None] if columns.ndim == 1 else columns
    count, width = columns.shape
    return ReadingBatch(
        np.tile(np.arange(width, dtype=np.int32), count),
        np.repeat(np.asarray(times, dtype=np.int64), width),
        columns.ravel(),
    )


def feed(
    times: npt.ArrayLike,
    table: npt.ArrayLike,
    config: DetectionConfig | None = None,
    state: DetectionState | None = None,
) -> tuple[DetectionState, list[Finding]]:
    batch = batch_of(times, table)
    rows = int(batch.series.max()) + 1
    columns = ConfigColumns.from_configs([config or DetectionConfig()] * rows)
    return step(state or DetectionState.empty(rows), batch, columns)


def regular(count: int, interval_ms: int = 1_000, start_ms: int = START_MS) -> npt.NDArray[np.int64]:
    return start_ms + interval_ms * np.arange(count, dtype=np.int64)


def started(findings: Sequence[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.kind is FindingKind.STARTED]
