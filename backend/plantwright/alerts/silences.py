"""Reads what the journal says about agents that fall silent, in the form of findings."""

from datetime import datetime
from uuid import UUID

from plantwright.agents.service import HEARD_AGAIN, REMOVED, SILENT
from plantwright.alerts.findings import AlertKey, FindingAction, FindingFact
from plantwright.alerts.models import AlertCause, Severity
from plantwright.journal.models import AuditRecord

SILENCE_UNIT = "s"
FORMULA = "score = seconds since last_seen_at / interval_seconds; threshold = threshold_seconds / interval_seconds"
_ENDS = {HEARD_AGAIN, REMOVED}
TOLD_BY_AGENTS = (SILENT, *sorted(_ENDS))


def read_silence(record: AuditRecord) -> FindingFact:
    """The value is in seconds, score and threshold in heartbeats missed; an end has neither.

    Raises:
        KeyError, ValueError, TypeError: the row does not have the fields of a silence.
    """
    is_end = record.action in _ENDS
    payload = record.payload
    time = record.created_at if is_end else datetime.fromisoformat(payload["silent_since"])
    seconds = 0.0 if is_end else (time - datetime.fromisoformat(payload["last_seen_at"])).total_seconds()
    interval = 1.0 if is_end else float(payload["interval_seconds"])
    inputs = {
        "agent": payload["name"],
        **{name: payload.get(name) for name in ("last_seen_at", "interval_seconds", "threshold_seconds")},
    }
    return FindingFact(
        action=FindingAction.ENDED if is_end else FindingAction.STARTED,
        key=AlertKey(None, None, UUID(payload["agent_id"]), AlertCause.AGENT_SILENT.value),
        metric=None,
        unit=SILENCE_UNIT,
        severity=Severity.WARNING,
        time=time,
        value=seconds,
        score=seconds / interval,
        threshold=float(payload.get("threshold_seconds", 0.0)) / interval,
        evidence={"inputs": inputs, "formula": FORMULA, "finding_sequence": record.sequence},
    )
