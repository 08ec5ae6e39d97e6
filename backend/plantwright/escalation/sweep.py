"""Steps whose time has come: only the passing of time tells.

A step and the timer of the next one are one transaction with the row of the journal that tells it, so each is told
once, whatever ends the process. Lock order: escalations, alerts, the head of the journal.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from plantwright.alerts.about import about_many
from plantwright.alerts.facts import About, alert_fact
from plantwright.alerts.models import Alert
from plantwright.alerts.suppression.axis import suppression_of
from plantwright.core.database import UnitOfWork
from plantwright.escalation import quiet_repository, repository
from plantwright.escalation.chain import (
    LATE_AFTER,
    Chain,
    Position,
    lateness,
    next_position,
    position_in,
    wait_before,
    waiting_from,
)
from plantwright.escalation.delivery import Delivery, Surroundings, deliver
from plantwright.escalation.facts import ESCALATED
from plantwright.escalation.models import (
    Escalation,
    EscalationPolicy,
    EscalationReason,
    HeldNotice,
    RecipientKind,
)
from plantwright.escalation.policies import chain_of
from plantwright.escalation.policy import Step
from plantwright.escalation.quiet_settings import in_force
from plantwright.escalation.rotations import on_call_now
from plantwright.escalation.targets import load_targets
from plantwright.journal.service import Fact, Journal

# Bounds how long one transaction holds the tenant's journal; the rest follows at the next sweep.
_AT_ONCE: Final = 200


async def tell_due(work: UnitOfWork, journal: Journal, now: datetime) -> int:
    """Returns how many steps were told."""
    due = await repository.lock_due(work, now, _AT_ONCE)
    alerts = await repository.lock_alerts(work, {escalation.alert_id for escalation in due})
    policies = {policy.id: policy for policy in await repository.list_policies(work)}
    going_on = [one for one in due if _goes_on(one, alerts[one.alert_id], policies[one.policy_id], now)]
    teller = await _Teller.load(work, going_on, alerts, policies, now=now)
    facts = [teller.tell(escalation) for escalation in going_on]
    work.session.add_all([*due, *teller.notices])
    await journal.append(work, *facts)
    return len(facts)


def _goes_on(escalation: Escalation, alert: Alert, policy: EscalationPolicy, now: datetime) -> bool:
    """The consumer may not have come to what happened last to the alert; what it then finds is as it should be."""
    suppression = suppression_of(alert)
    if alert.acknowledged_at is not None:
        escalation.end(EscalationReason.ACKNOWLEDGED, now)
    elif alert.cleared_at is not None and policy.stops_on_clear:
        escalation.end(EscalationReason.CLEARED, now)
    elif suppression:
        escalation.pause(EscalationReason(suppression[0].value))
    elif position_in(chain_of(policy), Position(escalation.step, escalation.round)) is None:
        escalation.end(EscalationReason.COMPLETED, now)
    else:
        return True
    return False


@dataclass
class _Teller:
    """One moment at which steps are told."""

    alerts: Mapping[UUID, Alert]
    policies: Mapping[UUID, EscalationPolicy]
    about: Mapping[UUID, About]
    around: Surroundings
    now: datetime
    notices: list[HeldNotice] = field(default_factory=list)

    @classmethod
    async def load(
        cls,
        work: UnitOfWork,
        due: Sequence[Escalation],
        alerts: Mapping[UUID, Alert],
        policies: Mapping[UUID, EscalationPolicy],
        *,
        now: datetime,
    ) -> "_Teller":
        steps = [_step_of(chain_of(policies[one.policy_id]), one) for one in due]
        found = [alerts[one.alert_id] for one in due]
        return cls(alerts, policies, await about_many(work, found), await _look_around(work, steps, now), now)

    def tell(self, escalation: Escalation) -> Fact:
        """The fact of the step that is due; the escalation moves on to the next one."""
        alert, policy = self.alerts[escalation.alert_id], self.policies[escalation.policy_id]
        chain = chain_of(policy)
        is_flood = self.about[alert.id].is_flood
        delivery = deliver(_step_of(chain, escalation), alert.severity, self.around, self.now, is_flood=is_flood)
        self._hold(escalation, policy, delivery)
        fact = self._fact(escalation, alert, policy, delivery)
        _move_on(escalation, chain, self.now, has_reached=bool(delivery.told or delivery.held))
        return fact

    def _fact(self, escalation: Escalation, alert: Alert, policy: EscalationPolicy, delivery: Delivery) -> Fact:
        details = {
            "policy_id": policy.id,
            "policy": policy.name,
            "step": escalation.step,
            "round": escalation.round,
            "channel_ids": delivery.ids(RecipientKind.CHANNEL),
            "user_ids": delivery.ids(RecipientKind.USER),
            "held_channel_ids": delivery.held_ids(RecipientKind.CHANNEL),
            "held_user_ids": delivery.held_ids(RecipientKind.USER),
            "troubles": delivery.troubles,
            "due_at": escalation.due_at,
            "late_seconds": _late_seconds(escalation, self.now),
        }
        fact = alert_fact(ESCALATED, alert, self.about[alert.id])
        return replace(fact, payload={**fact.payload, **details})

    def _hold(self, escalation: Escalation, policy: EscalationPolicy, delivery: Delivery) -> None:
        self.notices += [
            HeldNotice(
                tenant_id=escalation.tenant_id,
                recipient_kind=held.recipient.kind.value,
                recipient_id=held.recipient.id,
                alert_id=escalation.alert_id,
                policy=policy.name,
                reason=held.reason.value,
                held_at=self.now,
                release_at=held.release_at,
            )
            for held in delivery.held
        ]


async def _look_around(work: UnitOfWork, steps: Sequence[Step], now: datetime) -> Surroundings:
    on_call = await on_call_now(work, [one for step in steps for one in step.rotation_ids], now)
    people = [user_id for user_id in on_call.values() if user_id is not None]
    targets = await load_targets(work, [*steps, Step(0, user_ids=tuple(people))])
    recipient_ids = [*targets.channels, *targets.users]
    quiet = await in_force(work, recipient_ids)
    return Surroundings(targets, on_call, quiet, await quiet_repository.flood_releases(work, recipient_ids))


def _step_of(chain: Chain, escalation: Escalation) -> Step:
    position = position_in(chain, Position(escalation.step, escalation.round))
    return chain.steps[0 if position is None else position.step - 1]


def _move_on(escalation: Escalation, chain: Chain, now: datetime, *, has_reached: bool) -> None:
    due_at = escalation.due_at or now
    told = Position(escalation.step, escalation.round)
    coming = next_position(chain, told)
    escalation.last_told_at = now
    if coming is None:
        escalation.end(EscalationReason.COMPLETED, now)
        return
    escalation.step, escalation.round = coming
    escalation.waiting_since = waiting_from(due_at, now)
    is_skipped = not has_reached and coming.round == told.round
    escalation.due_at = now if is_skipped else escalation.waiting_since + wait_before(chain, coming)


def _late_seconds(escalation: Escalation, now: datetime) -> int:
    late = lateness(escalation.due_at or now, now)
    return int(late.total_seconds()) if late >= LATE_AFTER else 0
