"""What the machine-level chart reports."""

from dataclasses import dataclass
from typing import Any

from plantwright.detection.findings import FindingKind, Severity

DETECTOR = "multivariate"
FORMULA = (
    "z = (smoothed - mean) / std; t = z rotated to the components of the correlation; "
    "T2 = sum of t^2 / eigenvalue over the first ones; Q = sum of t^2 over the others / their mean eigenvalue; "
    "score = sqrt(max(T2 / T2_limit, Q / Q_limit)); smoothed = 0.05 * value + 0.95 * previous smoothed"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineFinding:
    """One step in the life of an episode; `inputs` are enough to recompute the score by hand.

    Attributes:
        machine: as given to the engine.
        count: violations in the episode so far.
        value: T² or Q, whichever is further over its limit.
    """

    machine: int
    kind: FindingKind
    severity: Severity
    time_ms: int
    value: float
    score: float
    threshold: float
    started_ms: int
    count: int
    peak_score: float
    inputs: dict[str, Any]
