"""What detection reports."""

from enum import StrEnum
from typing import Any

import msgspec

from plantwright.detection.charts import ewma, rate_of_change, static_baseline

# Of the facts that tell of findings in the journal.
ACTION_PREFIX = "finding."


class Detector(StrEnum):
    STATIC_BASELINE = "static_baseline"
    EWMA = "ewma"
    RATE_OF_CHANGE = "rate_of_change"


class FindingKind(StrEnum):
    STARTED = "started"
    CONTINUED = "continued"
    ENDED = "ended"


class Severity(StrEnum):
    WARNING = "warning"
    CRITICAL = "critical"


FORMULAS = {
    Detector.STATIC_BASELINE: static_baseline.FORMULA,
    Detector.EWMA: ewma.FORMULA,
    Detector.RATE_OF_CHANGE: rate_of_change.FORMULA,
}


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One step in the life of an episode.

    Attributes:
        series: row of the state.
        severity: the worst the episode has reached.
        time_ms: time of the reading that caused the finding, milliseconds since the Unix epoch.
        value: that reading, in the unit of the metric.
        score: its score, at most `engine.SCORE_LIMIT`.
        threshold: scores from here on violate.
        started_ms: time of the first violation of the episode.
        last_violation_ms: time of the newest one.
        count: violations in the episode so far.
        peak_score: the greatest score of the episode so far.
        inputs: what the formula was fed with, enough to recompute the score by hand.
    """

    series: int
    detector: Detector
    kind: FindingKind
    severity: Severity
    time_ms: int
    value: float
    score: float
    threshold: float
    started_ms: int
    last_violation_ms: int
    count: int
    peak_score: float
    inputs: dict[str, int | float]


def finding_to_payload(finding: Finding) -> dict[str, Any]:
    """The finding as JSON values without floats.

    Fractional numbers become the shortest decimal text that reads back as the same number, so the canonical JSON
    of a payload does not depend on how a library prints floats. The row number stays out: it is a matter of the
    shard, not of the fact.
    """
    return {
        "detector": finding.detector.value,
        "kind": finding.kind.value,
        "severity": finding.severity.value,
        "time_ms": finding.time_ms,
        "value": repr(finding.value),
        "score": repr(finding.score),
        "threshold": repr(finding.threshold),
        "started_ms": finding.started_ms,
        "last_violation_ms": finding.last_violation_ms,
        "count": finding.count,
        "peak_score": repr(finding.peak_score),
        "formula": FORMULAS[finding.detector],
        "inputs": {
            name: number if isinstance(number, int) else repr(number) for name, number in finding.inputs.items()
        },
    }
