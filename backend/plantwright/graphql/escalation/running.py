"""Escalations of an alert as the API shows them: where they stand, and what comes next."""

from collections.abc import Sequence
from datetime import datetime
from itertools import islice
from typing import Self
from uuid import UUID

import strawberry

from plantwright.alerts.models import Severity
from plantwright.core.database import UnitOfWork
from plantwright.escalation import models, repository, rotations
from plantwright.escalation.chain import PlannedStep, Position, plan
from plantwright.escalation.models import EscalationReason, EscalationState
from plantwright.escalation.policies import chain_of
from plantwright.escalation.targets import Targets, load_targets
from plantwright.graphql.context import Info
from plantwright.graphql.escalation.targets import EscalationTarget, targets_of
from plantwright.graphql.identity.people import load_user
from plantwright.graphql.identity.types import User

MOST_UPCOMING = 10

strawberry.enum(EscalationState, description="Paused ones start again from the first step.")
strawberry.enum(EscalationReason, description="Why an escalation is paused or has ended.")


@strawberry.type(description="A step that will be told if nobody takes care.")
class UpcomingStep:
    step: int = strawberry.field(description="Counts from 1.")
    round: int = strawberry.field(description="Counts from 1.")
    due_at: datetime
    targets: list[EscalationTarget]
    on_call_ids: strawberry.Private[list[UUID | None]]

    @strawberry.field(description="Who will be on call then in the rotations that it tells.")
    async def on_call(self, info: Info) -> list[User]:
        found = [await load_user(info, user_id) for user_id in self.on_call_ids]
        return [user for user in found if user is not None]


@strawberry.type(description="An alert on its way along the chain of a policy.")
class Escalation:
    policy_id: strawberry.ID
    policy: str
    state: EscalationState
    reason: EscalationReason | None = strawberry.field(description="Null while it runs.")
    severity: Severity
    step: int = strawberry.field(description="The one that comes next, or came last when it has ended.")
    round: int
    started_at: datetime
    due_at: datetime | None = strawberry.field(description="When it goes on; null unless it runs.")
    last_told_at: datetime | None
    ended_at: datetime | None
    upcoming: list[UpcomingStep] = strawberry.field(description=f"The next {MOST_UPCOMING} steps.")

    @classmethod
    async def all_of(cls, work: UnitOfWork, alert_id: UUID) -> list[Self]:
        found = await repository.of_alert(work, alert_id)
        targets = await load_targets(work, [step for _, policy in found for step in chain_of(policy).steps])
        planned = [_plan(escalation, policy) for escalation, policy in found]
        on_call = await rotations.on_call_at_times(
            work,
            [
                (rotation_id, one.due_at)
                for (_, policy), steps in zip(found, planned, strict=True)
                for one in steps
                for rotation_id in chain_of(policy).steps[one.position.step - 1].rotation_ids
            ],
        )
        return [
            cls.of(escalation, policy, _upcoming(policy, steps, targets, on_call))
            for (escalation, policy), steps in zip(found, planned, strict=True)
        ]

    @classmethod
    def of(cls, row: models.Escalation, policy: models.EscalationPolicy, upcoming: list[UpcomingStep]) -> Self:
        return cls(
            policy_id=strawberry.ID(str(row.policy_id)),
            policy=policy.name,
            state=EscalationState(row.state),
            reason=None if row.reason is None else EscalationReason(row.reason),
            severity=Severity(row.severity),
            step=row.step,
            round=row.round,
            started_at=row.started_at,
            due_at=row.due_at,
            last_told_at=row.last_told_at,
            ended_at=row.ended_at,
            upcoming=upcoming,
        )


def _plan(row: models.Escalation, policy: models.EscalationPolicy) -> list[PlannedStep]:
    if row.due_at is None:
        return []
    return list(islice(plan(chain_of(policy), Position(row.step, row.round), row.due_at), MOST_UPCOMING))


def _upcoming(
    policy: models.EscalationPolicy,
    steps: Sequence[PlannedStep],
    targets: Targets,
    on_call: dict[tuple[UUID, datetime], UUID | None],
) -> list[UpcomingStep]:
    shown = []
    for one in steps:
        step = chain_of(policy).steps[one.position.step - 1]
        shown.append(
            UpcomingStep(
                step=one.position.step,
                round=one.position.round,
                due_at=one.due_at,
                targets=targets_of(step, targets),
                on_call_ids=[on_call.get((rotation_id, one.due_at)) for rotation_id in step.rotation_ids],
            )
        )
    return shown
