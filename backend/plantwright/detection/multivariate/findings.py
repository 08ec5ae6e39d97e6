"""What the machine-level chart reports."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from plantwright.core.text import metric_title
from plantwright.detection.findings import FindingKind, Severity

DETECTOR = "multivariate"
# A message names so many metrics at most.
_MOST_NAMED = 3
DRAWN_ANEW = "The reference of the machine was drawn anew, so what was found by the old one is over."
FORMULA = (
    "z = (smoothed - mean) / std; t = z rotated to the components of the correlation; "
    "T2 = sum of t^2 / eigenvalue over the first ones; Q = sum of t^2 over the others / their mean eigenvalue; "
    "score = sqrt(max(T2 / T2_limit, Q / Q_limit)); smoothed = 0.05 * value + 0.95 * previous smoothed"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineFinding:
    """One step in the life of an episode; `inputs` are enough to recompute the score by hand.

    They are empty where an episode ended because its reference was drawn anew.

    Attributes:
        machine: as given to the engine.
        last_violation_ms: time of the newest frame that violates.
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
    last_violation_ms: int
    count: int
    peak_score: float
    inputs: dict[str, Any]


def finding_to_payload(finding: MachineFinding, names: Mapping[int, str]) -> dict[str, Any]:
    """The finding as JSON values without floats: fractions as the shortest text that reads back as the same number.

    Args:
        finding: what to tell.
        names: of the metrics by series; one that has gone meanwhile is told by its number.
    """
    inputs = finding.inputs
    told: dict[str, Any] = {}
    metrics: list[str] = []
    if inputs:
        metrics = [names.get(series, f"series {series}") for series in inputs["series"]]
        told = {name: _text(value) for name, value in inputs.items() if name != "series"} | {"metrics": metrics}
    return {
        "detector": DETECTOR,
        "kind": finding.kind.value,
        "severity": finding.severity.value,
        "metric_id": None,
        "metric": None,
        "rule_id": None,
        "unit": "",
        "time_ms": finding.time_ms,
        "value": repr(finding.value),
        "score": repr(finding.score),
        "threshold": repr(finding.threshold),
        "started_ms": finding.started_ms,
        "last_violation_ms": finding.last_violation_ms,
        "count": finding.count,
        "peak_score": repr(finding.peak_score),
        "formula": FORMULA,
        "inputs": told,
        "message": message_of(finding, metrics),
    }


def message_of(finding: MachineFinding, metrics: Sequence[str]) -> str:
    """In plain words, with the metrics that contribute most first."""
    inputs = finding.inputs
    if not inputs:
        return DRAWN_ANEW
    is_q = inputs["statistic"] == "Q"
    value, limit = (inputs["q"], inputs["q_limit"]) if is_q else (inputs["t2"], inputs["t2_limit"])
    shares = sorted(zip(inputs["contributions"], metrics, strict=True), key=lambda entry: (-entry[0], entry[1]))
    leading = [name for share, name in shares if share >= value / 4.0][:_MOST_NAMED] or [shares[0][1]]
    what = "relation to each other" if is_q else "usual level together"
    measured = f"{inputs['statistic']} {value:.1f}, limit {limit:.1f}"
    if finding.kind is FindingKind.ENDED:
        return f"The metrics of the machine are back to their {what}: {measured}."
    named = " and ".join(map(metric_title, leading))
    return f"The metrics of the machine have left their {what}: {measured}; most of it comes from {named}."


def _text(value: Any) -> Any:
    if isinstance(value, float):
        return repr(value)
    return [_text(entry) for entry in value] if isinstance(value, list) else value
