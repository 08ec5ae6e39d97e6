"""Policies as the API shows and takes them."""

from datetime import datetime
from typing import Any, Self

import strawberry

from plantwright.alerts.models import Severity
from plantwright.core.errors import ValidationFailed
from plantwright.escalation import models
from plantwright.escalation.policies import steps_of
from plantwright.escalation.policy import PolicyDraft, Step
from plantwright.escalation.targets import (
    CHANNEL_NOT_FOUND,
    MACHINE_NOT_FOUND,
    ROTATION_NOT_FOUND,
    USER_NOT_FOUND,
    Targets,
)
from plantwright.graphql.context import require_id
from plantwright.graphql.escalation.targets import EscalationTarget, targets_of

SINGLE = "Of the form with a single step for a channel; null for any other."


@strawberry.type
class EscalationStep:
    wait_minutes: int = strawberry.field(description="From the step before, or from the alert.")
    targets: list[EscalationTarget]


@strawberry.type(description="Who is told when nobody takes care of an alert; see docs/escalation.md.")
class EscalationPolicy:
    id: strawberry.ID
    name: str
    severity: Severity | None = strawberry.field(description=SINGLE)
    wait_minutes: int | None = strawberry.field(description=SINGLE)
    channel_id: strawberry.ID | None = strawberry.field(description=SINGLE)
    severities: list[Severity] = strawberry.field(description="Empty: all.")
    sites: list[str] = strawberry.field(description="Locations of machines. Empty: everywhere.")
    machine_ids: list[strawberry.ID] = strawberry.field(description="Empty: all.")
    steps: list[EscalationStep]
    rounds: int = strawberry.field(description="How often the chain is gone through.")
    repeat_after_minutes: int = strawberry.field(description="From the last step of a round to the next round.")
    stops_on_clear: bool = strawberry.field(description="Whether it ends when the alert clears unacknowledged.")
    is_active: bool
    version: int = strawberry.field(description="Give it back as `expectedVersion` with a change.")
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, row: models.EscalationPolicy, there: Targets) -> Self:
        steps = steps_of(row)
        single = steps[0] if _is_single(row, steps) else None
        return cls(
            id=strawberry.ID(str(row.id)),
            name=row.name,
            severity=None if single is None else Severity(row.severities[0]),
            wait_minutes=None if single is None else single.wait_minutes,
            channel_id=None if single is None else strawberry.ID(str(single.channel_ids[0])),
            severities=[Severity(name) for name in row.severities],
            sites=row.sites,
            machine_ids=[strawberry.ID(str(one)) for one in row.machine_ids],
            steps=[EscalationStep(wait_minutes=one.wait_minutes, targets=targets_of(one, there)) for one in steps],
            rounds=row.rounds,
            repeat_after_minutes=row.repeat_after_minutes,
            stops_on_clear=row.stops_on_clear,
            is_active=row.is_active,
            version=row.version,
            created_at=row.created_at,
            updated_at=row.updated_at,
        )


@strawberry.input(description="Tells 1 to 20 channels, users and rotations.")
class EscalationStepInput:
    wait_minutes: int = strawberry.field(description="0 to 1,440.")
    channel_ids: list[strawberry.ID] = strawberry.field(default_factory=list)
    user_ids: list[strawberry.ID] = strawberry.field(default_factory=list)
    rotation_ids: list[strawberry.ID] = strawberry.field(default_factory=list)

    def to_domain(self, number: int) -> Step:
        path = f"steps.{number}"
        return Step(
            self.wait_minutes,
            tuple(require_id(one, CHANNEL_NOT_FOUND, f"{path}.channelIds") for one in self.channel_ids),
            tuple(require_id(one, USER_NOT_FOUND, f"{path}.userIds") for one in self.user_ids),
            tuple(require_id(one, ROTATION_NOT_FOUND, f"{path}.rotationIds") for one in self.rotation_ids),
        )


