"""Reads the detectors' findings from their journal rows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from plantwright.alerts.models import AlertCause, Severity
from plantwright.core.clock import from_milliseconds
from plantwright.journal.models import AuditRecord

_NO_DATA = "no_data"
_MACHINE_STATE = "machine_state"
_OFFLINE = "offline"
_OF_WHOLE_MACHINES = {AlertCause.MULTIVARIATE, AlertCause.RULE}


class FindingAction(StrEnum):
    STARTED = "finding.started"
    CONTINUED = "finding.continued"
    ENDED = "finding.ended"


class AlertKey(NamedTuple):
    """At most one open alert has it: a cause or a rule on a machine or one of its metrics, a cause with an agent or
    a source.
    """

    machine_id: UUID | None
    metric_id: UUID | None
    agent_id: UUID | None
    rule_id: UUID | None
    cause: str
    source_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingFact:
    """One step in the life of an episode, as journaled; `time` is that of the reading that caused it.

    `metric` is None when it is about an agent, or about a machine as a whole. `message` is what the finder says of it;
    None when it leaves that to us. `is_late`: derived after the fact from readings that came late. `is_silence`: it
    says no more than that nothing is heard. `located_at` is the machine at whose site it is. `last_violation` is when
    the condition was last true, where the finder says so at the end.
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
    message: str | None = None
    is_late: bool = False
    is_silence: bool = False
    located_at: UUID | None = None
    last_violation: datetime | None = None


def read_finding(record: AuditRecord) -> FindingFact:
    """
    Raises:
        KeyError, ValueError, TypeError: the row does not have the fields of a finding.
    """
    payload = record.payload
    is_silence = _is_silence(payload["inputs"])
    violated_ms = payload.get("last_violation_ms")
    return FindingFact(
        action=FindingAction(record.action),
        key=_key(payload),
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
            "is_silence": is_silence,
        },
        message=payload.get("message"),
        is_late=payload.get("late", False),
        is_silence=is_silence,
        located_at=UUID(payload["machine_id"]),
        last_violation=None if violated_ms is None else from_milliseconds(violated_ms),
    )


def _key(payload: Mapping[str, Any]) -> AlertKey:
    cause = AlertCause(payload["detector"])
    rule_id = UUID(payload["rule_id"]) if cause is AlertCause.RULE else None
    metric_id = payload["metric_id"]
    if metric_id is None and cause not in _OF_WHOLE_MACHINES:
        raise ValueError(f"a finding of {cause.value} needs a metric")
    return AlertKey(
        UUID(payload["machine_id"]), None if metric_id is None else UUID(metric_id), None, rule_id, cause.value
    )


def _is_silence(inputs: Mapping[str, Any]) -> bool:
    """Whether all that is true of a rule is that nothing was heard: no data, or a machine that is offline for that."""
    truths = [leaf for level in inputs.get("levels", ()) for leaf in _true_leaves(level["condition"])]
    return bool(truths) and all(_tells_silence(leaf) for leaf in truths)


def _tells_silence(leaf: Mapping[str, Any]) -> bool:
    return leaf["kind"] == _NO_DATA or (leaf["kind"] == _MACHINE_STATE and leaf.get("value") == _OFFLINE)


def _true_leaves(condition: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if "conditions" in condition:
        for part in condition["conditions"]:
            yield from _true_leaves(part)
    elif condition["is_true"]:
        yield condition
