"""Rules as the API shows them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Self
from uuid import UUID

import strawberry
from strawberry.scalars import JSON

from plantwright.alerts.models import Severity
from plantwright.assets.models import MachineKind
from plantwright.graphql.assets.types import Machine
from plantwright.graphql.connection import PageInfo
from plantwright.graphql.context import Info
from plantwright.graphql.rules.inputs import to_input
from plantwright.rules import models
from plantwright.rules.definition import Definition, Leaf, OfMachine, Override, Schedule
from plantwright.rules.limits import MAX_COST, cost_of
from plantwright.rules.models import StoredState
from plantwright.rules.watching import Watched
from plantwright.rules.wording import words_of


@strawberry.type
class RuleLevel:
    severity: Severity
    condition: JSON = strawberry.field(description="In the form of `RuleConditionInput`.")
    words: str = strawberry.field(description="The condition in plain words.")


@strawberry.type
class RuleSchedule:
    time_zone: str
    days: list[int]
    from_: str = strawberry.field(name="from")
    to: str

    @classmethod
    def of(cls, schedule: Schedule) -> Self:
        start, end = (f"{minute // 60:02}:{minute % 60:02}" for minute in (schedule.start_minute, schedule.end_minute))
        return cls(time_zone=schedule.time_zone, days=list(schedule.days), from_=start, to=end)


@strawberry.type
class RuleNumbers:
    key: str
    threshold: float | None
    clear: float | None
    low: float | None
    high: float | None
    seconds: float | None
    for_seconds: float | None


@strawberry.type
class RuleOverride:
    machine_id: strawberry.ID
    is_enabled: bool
    numbers: list[RuleNumbers]

    @classmethod
    def of(cls, override: Override) -> Self:
        numbers = [
            RuleNumbers(**{name: getattr(one, name) for name in one.__struct_fields__}) for one in override.numbers
        ]
        return cls(machine_id=strawberry.ID(str(override.machine_id)), is_enabled=override.is_enabled, numbers=numbers)


@strawberry.type(description="Why the rule is not evaluated, on one machine or at all.")
class RuleTrouble:
    machine_id: strawberry.ID | None = strawberry.field(description="Null: the whole rule is broken.")
    reason: str

    @classmethod
    def all_of(cls, troubles: Iterable[tuple[UUID | None, str]]) -> list[Self]:
        return [
            cls(machine_id=None if machine_id is None else strawberry.ID(str(machine_id)), reason=reason)
            for machine_id, reason in troubles
        ]


@strawberry.type(description="A machine on which the rule holds right now.")
class RuleFiring:
    machine_id: strawberry.ID
    severity: Severity
    since: datetime


@strawberry.type(description="Conditions over metrics of one or several machines; docs/rules.md.")
class AlertRule:
    id: strawberry.ID
    name: str
    description: str
    is_enabled: bool
    machine_kind: MachineKind | None
    levels: list[RuleLevel]
    on_delay_seconds: float
    off_delay_seconds: float
    cooldown_seconds: float
    schedule: RuleSchedule | None
    overrides: list[RuleOverride]
    version: int
    cost: int = strawberry.field(description=f"Of one machine, in comparisons with a number; at most {MAX_COST}.")
    is_broken: bool = strawberry.field(description="It refers to what is gone, and is not evaluated anywhere.")
    troubles: list[RuleTrouble]
    watched_machines: int
    firing: list[RuleFiring]
    last_fired_at: datetime | None
    created_at: datetime
    updated_at: datetime
    row: strawberry.Private[models.AlertRule]

    @strawberry.field(description="The machine that is watched; null of a template, or when it is gone.")
    async def machine(self, info: Info) -> Machine | None:
        if self.row.machine_id is None:
            return None
        found = await info.context.loaders.machine.load(self.row.machine_id)
        return Machine.of(found) if found else None

    @classmethod
    def of(cls, row: models.AlertRule, watched: Watched, states: Sequence[StoredState]) -> Self:
        definition = row.content
        started = [state.last_started for state in states if state.last_started is not None]
        return cls(
            id=strawberry.ID(str(row.id)),
            name=row.name,
            description=row.description,
            is_enabled=row.is_enabled,
            machine_kind=MachineKind(row.machine_kind) if row.machine_kind else None,
            levels=levels_of(definition),
            on_delay_seconds=definition.on_delay_seconds,
            off_delay_seconds=definition.off_delay_seconds,
            cooldown_seconds=definition.cooldown_seconds,
            schedule=RuleSchedule.of(definition.schedule) if definition.schedule else None,
            overrides=[RuleOverride.of(one) for one in definition.overrides],
            version=row.version,
            cost=cost_of(definition),
            is_broken=not watched.watches and bool(watched.troubles),
            troubles=RuleTrouble.all_of(watched.troubles),
            watched_machines=len(watched.watches),
            firing=[
                RuleFiring(
                    machine_id=strawberry.ID(str(state.machine_id)),
                    severity=Severity(state.severity),
                    since=state.active_since,
                )
                for state in states
                if state.active_since is not None and state.severity is not None
            ],
            last_fired_at=max(started, default=None),
            created_at=row.created_at,
            updated_at=row.updated_at,
            row=row,
        )


def levels_of(definition: Definition) -> list[RuleLevel]:
    def naming(leaf: Leaf) -> tuple[str, str]:
        return ("the machine" if isinstance(leaf, OfMachine) else leaf.metric), ""

    return [
        RuleLevel(
            severity=Severity(level.severity.value),
            condition=JSON(to_input(level.condition)),
            words=words_of(level.condition, naming),
        )
        for level in definition.levels
    ]


@strawberry.type
class AlertRuleEdge:
    cursor: str
    node: AlertRule


@strawberry.type
class AlertRuleConnection:
    edges: list[AlertRuleEdge]
    page_info: PageInfo
    total_count: int = strawberry.field(description="Rules that pass the filter, on all pages.")

    @strawberry.field
    def nodes(self) -> list[AlertRule]:
        return [edge.node for edge in self.edges]
