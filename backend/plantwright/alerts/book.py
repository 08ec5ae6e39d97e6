"""The alerts that a batch of findings touches, and what each finding does to them.

Rules, with their reasons in docs/alerts.md:
1. One alert is open per key: a cause or rule on a machine or its metric, or a cause with an agent; a second start of
   the same finding is a repeat of it.
2. An alert clears as soon as its finding ends: the detector has waited out its own clearing delay by then.
3. What starts again within `REOPEN_WITHIN` after it cleared is the same alert, so a chattering signal is one line.
4. An acknowledgement outlives repeats; a rise of the severity takes it back.
5. Only a rule lowers the severity of its alert; that of a detector's alert is the worst that was seen.
"""

from collections.abc import Sequence
from datetime import timedelta

from plantwright.alerts import facts, life_cycle, repository
from plantwright.alerts.facts import alert_fact
from plantwright.alerts.findings import AlertKey, FindingAction, FindingFact
from plantwright.alerts.messages import message_of
from plantwright.alerts.models import Alert
from plantwright.core.database import UnitOfWork
from plantwright.journal.service import Fact

REOPEN_WITHIN = timedelta(minutes=10)


class AlertBook:
    def __init__(self, work: UnitOfWork, open_alerts: Sequence[Alert], cleared: Sequence[Alert]) -> None:
        self._work = work
        self._open = {_key(alert): alert for alert in open_alerts}
        self._cleared = {_key(alert): alert for alert in cleared}

    @classmethod
    async def load(cls, work: UnitOfWork, findings: Sequence[FindingFact]) -> "AlertBook":
        """One read for the open alerts; one more for recently cleared ones if something new starts."""
        open_alerts = await repository.lock_open(work, {finding.key for finding in findings})
        is_open = {_key(alert) for alert in open_alerts}
        starting = [f for f in findings if f.action is FindingAction.STARTED and f.key not in is_open]
        if not starting:
            return cls(work, open_alerts, ())
        since = min(finding.time for finding in starting) - REOPEN_WITHIN
        cleared = await repository.lock_cleared_since(work, {finding.key for finding in starting}, since)
        return cls(work, open_alerts, cleared)

    def take(self, finding: FindingFact) -> list[Fact]:
        """Do what the finding says; returns what to journal."""
        match finding.action:
            case FindingAction.STARTED:
                return self._started(finding)
            case FindingAction.CONTINUED:
                return self._continued(finding)
            case FindingAction.ENDED:
                return self._ended(finding)

    def _started(self, finding: FindingFact) -> list[Fact]:
        alert = self._open.get(finding.key) or self._reopenable(finding)
        if alert is None:
            return [self._raise(finding)]
        self._open[finding.key] = alert
        self._cleared.pop(finding.key, None)
        life_cycle.repeat(alert, finding.time)
        _describe(alert, finding)
        return [alert_fact(facts.REPEATED, alert, finding.metric, finding.unit), *_change_severity(alert, finding)]

    def _continued(self, finding: FindingFact) -> list[Fact]:
        alert = self._open.get(finding.key)
        if alert is None:
            return []
        life_cycle.see(alert, finding.time)
        if not _changes_severity(alert, finding):
            return []
        _describe(alert, finding)
        return _change_severity(alert, finding)

    def _ended(self, finding: FindingFact) -> list[Fact]:
        alert = self._open.pop(finding.key, None)
        if alert is None:
            return []
        life_cycle.clear(alert, finding.time)
        self._cleared[finding.key] = alert
        return [alert_fact(facts.CLEARED, alert, finding.metric, finding.unit)]

    def _reopenable(self, finding: FindingFact) -> Alert | None:
        alert = self._cleared.get(finding.key)
        if alert is None or alert.cleared_at is None:
            return None
        is_near = alert.raised_at - REOPEN_WITHIN <= finding.time <= alert.cleared_at + REOPEN_WITHIN
        return alert if is_near else None

    def _raise(self, finding: FindingFact) -> Fact:
        alert = Alert(
            tenant_id=self._work.tenant_id,
            **finding.key._asdict(),
            severity=finding.severity.value,
            message=message_of(finding),
            value=finding.value,
            score=finding.score,
            threshold=finding.threshold,
            evidence=dict(finding.evidence),
            raised_at=finding.time,
            last_seen_at=finding.time,
        )
        self._work.session.add(alert)
        self._open[finding.key] = alert
        return alert_fact(facts.RAISED, alert, finding.metric, finding.unit)


def _key(alert: Alert) -> AlertKey:
    return AlertKey(alert.machine_id, alert.metric_id, alert.agent_id, alert.rule_id, alert.cause)


def _describe(alert: Alert, finding: FindingFact) -> None:
    alert.value, alert.score, alert.threshold = finding.value, finding.score, finding.threshold
    alert.message, alert.evidence = message_of(finding), dict(finding.evidence)


def _changes_severity(alert: Alert, finding: FindingFact) -> bool:
    if finding.key.rule_id is not None:
        return finding.severity.value != alert.severity
    return life_cycle.is_worse(finding.severity, alert.severity)


def _change_severity(alert: Alert, finding: FindingFact) -> list[Fact]:
    if not _changes_severity(alert, finding):
        return []
    old = alert.severity
    if life_cycle.is_worse(finding.severity, old):
        life_cycle.raise_severity(alert, finding.severity.value)
        return [alert_fact(facts.SEVERITY_RAISED, alert, finding.metric, finding.unit, old_severity=old)]
    life_cycle.lower_severity(alert, finding.severity.value)
    return [alert_fact(facts.SEVERITY_LOWERED, alert, finding.metric, finding.unit, old_severity=old)]
