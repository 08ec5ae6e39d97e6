"""What rules report, and how it stands in the journal."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any
from uuid import UUID

import msgspec

from plantwright.core.clock import from_milliseconds, iso_utc
from plantwright.journal.service import Fact
from plantwright.rules.definition import Severity

DETECTOR = "rule"
ACTION_PREFIX = "finding."
RESOURCE_TYPE = "alert_rule"


class FindingKind(StrEnum):
    STARTED = "started"
    CONTINUED = "continued"
    ENDED = "ended"


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """
    Attributes:
        message: in plain words.
        formula: what the rule says at this severity.
        value, threshold: of the first true condition that has them.
        true_conditions: how many.
        levels: for each severity the tree of conditions, each with its words, its truth, since when, and its numbers.
    """

    message: str
    formula: str
    value: float
    threshold: float
    true_conditions: int
    levels: list[dict[str, Any]]


class RuleFinding(msgspec.Struct, frozen=True, kw_only=True):
    """One step in the life of an episode; times in milliseconds since 1970, `time_ms` that of the step."""

    kind: FindingKind
    severity: Severity
    time_ms: int
    started_ms: int
    explanation: Explanation


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """What the findings of one rule on one machine are about; a metric when all conditions are about the same one."""

    rule_id: UUID
    rule: str
    rule_version: int
    machine_id: UUID
    metric_id: UUID | None
    metric: str | None
    unit: str


def finding_fact(finding: RuleFinding, subject: Subject, marks: Iterable[str] = ()) -> Fact:
    """`marks` say how it came into the journal."""
    return Fact(
        action=ACTION_PREFIX + finding.kind.value,
        resource_type=RESOURCE_TYPE,
        resource_id=str(subject.rule_id),
        payload={**finding_payload(finding, subject), **dict.fromkeys(marks, True)},
    )


def finding_payload(finding: RuleFinding, subject: Subject) -> dict[str, Any]:
    """Numbers are written as the shortest text that reads back as the same number."""
    why = finding.explanation
    return {
        "detector": DETECTOR,
        "kind": finding.kind.value,
        "rule_id": subject.rule_id,
        "machine_id": subject.machine_id,
        "metric_id": subject.metric_id,
        "metric": subject.metric,
        "unit": subject.unit,
        "severity": finding.severity.value,
        "time": from_milliseconds(finding.time_ms),
        "started": from_milliseconds(finding.started_ms),
        "time_ms": finding.time_ms,
        "started_ms": finding.started_ms,
        "value": repr(why.value),
        "score": "1.0",
        "threshold": repr(why.threshold),
        "peak_score": "1.0",
        "count": why.true_conditions,
        "formula": why.formula,
        "message": why.message,
        "inputs": {"rule": subject.rule, "rule_version": subject.rule_version, "levels": why.levels},
    }


def iso_or_none(time_ms: int | None) -> str | None:
    return None if time_ms is None else iso_utc(from_milliseconds(time_ms))
