"""Whom a step tells, as the API shows it."""

from enum import StrEnum
from typing import Self
from uuid import UUID

import strawberry

from plantwright.escalation.policy import Step
from plantwright.escalation.targets import Targets, trouble_of


@strawberry.enum
class EscalationTargetKind(StrEnum):
    CHANNEL = "channel"
    USER = "user"
    ROTATION = "rotation"


@strawberry.type(description="A channel, a user or a rotation that a step tells.")
class EscalationTarget:
    kind: EscalationTargetKind
    id: strawberry.ID
    name: str | None = strawberry.field(description="Null when it has been deleted.")
    trouble: str | None = strawberry.field(description="Why it cannot be told; null when it can.")

    @classmethod
    def of(cls, kind: EscalationTargetKind, target_id: UUID, there: Targets) -> Self:
        return cls(
            kind=kind,
            id=strawberry.ID(str(target_id)),
            name=there.name_of(target_id),
            trouble=trouble_of(kind.value, target_id, there),
        )


def targets_of(step: Step, there: Targets) -> list[EscalationTarget]:
    return [
        *(EscalationTarget.of(EscalationTargetKind.CHANNEL, one, there) for one in step.channel_ids),
        *(EscalationTarget.of(EscalationTargetKind.USER, one, there) for one in step.user_ids),
        *(EscalationTarget.of(EscalationTargetKind.ROTATION, one, there) for one in step.rotation_ids),
    ]
