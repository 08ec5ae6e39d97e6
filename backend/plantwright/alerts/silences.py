"""Reads what the journal says about links that are lost, to agents and to sources, in the form of findings."""

from datetime import datetime
from typing import Any
from uuid import UUID

from plantwright.agents.service import HEARD_AGAIN, REMOVED, SILENT
from plantwright.alerts.findings import AlertKey, FindingAction, FindingFact
from plantwright.alerts.models import AlertCause, Severity
from plantwright.journal.models import AuditRecord

SILENCE_UNIT = "s"
FORMULA = "score = (silent_since - last_seen_at) / interval_seconds; threshold = threshold_seconds / interval_seconds"
SOURCE_FORMULA = "score = lost_at - unreachable_since; threshold = threshold_seconds"
# Written by the room of sources, which stands above this one.
SOURCE_LOST = "ingest_source.lost"
SOURCE_REACHED = "ingest_source.reached"
_ENDS = {HEARD_AGAIN, REMOVED}
_SOURCE_ENDS = {SOURCE_REACHED, "ingest_source.unwatched", "ingest_source.paused", "ingest_source.deleted"}
TOLD_BY_LINKS = (SILENT, SOURCE_LOST, *sorted(_ENDS | _SOURCE_ENDS))


def read_silence(record: AuditRecord) -> FindingFact:
    """
    Raises:
        KeyError, ValueError, TypeError: the row does not have the fields of a silence.
    """
    if record.action in _ENDS:
        return _ended(record, _agent_key(record), record.payload.get("heard_at"))
    if record.action in _SOURCE_ENDS:
        return _ended(record, _source_key(record), record.payload.get("reached_at"))
    return _agent_silent(record) if record.action == SILENT else _source_lost(record)


def _agent_silent(record: AuditRecord) -> FindingFact:
    """The value is in seconds, score and threshold in heartbeats missed."""
    payload = record.payload
    time = datetime.fromisoformat(payload["silent_since"])
    interval = float(payload["interval_seconds"])
    seconds = (time - datetime.fromisoformat(payload["last_seen_at"])).total_seconds()
    names = ("last_seen_at", "silent_since", "interval_seconds", "threshold_seconds")
    # Rows of older versions do not name the machines.
    machines = {"machines": payload.get("machines", []), "machine_count": payload.get("machine_count", 0)}
    inputs = {"agent": payload["name"], **{name: payload[name] for name in names}, **machines}
    located_at = payload.get("located_at")
    return _finding(
        FindingAction.STARTED,
        _agent_key(record),
        time,
        value=seconds,
        score=seconds / interval,
        threshold=float(payload["threshold_seconds"]) / interval,
        evidence={"inputs": inputs, "formula": FORMULA, "finding_sequence": record.sequence},
        located_at=None if located_at is None else UUID(located_at),
    )


def _source_lost(record: AuditRecord) -> FindingFact:
    """Value, score and threshold are in seconds without a connection."""
    payload = record.payload
    time = datetime.fromisoformat(payload["lost_at"])
    seconds = (time - datetime.fromisoformat(payload["unreachable_since"])).total_seconds()
    names = ("machine_id", "address", "unreachable_since", "lost_at", "last_error", "threshold_seconds")
    inputs = {"source": payload["name"], **{name: payload[name] for name in names}}
    return _finding(
        FindingAction.STARTED,
        _source_key(record),
        time,
        value=seconds,
        score=seconds,
        threshold=float(payload["threshold_seconds"]),
        evidence={"inputs": inputs, "formula": SOURCE_FORMULA, "finding_sequence": record.sequence},
        located_at=UUID(payload["machine_id"]),
    )


def _ended(record: AuditRecord, key: AlertKey, at: str | None) -> FindingFact:
    """Nothing is measured at an end."""
    time = record.created_at if at is None else datetime.fromisoformat(at)
    return _finding(FindingAction.ENDED, key, time, value=0.0, score=0.0, threshold=0.0, evidence={})


def _finding(action: FindingAction, key: AlertKey, time: datetime, **measured: Any) -> FindingFact:
    return FindingFact(
        action=action, key=key, metric=None, unit=SILENCE_UNIT, severity=Severity.WARNING, time=time, **measured
    )


def _agent_key(record: AuditRecord) -> AlertKey:
    return AlertKey(None, None, UUID(record.payload["agent_id"]), None, AlertCause.AGENT_SILENT.value)


def _source_key(record: AuditRecord) -> AlertKey:
    source_id = UUID(record.payload["source_id"])
    return AlertKey(None, None, None, None, AlertCause.SOURCE_LOST.value, source_id)
