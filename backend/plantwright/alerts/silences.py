"""Reads what the journal says about agents that fall silent, in the form of findings."""

from datetime import datetime
from uuid import UUID

from plantwright.agents.service import HEARD_AGAIN, REMOVED, SILENT
from plantwright.alerts.findings import AlertKey, FindingAction, FindingFact
from plantwright.alerts.models import AlertCause, Severity
from plantwright.journal.models import AuditRecord

SILENCE_UNIT = "s"
FORMULA = "score = (silent_since - last_seen_at) / interval_seconds; threshold = threshold_seconds / interval_seconds"
_ENDS = {HEARD_AGAIN, REMOVED}
TOLD_BY_AGENTS = (SILENT, *sorted(_ENDS))


def read_silence(record: AuditRecord) -> FindingFact:
    """
    Raises:
        KeyError, ValueError, TypeError: the row does not have the fields of a silence.
    """
    return _ended(record) if record.action in _ENDS else _started(record)


def _started(record: AuditRecord) -> FindingFact:
    """The value is in seconds, score and threshold in heartbeats missed."""
    payload = record.payload
    time = datetime.fromisoformat(payload["silent_since"])
    interval = float(payload["interval_seconds"])
    seconds = (time - datetime.fromisoformat(payload["last_seen_at"])).total_seconds()
    names = ("last_seen_at", "silent_since", "interval_seconds", "threshold_seconds")
    inputs = {"agent": payload["name"], **{name: payload[name] for name in names}}
    return FindingFact(
        action=FindingAction.STARTED,
        key=_key(record),
        metric=None,
        unit=SILENCE_UNIT,
        severity=Severity.WARNING,
        time=time,
        value=seconds,
        score=seconds / interval,
        threshold=float(payload["threshold_seconds"]) / interval,
        evidence={"inputs": inputs, "formula": FORMULA, "finding_sequence": record.sequence},
    )


def _ended(record: AuditRecord) -> FindingFact:
    """Nothing is measured at an end."""
    heard_at = record.payload.get("heard_at")
    return FindingFact(
        action=FindingAction.ENDED,
        key=_key(record),
        metric=None,
        unit=SILENCE_UNIT,
        severity=Severity.WARNING,
        time=record.created_at if heard_at is None else datetime.fromisoformat(heard_at),
        value=0.0,
        score=0.0,
        threshold=0.0,
        evidence={},
    )


def _key(record: AuditRecord) -> AlertKey:
    return AlertKey(None, None, UUID(record.payload["agent_id"]), None, AlertCause.AGENT_SILENT.value)
