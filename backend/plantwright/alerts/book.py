"""The alerts that a batch of findings touches, and what each finding does to them.

Rules, with their reasons in docs/alerts.md:
1. One alert is open per key: a cause or rule on a machine or its metric, or a cause with an agent or a source; a second
   start of the same finding is a repeat of it.
2. An alert clears as soon as its finding ends: the detector has waited out its own clearing delay by then.
3. What starts again within `REOPEN_WITHIN` after it cleared is the same alert, so a chattering signal is one line.
4. An acknowledgement outlives repeats; a rise of the severity takes it back.
5. Only a rule lowers the severity of its alert; that of a detector's alert is the worst that was seen.
6. What suppresses an alert is found when it becomes active; it is raised all the same, and says so.
7. A shelf ends when its alert gets worse than what was shelved, and a one-shot shelf when it clears.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from plantwright.alerts import facts, life_cycle, repository
from plantwright.alerts.facts import About, alert_fact
from plantwright.alerts.findings import AlertKey, FindingAction, FindingFact
from plantwright.alerts.insight.surroundings import Surroundings, look_around
from plantwright.alerts.load import nuisance
from plantwright.alerts.load.models import Transition
from plantwright.alerts.messages import message_of
from plantwright.alerts.models import Alert
from plantwright.alerts.suppression.axis import is_suppressed
from plantwright.alerts.suppression.repository import lock_tenant
from plantwright.alerts.suppression.shelf_book import ShelfBook
from plantwright.core.database import UnitOfWork
from plantwright.journal.service import Fact

REOPEN_WITHIN = timedelta(minutes=10)


class AlertBook:
    def __init__(
        self, work: UnitOfWork, open_alerts: Sequence[Alert], cleared: Sequence[Alert], around: Surroundings
    ) -> None:
        self._work = work
        self._open = {key_of(alert): alert for alert in open_alerts}
        self._cleared = {key_of(alert): alert for alert in cleared}
        self._around = around
        self._transitions: list[Transition] = []
        self._shelves = ShelfBook(work, around.shelves)

    @classmethod
    async def load(cls, work: UnitOfWork, findings: Sequence[FindingFact]) -> "AlertBook":
        """A few reads for the open alerts; some more if something new starts, or starts again."""
        await lock_tenant(work)
        open_alerts = await repository.lock_open(work, {finding.key for finding in findings})
        is_open = {key_of(alert) for alert in open_alerts}
        ending = {finding.key for finding in findings if finding.action is FindingAction.ENDED}
        starting = [
            f for f in findings if f.action is FindingAction.STARTED and (f.key not in is_open or f.key in ending)
        ]
        cleared: Sequence[Alert] = ()
        if starting:
            since = min(finding.time for finding in starting) - REOPEN_WITHIN
            cleared = await repository.lock_cleared_since(work, {finding.key for finding in starting}, since)
        return cls(work, open_alerts, cleared, await look_around(work, starting, open_alerts))

    def take(self, finding: FindingFact) -> list[Fact]:
        """Do what the finding says; returns what to journal."""
        match finding.action:
            case FindingAction.STARTED:
                return self._started(finding)
            case FindingAction.CONTINUED:
                return self._continued(finding)
            case FindingAction.ENDED:
                return self._ended(finding)

    async def finish(self) -> list[Fact]:
        """Write what goes beyond the alerts themselves; returns what to journal after all else."""
        await self._work.session.flush()
        self._work.session.add_all([*self._transitions, *self._around.floods.begun])
        return await self._shelves.finish(self._around.groups.overtaken)

    def _started(self, finding: FindingFact) -> list[Fact]:
        alert = self._open.get(finding.key) or self._reopenable(finding)
        if alert is None:
            return self._raise(finding)
        was_active = alert.cleared_at is None
        self._open[finding.key] = alert
        self._cleared.pop(finding.key, None)
        life_cycle.repeat(alert, finding.time)
        _describe(alert, finding)
        told = [] if was_active else self._activate(alert, finding)
        told.append(alert_fact(facts.REPEATED, alert, self._about(alert, finding)))
        return [*told, *self._change_severity(alert, finding)]

    def _continued(self, finding: FindingFact) -> list[Fact]:
        alert = self._open.get(finding.key)
        if alert is None:
            return []
        life_cycle.see(alert, finding.time)
        if not _changes_severity(alert, finding):
            return []
        _describe(alert, finding)
        return self._change_severity(alert, finding)

    def _ended(self, finding: FindingFact) -> list[Fact]:
        alert = self._open.pop(finding.key, None)
        if alert is None:
            return []
        if finding.last_violation is not None:
            life_cycle.see(alert, finding.last_violation)
        life_cycle.clear(alert, finding.time)
        self._cleared[finding.key] = alert
        nuisance.note_clearing(alert, finding.time)
        self._note_change(alert, finding, is_activation=False)
        alert.design_reasons, alert.out_of_service_id = [], None
        about = self._about(alert, finding)
        self._shelves.cleared(alert, about)
        return [alert_fact(facts.CLEARED, alert, about)]

    def _reopenable(self, finding: FindingFact) -> Alert | None:
        alert = self._cleared.get(finding.key)
        if alert is None or alert.cleared_at is None:
            return None
        is_near = alert.raised_at - REOPEN_WITHIN <= finding.time <= alert.cleared_at + REOPEN_WITHIN
        return alert if is_near else None

    def _raise(self, finding: FindingFact) -> list[Fact]:
        alert = Alert(
            tenant_id=self._work.tenant_id,
            **finding.key._asdict(),
            site=self._around.site_of(finding),
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
        told = self._activate(alert, finding)
        self._around.groups.place(alert, is_flood=self._around.floods.is_flood(alert.site))
        details: dict[str, Any] = {"is_late": True} if finding.is_late else {}
        return [*told, alert_fact(facts.RAISED, alert, self._about(alert, finding), **details)]

    def _activate(self, alert: Alert, finding: FindingFact) -> list[Fact]:
        """Returns what to journal before the alert: a flood that it begins, or that was over."""
        self._around.mark(alert, finding)
        self._shelves.activated(alert, self._around.shelf_for(finding.key), self._about(alert, finding))
        self._note_change(alert, finding, is_activation=True)
        return [] if is_suppressed(alert) else self._around.floods.count(alert.site, finding.time)

    def _note_change(self, alert: Alert, finding: FindingFact, *, is_activation: bool) -> None:
        nuisance.note_change(alert, finding.time)
        self._transitions.append(
            Transition(
                tenant_id=alert.tenant_id,
                alert_id=alert.id,
                site=alert.site,
                severity=alert.severity,
                is_activation=is_activation,
                is_suppressed=is_suppressed(alert),
                at=finding.time,
            )
        )

    def _change_severity(self, alert: Alert, finding: FindingFact) -> list[Fact]:
        if not _changes_severity(alert, finding):
            return []
        old, about = alert.severity, self._about(alert, finding)
        if not life_cycle.is_worse(finding.severity, old):
            life_cycle.lower_severity(alert, finding.severity.value)
            return [alert_fact(facts.SEVERITY_LOWERED, alert, about, old_severity=old)]
        life_cycle.raise_severity(alert, finding.severity.value)
        self._shelves.rose(alert, about)
        return [alert_fact(facts.SEVERITY_RAISED, alert, about, old_severity=old)]

    def _about(self, alert: Alert, finding: FindingFact) -> About:
        return About(finding.metric, finding.unit, self._around.floods.is_flood(alert.site))


def key_of(alert: Alert) -> AlertKey:
    return AlertKey(**{name: getattr(alert, name) for name in AlertKey._fields})


def _describe(alert: Alert, finding: FindingFact) -> None:
    alert.value, alert.score, alert.threshold = finding.value, finding.score, finding.threshold
    alert.message, alert.evidence = message_of(finding), dict(finding.evidence)


def _changes_severity(alert: Alert, finding: FindingFact) -> bool:
    if finding.key.rule_id is not None:
        return finding.severity.value != alert.severity
    return life_cycle.is_worse(finding.severity, alert.severity)
