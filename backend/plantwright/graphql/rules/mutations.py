"""Making, changing, switching and deleting rules."""

from typing import Annotated

import strawberry

from plantwright.core.database import UnitOfWork
from plantwright.graphql.context import Info, require_id
from plantwright.graphql.errors import Conflict, NotFound, PermissionDenied, ValidationFailed, returns_errors
from plantwright.graphql.rules.inputs import AlertRuleInput
from plantwright.graphql.rules.types import AlertRule
from plantwright.identity.models import Role
from plantwright.rules import models, repository, service
from plantwright.rules.watching import watched_by


async def shown(work: UnitOfWork, row: models.AlertRule) -> AlertRule:
    watched = await watched_by(work, [row])
    return AlertRule.of(row, watched[row.id], await repository.states(work, [row.id]))


@strawberry.input
class AlertRuleCreateInput:
    rule: AlertRuleInput


@strawberry.input(description="The whole rule; what is left out is as in a new one.")
class AlertRuleUpdateInput:
    id: strawberry.ID
    expected_version: int
    rule: AlertRuleInput


@strawberry.input
class AlertRuleSetEnabledInput:
    id: strawberry.ID
    is_enabled: bool


@strawberry.input
class AlertRuleDeleteInput:
    id: strawberry.ID


@strawberry.type
class AlertRuleCreateSuccess:
    rule: AlertRule


@strawberry.type
class AlertRuleUpdateSuccess:
    rule: AlertRule


@strawberry.type
class AlertRuleSetEnabledSuccess:
    rule: AlertRule


@strawberry.type(description="Alerts that it raised stay; those that are open clear.")
class AlertRuleDeleteSuccess:
    id: strawberry.ID


AlertRuleCreateResult = Annotated[
    AlertRuleCreateSuccess | ValidationFailed | PermissionDenied | NotFound | Conflict,
    strawberry.union("AlertRuleCreateResult"),
]
AlertRuleUpdateResult = Annotated[
    AlertRuleUpdateSuccess | ValidationFailed | PermissionDenied | NotFound | Conflict,
    strawberry.union("AlertRuleUpdateResult"),
]
AlertRuleSetEnabledResult = Annotated[
    AlertRuleSetEnabledSuccess | PermissionDenied | NotFound, strawberry.union("AlertRuleSetEnabledResult")
]
AlertRuleDeleteResult = Annotated[
    AlertRuleDeleteSuccess | PermissionDenied | NotFound, strawberry.union("AlertRuleDeleteResult")
]


@strawberry.type
class RulesMutation:
    @strawberry.mutation(description="Make a rule. Admins only.")
    @returns_errors(ValidationFailed, PermissionDenied, NotFound, Conflict)
    async def alert_rule_create(self, info: Info, input: AlertRuleCreateInput) -> AlertRuleCreateResult:  # noqa: A002
        principal = info.context.require(Role.ADMIN)
        draft = input.rule.to_domain()
        async with info.context.writing() as work:
            row = await service.create(work, info.context.services.journal, principal.user_id, draft)
            return AlertRuleCreateSuccess(rule=await shown(work, row))

    @strawberry.mutation(description="Replace a rule; it forgets what it knew, and its open episodes end. Admins only.")
    @returns_errors(ValidationFailed, PermissionDenied, NotFound, Conflict)
    async def alert_rule_update(self, info: Info, input: AlertRuleUpdateInput) -> AlertRuleUpdateResult:  # noqa: A002
        principal = info.context.require(Role.ADMIN)
        rule_id = require_id(input.id, service.RULE_NOT_FOUND, "id")
        draft = input.rule.to_domain()
        async with info.context.writing() as work:
            row = await service.update(
                work,
                info.context.services.journal,
                principal.user_id,
                rule_id,
                draft,
                expected_version=input.expected_version,
            )
            return AlertRuleUpdateSuccess(rule=await shown(work, row))

    @strawberry.mutation(description="Switch a rule on or off. Admins only.")
    @returns_errors(PermissionDenied, NotFound)
    async def alert_rule_set_enabled(self, info: Info, input: AlertRuleSetEnabledInput) -> AlertRuleSetEnabledResult:  # noqa: A002
        principal = info.context.require(Role.ADMIN)
        rule_id = require_id(input.id, service.RULE_NOT_FOUND, "id")
        async with info.context.writing() as work:
            row = await service.set_enabled(
                work, info.context.services.journal, principal.user_id, rule_id, is_enabled=input.is_enabled
            )
            return AlertRuleSetEnabledSuccess(rule=await shown(work, row))

    @strawberry.mutation(description="Delete a rule for good. Admins only.")
    @returns_errors(PermissionDenied, NotFound)
    async def alert_rule_delete(self, info: Info, input: AlertRuleDeleteInput) -> AlertRuleDeleteResult:  # noqa: A002
        principal = info.context.require(Role.ADMIN)
        rule_id = require_id(input.id, service.RULE_NOT_FOUND, "id")
        async with info.context.writing() as work:
            await service.delete(work, info.context.services.journal, principal.user_id, rule_id)
        return AlertRuleDeleteSuccess(id=input.id)
