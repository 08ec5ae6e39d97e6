"""Reads the detectors' findings from their journal rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from plantwright.alerts.models import AlertCause, Severity
from plantwright.journal.models import AuditRecord


class FindingAction(StrEnum):
    STARTED = "finding.started"
    CONTINUED = "finding.continued"
    ENDED = "finding.ended"


class AlertKey(NamedTuple):
    """At most one open alert has it: a cause on a metric of a machine, or with an agent."""

    machine_id: UUID | None
    metric_id: UUID | None
    agent_id: UUID | None
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingFact:
    """One step in the life of an episode, as journaled; `time` is that of the reading that caused it.

    `metric` is None when it is about an agent.
    """

    action: FindingAction
    key: AlertKey
    metric: str | None
    unit: str
    severity: Severity
    time: datetime
    value: float
    score: float
    threshold: float
    evidence: Mapping[str, Any]


def read_finding(record: AuditRecord) -> FindingFact:
    """
    Raises:
        KeyError, ValueError, TypeError: the row does not have the fields of a finding.
    """
    payload = record.payload
    return FindingFact(
        action=FindingAction(record.action),
        key=AlertKey(
            UUID(payload["machine_id"]), UUID(payload["metric_id"]), None, AlertCause(payload["detector"]).value
        ),
        metric=payload["metric"],
        unit=payload["unit"],
        severity=Severity(payload["severity"]),
        time=datetime.fromisoformat(payload["time"]),
        value=float(payload["value"]),
        score=float(payload["score"]),
        threshold=float(payload["threshold"]),
        evidence={
            "inputs": payload["inputs"],
            "formula": payload["formula"],
            "started": payload["started"],
            "peak_score": payload["peak_score"],
            "finding_sequence": record.sequence,
        },
    )
