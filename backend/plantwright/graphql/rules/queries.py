"""Lists of rules, what is wrong with one, and what one would have done."""

from uuid import UUID

import strawberry

from plantwright.core.ids import parse_id
from plantwright.graphql.connection import cut_page, decode_cursor, encode_cursor, require_page
from plantwright.graphql.context import Info, filter_id
from plantwright.graphql.errors import NotFound, ValidationFailed, returns_errors
from plantwright.graphql.rules.inputs import AlertRuleInput
from plantwright.graphql.rules.mutations import shown
from plantwright.graphql.rules.trials import AlertRuleTrialInput, AlertRuleTrialResult, trial_of
from plantwright.graphql.rules.types import AlertRule, AlertRuleConnection, AlertRuleEdge, levels_of
from plantwright.graphql.selection import selects
from plantwright.rules import repository, service
from plantwright.rules.limits import MAX_COST, cost_of
from plantwright.rules.watching import watched_by


@strawberry.input(description="All given conditions hold.")
class AlertRuleFilter:
    machine_id: strawberry.ID | None = strawberry.field(default=None, description="Templates of its kind too.")
    is_enabled: bool | None = None
    search: str | None = strawberry.field(default=None, description="Part of the name.")

    def to_domain(self) -> repository.RuleFilter:
        return repository.RuleFilter(
            machine_id=filter_id(self.machine_id), is_enabled=self.is_enabled, search=self.search or ""
        )


@strawberry.type
class RuleProblem:
    path: list[str] = strawberry.field(description="Field concerned, outermost first.")
    message: str


@strawberry.type(description="What would be said to the rule if it were saved now.")
class AlertRuleCheck:
    problems: list[RuleProblem]
    words: list[str] = strawberry.field(description="Each level in plain words, in their order.")
    cost: int
    max_cost: int


@strawberry.type
class RulesQuery:
    @strawberry.field(description="Rules, by name.")
    async def alert_rules(
        self,
        info: Info,
        first: int = 50,
        after: str | None = None,
        filter: AlertRuleFilter | None = None,  # noqa: A002 - the API's word
    ) -> AlertRuleConnection:
        first = require_page(first)
        keys = decode_cursor(after, str, UUID)
        where = (filter or AlertRuleFilter()).to_domain()
        async with info.context.reading() as work:
            rows = await repository.page_by_name(work, where, (keys[0], keys[1]) if keys else None, first + 1)
            total = await repository.count(work, where) if selects(info, "totalCount") else 0
            watched = await watched_by(work, rows)
            states = await repository.states(work, [row.id for row in rows])
        page, page_info = cut_page(rows, first, lambda row: encode_cursor(row.name, row.id), after=after)
        edges = [
            AlertRuleEdge(
                cursor=cursor, node=AlertRule.of(row, watched[row.id], [one for one in states if one.rule_id == row.id])
            )
            for cursor, row in page
        ]
        return AlertRuleConnection(edges=edges, page_info=page_info, total_count=total)

    @strawberry.field(description="Null when there is no such rule in this tenant.")
    async def alert_rule(self, info: Info, id: strawberry.ID) -> AlertRule | None:  # noqa: A002 - the API's word
        rule_id = parse_id(id)
        async with info.context.reading() as work:
            row = await repository.get(work, rule_id) if rule_id else None
            return await shown(work, row) if row else None

    @strawberry.field(description="What is wrong with a rule that is not saved yet, and what it says in plain words.")
    async def alert_rule_check(self, info: Info, rule: AlertRuleInput) -> AlertRuleCheck:
        definition = service.with_keys(rule.to_domain().definition)
        async with info.context.reading() as work:
            problems = await service.check(work, definition)
        return AlertRuleCheck(
            problems=[RuleProblem(path=list(one.path), message=one.message) for one in problems],
            words=[level.words for level in levels_of(definition)],
            cost=cost_of(definition),
            max_cost=MAX_COST,
        )

    @strawberry.field(
        description="How often a rule, saved or not, would have fired on stored readings, when, and beside which "
        "alerts; at most 92 days, 2,000,000 readings, and of a template 10 machines."
    )
    @returns_errors(ValidationFailed, NotFound)
    async def alert_rule_trial(self, info: Info, input: AlertRuleTrialInput) -> AlertRuleTrialResult:  # noqa: A002
        return await trial_of(info, input)
