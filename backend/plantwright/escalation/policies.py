"""Making, changing and deleting policies, and what a change does to the escalations that run by them.

Lock order: the list of policies when one is added, then the policy, then its escalations, then the head of the journal.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from plantwright.core.clock import utc_now
from plantwright.core.database import UnitOfWork
from plantwright.core.errors import Conflict, NotFound
from plantwright.escalation import facts, repository
from plantwright.escalation.chain import Chain, Position, position_in, wait_before
from plantwright.escalation.models import Escalation, EscalationPolicy, EscalationReason, EscalationState
from plantwright.escalation.policy import PolicyDraft, Selectors, Step, checked
from plantwright.escalation.targets import require_targets
from plantwright.journal.service import Journal

MOST_POLICIES: Final = 50
POLICY_NOT_FOUND: Final = "Escalation policy not found."
_LIST: Final = "escalation_policies"


async def create(work: UnitOfWork, journal: Journal, actor_id: UUID, draft: PolicyDraft) -> EscalationPolicy:
    """It is for alerts that are raised from now on.

    Raises:
        ValidationFailed: something breaks a rule.
        NotFound: a machine, channel, user or rotation is not of this tenant.
        Conflict: the tenant has as many policies as it may have.
    """
    draft = checked(draft)
    await require_targets(work, draft)
    await repository.lock_list(work, _LIST)
    if await repository.count_policies(work) >= MOST_POLICIES:
        raise Conflict(f"There are {MOST_POLICIES} escalation policies already. Delete one that is not needed.")
    policy = EscalationPolicy(tenant_id=work.tenant_id, **_columns(draft))
    work.session.add(policy)
    await journal.append(work, facts.policy_fact(facts.POLICY_CREATED, policy, actor_id))
    return policy


async def update(
    work: UnitOfWork,
    journal: Journal,
    actor_id: UUID,
    policy_id: UUID,
    changes: Mapping[str, Any],
    *,
    expected_version: int | None = None,
) -> EscalationPolicy:
    """Change the named fields of `PolicyDraft`; docs/escalation.md says what becomes of what runs.

    Raises:
        ValidationFailed: something breaks a rule.
        NotFound: no such policy, or a machine, channel, user or rotation is not of this tenant.
        Conflict: it has changed since `expected_version`.
    """
    policy = await _require(work, policy_id)
    if expected_version not in {None, policy.version}:
        raise Conflict("Somebody has changed this policy meanwhile. Load it again.", ["expectedVersion"])
    before = draft_of(policy)
    draft = checked(msgspec.structs.replace(before, **changes))
    if draft == before:
        return policy
    await require_targets(work, draft, known=before)
    now = utc_now()
    for name, value in _columns(draft).items():
        setattr(policy, name, value)
    policy.version, policy.updated_at = policy.version + 1, now
    running = await repository.lock_of_policy(work, policy_id)
    for escalation in running:
        _follow(escalation, policy, now)
    work.session.add_all([policy, *running])
    await journal.append(work, facts.policy_fact(facts.POLICY_UPDATED, policy, actor_id, running=len(running)))
    return policy


async def delete(work: UnitOfWork, journal: Journal, actor_id: UUID, policy_id: UUID) -> None:
    """What runs by it ends with it.

    Raises:
        NotFound: no such policy in this tenant.
    """
    policy = await _require(work, policy_id)
    running = await repository.lock_of_policy(work, policy_id)
    work.session.expunge(policy)
    await repository.delete_policy(work, policy_id)
    await journal.append(work, facts.policy_fact(facts.POLICY_DELETED, policy, actor_id, running=len(running)))


def steps_of(policy: EscalationPolicy) -> tuple[Step, ...]:
    return msgspec.convert(policy.steps, tuple[Step, ...])


def chain_of(policy: EscalationPolicy) -> Chain:
    return Chain(steps_of(policy), policy.rounds, policy.repeat_after_minutes)


def selectors_of(policy: EscalationPolicy) -> Selectors:
    return Selectors(policy.severities, policy.sites, policy.machine_ids)


def draft_of(policy: EscalationPolicy) -> PolicyDraft:
    return msgspec.convert(policy, PolicyDraft, from_attributes=True)


def _columns(draft: PolicyDraft) -> dict[str, Any]:
    return {
        **msgspec.structs.asdict(draft),
        "steps": msgspec.to_builtins(draft.steps),
        "severities": [severity.value for severity in draft.severities],
        "sites": list(draft.sites),
        "machine_ids": list(draft.machine_ids),
    }


def _follow(escalation: Escalation, policy: EscalationPolicy, now: datetime) -> None:
    """The place in the chain stays; the wait is that of the new chain, and never over before now."""
    chain = chain_of(policy)
    position = position_in(chain, Position(escalation.step, escalation.round))
    if not policy.is_active:
        escalation.end(EscalationReason.POLICY_SWITCHED_OFF, now)
    elif position is None:
        escalation.end(EscalationReason.COMPLETED, now)
    elif escalation.state == EscalationState.RUNNING:
        escalation.step, escalation.round = position
        escalation.due_at = max(now, escalation.waiting_since + wait_before(chain, position))


async def _require(work: UnitOfWork, policy_id: UUID) -> EscalationPolicy:
    policy = await repository.get_policy(work, policy_id, lock=True)
    if policy is None:
        raise NotFound(POLICY_NOT_FOUND, ["id"])
    return policy
