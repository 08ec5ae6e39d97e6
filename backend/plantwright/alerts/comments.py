"""What people wrote on an alert, and what the journal says of it, as one story."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from plantwright.alerts import facts
from plantwright.alerts.insight import triage_repository as repository
from plantwright.core.database import UnitOfWork
from plantwright.journal.models import AuditRecord

MOST = 200
_SENTENCES: Mapping[str, str] = {
    facts.RAISED: "Raised as {severity}.",
    facts.REPEATED: "Came again, {occurrences} times in all.",
    facts.SEVERITY_RAISED: "Severity rose from {old_severity} to {severity}.",
    facts.SEVERITY_LOWERED: "Severity fell from {old_severity} to {severity}.",
    facts.CLEARED: "Cleared.",
    facts.ACKNOWLEDGED: "Acknowledged.",
    facts.JUDGED: "Judged: {outcome}.",
    facts.SHELVING_REQUESTED: "Asked to be shelved: {reason}",
    facts.SHELVING_REFUSED: "Shelving was refused.",
    facts.SHELVED: "Shelved until {until}: {reason}",
    facts.UNSHELVED: "Off the shelf.",
    facts.SUPPRESSED: "Suppressed by design: {design_reason}.",
    facts.UNSUPPRESSED: "No longer suppressed by design.",
    facts.OUT_OF_SERVICE: "Out of service: {reason}",
    facts.RETURNED_TO_SERVICE: "Back in service.",
}
_LATE = 60.0


@dataclass(frozen=True, slots=True)
class Comment:
    """`author_id` is None for what nobody did."""

    id: str
    is_system: bool
    body: str
    author_id: UUID | None
    at: datetime


async def comments_of(work: UnitOfWork, alert_id: UUID) -> Sequence[Comment]:
    """The newest two hundred, oldest first."""
    written = [
        Comment(str(row.id), is_system=False, body=row.body, author_id=row.author_id, at=row.created_at)
        for row in await repository.comments(work, alert_id, MOST)
    ]
    told = [_told(record) for record in await repository.records(work, alert_id, facts.COMMENTED, MOST)]
    return sorted([*written, *told], key=lambda comment: comment.at)[-MOST:]


def _told(record: AuditRecord) -> Comment:
    return Comment(
        f"journal-{record.sequence}",
        is_system=True,
        body=_sentence(record.action, record.payload),
        author_id=record.actor_id,
        at=record.created_at,
    )


def _sentence(action: str, payload: Mapping[str, Any]) -> str:
    if action == facts.ACKNOWLEDGED and payload.get("note"):
        return f"Acknowledged: {payload['note']}"
    if action == facts.JUDGED and not payload.get("outcome"):
        return "No longer judged."
    if action == facts.ASSIGNED:
        return f"Given to {payload['assignee']}." if payload.get("assignee") else "Given to nobody."
    if action == facts.UNSHELVED and float(payload.get("late_seconds") or 0) > _LATE:
        return f"Off the shelf, {float(payload['late_seconds']) / 60:.0f} minutes late: no worker was running."
    sentence = _SENTENCES.get(action)
    if sentence is None:
        words = action.partition(".")[2].replace("_", " ")
        return f"{words.capitalize()}."
    return sentence.format_map(_Words(payload))


class _Words(dict[str, Any]):
    """Rows of older versions may lack a field."""

    def __missing__(self, key: str) -> str:
        return "unknown"

    def __getitem__(self, key: str) -> Any:
        return str(super().__getitem__(key)).replace("_", " ")
