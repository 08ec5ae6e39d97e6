"""What alerts turned out to be, in the judgement of people."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from plantwright.alerts import facts
from plantwright.alerts.facts import About, alert_fact
from plantwright.alerts.models import Alert, AlertOutcome
from plantwright.journal.service import Fact


def judge_all(
    alerts: Sequence[Alert], outcome: AlertOutcome | None, about: Mapping[UUID, About], actor_id: UUID
) -> list[Fact]:
    """Returns what to journal: nothing of those that were judged so before."""
    return [_judge(alert, outcome, about[alert.id], actor_id) for alert in alerts if alert.outcome != outcome]


def _judge(alert: Alert, outcome: AlertOutcome | None, about: About, actor_id: UUID) -> Fact:
    old, alert.outcome = alert.outcome, outcome
    return alert_fact(facts.JUDGED, alert, about, actor_id, outcome=outcome, old_outcome=old)