@strawberry.input(
    description="With `waitMinutes` and `channelId` a policy of a single step; else with `steps`, 1 to 10. Left-out "
    "selectors stand for everything."
)
class EscalationPolicyCreateInput:
    name: str = strawberry.field(description="1 to 100 characters.")
    severity: Severity | None = strawberry.field(default=None, description="Short for `severities` of one.")
    wait_minutes: int | None = strawberry.field(default=None, description="1 to 1,440.")
    channel_id: strawberry.ID | None = None
    severities: list[Severity] | None = None
    sites: list[str] | None = strawberry.field(default=None, description="Locations of machines.")
    machine_ids: list[strawberry.ID] | None = None
    steps: list[EscalationStepInput] | None = None
    rounds: int | None = strawberry.field(default=None, description="1 to 10; 1 unless given.")
    repeat_after_minutes: int | None = strawberry.field(default=None, description="1 to 1,440; 15 unless given.")
    stops_on_clear: bool | None = strawberry.field(default=None, description="True unless given.")
    is_active: bool | None = strawberry.field(default=None, description="True unless given.")

    def to_domain(self) -> PolicyDraft:
        changes = changes_of(self)
        if "steps" not in changes:
            raise ValidationFailed("Give steps, or waitMinutes and channelId.", ["steps"])
        return PolicyDraft(**changes)


@strawberry.input(description="Fields left out stay.")
class EscalationPolicyUpdateInput:
    id: strawberry.ID
    expected_version: int | None = strawberry.field(
        default=None, description="`version` as you saw it; given, another one is a conflict."
    )
    name: str | None = None
    severity: Severity | None = strawberry.field(default=None, description="Short for `severities` of one.")
    wait_minutes: int | None = strawberry.field(default=None, description="1 to 1,440; with `channelId`.")
    channel_id: strawberry.ID | None = None
    severities: list[Severity] | None = None
    sites: list[str] | None = None
    machine_ids: list[strawberry.ID] | None = None
    steps: list[EscalationStepInput] | None = None
    rounds: int | None = None
    repeat_after_minutes: int | None = None
    stops_on_clear: bool | None = None
    is_active: bool | None = None


@strawberry.input
class EscalationPolicyDeleteInput:
    id: strawberry.ID


def changes_of(given: EscalationPolicyCreateInput | EscalationPolicyUpdateInput) -> dict[str, Any]:
    """Fields of a draft that were given.

    Raises:
        ValidationFailed: both forms at once, or half of the one with a single step.
        NotFound: text that is no id.
    """
    plain = ("name", "rounds", "repeat_after_minutes", "stops_on_clear", "is_active")
    changes: dict[str, Any] = {name: getattr(given, name) for name in plain if getattr(given, name) is not None}
    if given.severities is not None:
        changes["severities"] = tuple(given.severities)
    elif given.severity is not None:
        changes["severities"] = (given.severity,)
    if given.sites is not None:
        changes["sites"] = tuple(given.sites)
    if given.machine_ids is not None:
        changes["machine_ids"] = tuple(require_id(one, MACHINE_NOT_FOUND, "machineIds") for one in given.machine_ids)
    if given.wait_minutes is not None or given.channel_id is not None:
        changes["steps"] = (_single_step(given),)
    elif given.steps is not None:
        changes["steps"] = tuple(step.to_domain(number) for number, step in enumerate(given.steps))
    return changes


def _single_step(given: EscalationPolicyCreateInput | EscalationPolicyUpdateInput) -> Step:
    if given.steps is not None:
        raise ValidationFailed("Give either steps, or waitMinutes and channelId.", ["steps"])
    if given.wait_minutes is None or given.wait_minutes < 1:
        raise ValidationFailed("waitMinutes must be 1 to 1,440.", ["waitMinutes"])
    if given.channel_id is None:
        raise ValidationFailed("channelId is missing: say whom to tell.", ["channelId"])
    return Step(given.wait_minutes, (require_id(given.channel_id, CHANNEL_NOT_FOUND, "channelId"),))


def _is_single(row: models.EscalationPolicy, steps: tuple[Step, ...]) -> bool:
    """Whether the form with one severity, wait and channel says all of it."""
    return (
        len(steps) == len(row.severities) == len(steps[0].channel_ids) == 1
        and not (row.sites or row.machine_ids or steps[0].user_ids or steps[0].rotation_ids)
        and row.rounds == 1
    )
