"""The escalations that a batch of alert facts touches, and what each fact does to them.

Rules, with their reasons in docs/escalation.md:
1. An alert that is active, not acknowledged and not suppressed runs along the chain of every policy that applies.
2. An acknowledgement ends all chains. A clear ends those that stop on it; when the alert comes back as the same one,
   they go on where they were, and the time in between counts.
3. A suppressed alert pauses. What announces it again, and a rise of its severity, starts the chains that apply to it
   now from their first step.
4. A fall of its severity ends the chains that no longer apply, and starts those that now do; the others go on.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from plantwright.alerts import facts
from plantwright.alerts.life_cycle import AlertState
from plantwright.core.database import UnitOfWork
from plantwright.escalation import repository
from plantwright.escalation.alert_facts import AlertFact
from plantwright.escalation.chain import FIRST, Position, wait_before
from plantwright.escalation.models import Escalation, EscalationPolicy, EscalationReason, EscalationState
from plantwright.escalation.policies import chain_of, selectors_of
from plantwright.escalation.policy import Subject, closeness

_ANNOUNCED_AGAIN = frozenset({facts.UNSHELVED, facts.UNSUPPRESSED, facts.RETURNED_TO_SERVICE})
_BEGINS = frozenset({facts.RAISED, facts.REPEATED})
_ACKNOWLEDGED = frozenset({AlertState.ACTIVE_ACKNOWLEDGED, AlertState.CLEARED})


class EscalationBook:
    def __init__(
        self,
        tenant_id: UUID,
        policies: Sequence[EscalationPolicy],
        escalations: Sequence[Escalation],
    ) -> None:
        self._tenant_id = tenant_id
        self._policies = {policy.id: policy for policy in policies}
        self._of_alert: dict[UUID, dict[UUID, Escalation]] = {}
        for escalation in escalations:
            self._of_alert.setdefault(escalation.alert_id, {})[escalation.policy_id] = escalation

    @classmethod
    async def load(cls, work: UnitOfWork, told: Sequence[AlertFact]) -> "EscalationBook":
        policies = await repository.list_policies(work, is_active=True)
        escalations = await repository.lock_of_alerts(work, {fact.alert_id for fact in told})
        return cls(work.tenant_id, policies, escalations)

    def escalations(self) -> list[Escalation]:
        """All of them, as they are now."""
        return [escalation for found in self._of_alert.values() for escalation in found.values()]

    def take(self, fact: AlertFact) -> None:
        """Do what the fact says."""
        running = self._of_alert.setdefault(fact.alert_id, {})
        if fact.state in _ACKNOWLEDGED:
            _end(running.values(), EscalationReason.ACKNOWLEDGED, fact.at)
        elif fact.state is AlertState.CLEARED_UNACKNOWLEDGED:
            _end(self._that_stop_on_clear(running), EscalationReason.CLEARED, fact.at)
        elif fact.suppression is not None:
            for escalation in running.values():
                escalation.pause(fact.suppression)
        elif fact.action == facts.SEVERITY_RAISED or fact.action in _ANNOUNCED_AGAIN:
            self._restart(fact, running)
        elif fact.action == facts.SEVERITY_LOWERED:
            self._lower(fact, running)
        elif fact.action in _BEGINS:
            self._begin(fact, running)

    def _that_stop_on_clear(self, running: Mapping[UUID, Escalation]) -> list[Escalation]:
        policies = self._policies
        return [one for key, one in running.items() if key not in policies or policies[key].stops_on_clear]

    def _restart(self, fact: AlertFact, running: dict[UUID, Escalation]) -> None:
        wanted = self._wanted(fact)
        _end([one for key, one in running.items() if key not in wanted], EscalationReason.SUPERSEDED, fact.at)
        for policy_id in wanted:
            self._start(fact, running, policy_id)

    def _lower(self, fact: AlertFact, running: dict[UUID, Escalation]) -> None:
        wanted = self._wanted(fact)
        _end([one for key, one in running.items() if key not in wanted], EscalationReason.SUPERSEDED, fact.at)
        for policy_id in wanted:
            if policy_id in running:
                running[policy_id].severity = fact.severity
            else:
                self._start(fact, running, policy_id)

    def _begin(self, fact: AlertFact, running: dict[UUID, Escalation]) -> None:
        if not running:
            for policy_id in self._wanted(fact):
                self._start(fact, running, policy_id)
        for policy_id, escalation in running.items():
            if escalation.reason == EscalationReason.CLEARED and policy_id in self._policies:
                self._resume(escalation, self._policies[policy_id], fact.at)

    def _resume(self, escalation: Escalation, policy: EscalationPolicy, at: datetime) -> None:
        wait = wait_before(chain_of(policy), Position(escalation.step, escalation.round))
        escalation.run(max(at, escalation.waiting_since + wait))

    def _start(self, fact: AlertFact, running: dict[UUID, Escalation], policy_id: UUID) -> None:
        due_at = fact.at + wait_before(chain_of(self._policies[policy_id]), FIRST)
        escalation = running.get(policy_id)
        if escalation is None:
            escalation = running[policy_id] = Escalation(
                tenant_id=self._tenant_id,
                alert_id=fact.alert_id,
                policy_id=policy_id,
                state=EscalationState.RUNNING.value,
                severity=fact.severity,
                step=FIRST.step,
                round=FIRST.round,
                started_at=fact.at,
                waiting_since=fact.at,
            )
        escalation.severity = fact.severity
        escalation.step, escalation.round = FIRST
        escalation.started_at = escalation.waiting_since = fact.at
        escalation.run(due_at)

    def _wanted(self, fact: AlertFact) -> list[UUID]:
        """The policies that are equally close and closest, as far as they were there when it happened."""
        subject = Subject(fact.severity, fact.machine_id, fact.site)
        found = {
            policy.id: how_close
            for policy in self._policies.values()
            if policy.created_at <= fact.at and (how_close := closeness(selectors_of(policy), subject)) is not None
        }
        return [policy_id for policy_id, how_close in found.items() if how_close == max(found.values())]


def _end(escalations: Iterable[Escalation], reason: EscalationReason, at: datetime) -> None:
    for escalation in escalations:
        escalation.end(reason, at)
