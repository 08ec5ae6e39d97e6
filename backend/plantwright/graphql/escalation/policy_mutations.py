"""Making, changing and deleting policies."""

from typing import Annotated

import strawberry

from plantwright.escalation import policies as service
from plantwright.escalation.policies import POLICY_NOT_FOUND, steps_of
from plantwright.escalation.targets import load_targets
from plantwright.graphql.context import Info, require_id
from plantwright.graphql.errors import Conflict, NotFound, PermissionDenied, ValidationFailed, returns_errors
from plantwright.graphql.escalation.policies import (
    EscalationPolicy,
    EscalationPolicyCreateInput,
    EscalationPolicyDeleteInput,
    EscalationPolicyUpdateInput,
    changes_of,
)
from plantwright.identity.models import Role


@strawberry.type
class EscalationPolicyCreateSuccess:
    policy: EscalationPolicy


@strawberry.type
class EscalationPolicyUpdateSuccess:
    policy: EscalationPolicy


@strawberry.type(description="What ran by it has ended.")
class EscalationPolicyDeleteSuccess:
    id: strawberry.ID


EscalationPolicyCreateResult = Annotated[
    EscalationPolicyCreateSuccess | ValidationFailed | PermissionDenied | NotFound | Conflict,
    strawberry.union("EscalationPolicyCreateResult"),
]
EscalationPolicyUpdateResult = Annotated[
    EscalationPolicyUpdateSuccess | ValidationFailed | PermissionDenied | NotFound | Conflict,
    strawberry.union("EscalationPolicyUpdateResult"),
]
EscalationPolicyDeleteResult = Annotated[
    EscalationPolicyDeleteSuccess | PermissionDenied | NotFound, strawberry.union("EscalationPolicyDeleteResult")
]


@strawberry.type
class EscalationPolicyMutation:
    @strawberry.mutation(description="For alerts that are raised from now on. Admins only.")
    @returns_errors(ValidationFailed, PermissionDenied, NotFound, Conflict)
    async def escalation_policy_create(
        self,
        info: Info,
        input: EscalationPolicyCreateInput,  # noqa: A002
    ) -> EscalationPolicyCreateResult:
        principal = info.context.require(Role.ADMIN)
        async with info.context.writing() as work:
            row = await service.create(work, info.context.services.journal, principal.user_id, input.to_domain())
            there = await load_targets(work, steps_of(row))
        return EscalationPolicyCreateSuccess(policy=EscalationPolicy.of(row, there))

    @strawberry.mutation(description="What runs by it keeps its place in the chain. Admins only.")
    @returns_errors(ValidationFailed, PermissionDenied, NotFound, Conflict)
    async def escalation_policy_update(
        self,
        info: Info,
        input: EscalationPolicyUpdateInput,  # noqa: A002
    ) -> EscalationPolicyUpdateResult:
        principal = info.context.require(Role.ADMIN)
        policy_id = require_id(input.id, POLICY_NOT_FOUND, "id")
        async with info.context.writing() as work:
            row = await service.update(
                work,
                info.context.services.journal,
                principal.user_id,
                policy_id,
                changes_of(input),
                expected_version=input.expected_version,
            )
            there = await load_targets(work, steps_of(row))
        return EscalationPolicyUpdateSuccess(policy=EscalationPolicy.of(row, there))

    @strawberry.mutation(description="What runs by it ends. Admins only.")
    @returns_errors(PermissionDenied, NotFound)
    async def escalation_policy_delete(
        self,
        info: Info,
        input: EscalationPolicyDeleteInput,  # noqa: A002
    ) -> EscalationPolicyDeleteResult:
        principal = info.context.require(Role.ADMIN)
        policy_id = require_id(input.id, POLICY_NOT_FOUND, "id")
        async with info.context.writing() as work:
            await service.delete(work, info.context.services.journal, principal.user_id, policy_id)
        return EscalationPolicyDeleteSuccess(id=input.id)
