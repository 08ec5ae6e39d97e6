"""Policies, rotations, quiet hours, and the escalations of an alert."""

import strawberry

from plantwright.alerts import repository as alerts
from plantwright.core.ids import parse_id
from plantwright.escalation import on_call_repository, repository
from plantwright.escalation.policies import steps_of
from plantwright.escalation.targets import load_targets
from plantwright.graphql.context import Info
from plantwright.graphql.escalation.policies import EscalationPolicy
from plantwright.graphql.escalation.quiet_hours import QuietHoursSettings
from plantwright.graphql.escalation.rotations import OnCallRotation
from plantwright.graphql.escalation.running import Escalation


@strawberry.type
class EscalationQuery:
    @strawberry.field(description="All, at most 50, by name.")
    async def escalation_policies(self, info: Info) -> list[EscalationPolicy]:
        async with info.context.reading() as work:
            rows = await repository.list_policies(work)
            there = await load_targets(work, [step for row in rows for step in steps_of(row)])
        return [EscalationPolicy.of(row, there) for row in rows]

    @strawberry.field(description="Null when there is no such policy in this tenant.")
    async def escalation_policy(self, info: Info, id: strawberry.ID) -> EscalationPolicy | None:  # noqa: A002
        policy_id = parse_id(id)
        async with info.context.reading() as work:
            row = None if policy_id is None else await repository.get_policy(work, policy_id)
            if row is None:
                return None
            return EscalationPolicy.of(row, await load_targets(work, steps_of(row)))

    @strawberry.field(description="What became of an alert and what comes next; null when there is no such alert.")
    async def escalations(self, info: Info, alert_id: strawberry.ID) -> list[Escalation] | None:
        parsed = parse_id(alert_id)
        async with info.context.reading() as work:
            if parsed is None or await alerts.get(work, parsed) is None:
                return None
            return await Escalation.all_of(work, parsed)

    @strawberry.field(description="All, at most 50, by name.")
    async def on_call_rotations(self, info: Info) -> list[OnCallRotation]:
        async with info.context.reading() as work:
            return await OnCallRotation.all_of(work, await on_call_repository.list_rotations(work))

    @strawberry.field(description="Null when there is no such rotation in this tenant.")
    async def on_call_rotation(self, info: Info, id: strawberry.ID) -> OnCallRotation | None:  # noqa: A002
        rotation_id = parse_id(id)
        async with info.context.reading() as work:
            row = None if rotation_id is None else await on_call_repository.get_rotation(work, rotation_id)
            return None if row is None else (await OnCallRotation.all_of(work, [row]))[0]

    @strawberry.field(description="Of the tenant, of its channels, and of the person who asks.")
    async def quiet_hours(self, info: Info) -> QuietHoursSettings:
        async with info.context.reading() as work:
            return await QuietHoursSettings.load(work, info.context.principal)
