"""Making, changing and deleting rules.

Lock order: the tenant's rules, then the head of the journal. With every change a version of the rule ends, and an
episode that was open ends with it: what comes after is another rule.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from plantwright.assets import repository as assets
from plantwright.assets.models import MachineKind
from plantwright.core.clock import utc_now
from plantwright.core.database import UnitOfWork
from plantwright.core.errors import Conflict, NotFound, ValidationFailed
from plantwright.core.text import bounded_text
from plantwright.journal.service import Fact, Journal
from plantwright.rules import facts, following, limits, repository, version_repository
from plantwright.rules.checking import Problem, problems_of
from plantwright.rules.definition import AllOf, AnyOf, Condition, Definition, OfMachine, leaves, walk
from plantwright.rules.models import AlertRule
from plantwright.rules.watching import machines_named

RULE_NOT_FOUND = "Rule not found."
MACHINE_NOT_FOUND = "Machine not found."
MAX_NAME = 200
MAX_DESCRIPTION = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    name: str
    description: str
    is_enabled: bool
    definition: Definition


async def check(work: UnitOfWork, definition: Definition) -> list[Problem]:
    """Everything that is wrong with it; what it names has to be there, metrics on machines that it names."""
    found = problems_of(definition)
    known = {one.id for one in await assets.get_machines(work, sorted(machines_named(definition)))}
    if definition.machine_id is not None and definition.machine_id not in known:
        found.append(Problem(("machineId",), MACHINE_NOT_FOUND))
    if definition.machine_kind is not None and definition.machine_kind not in set(MachineKind):
        found.append(Problem(("machineKind",), "There is no such kind of machines."))
    overridden = {one.id for one in await assets.get_machines(work, [one.machine_id for one in definition.overrides])}
    for index, one in enumerate(definition.overrides):
        if one.machine_id not in overridden:
            found.append(Problem(("overrides", str(index), "machineId"), MACHINE_NOT_FOUND))
    return [*found, *await _missing_metrics(work, definition, known)]


async def _missing_metrics(work: UnitOfWork, definition: Definition, known: set[UUID]) -> list[Problem]:
    wanted = [
        ((machine_id, leaf.metric), path)
        for leaf, path in leaves(definition)
        if not isinstance(leaf, OfMachine) and (machine_id := leaf.machine_id or definition.machine_id) is not None
    ]
    found = await repository.metrics_named(work, {name for name, _path in wanted if name[0] in known})
    there = {(metric.machine_id, metric.name) for metric in found}
    problems = [
        Problem((*path, "metric"), f"The machine has no metric {name[1]}.")
        for name, path in wanted
        if name[0] in known and name not in there and name[1].strip()
    ]
    gone = [
        Problem((*path, "machineId"), MACHINE_NOT_FOUND)
        for leaf, path in leaves(definition)
        if leaf.machine_id is not None and leaf.machine_id not in known
    ]
    return problems + gone


async def create(work: UnitOfWork, journal: Journal, actor_id: UUID, draft: Draft) -> AlertRule:
    """
    Raises:
        NotFound: it names a machine that this tenant does not have.
        ValidationFailed: something else is wrong with it; says what and where.
        Conflict: the tenant has as many rules as it may have.
    """
    _require_texts(draft)
    await repository.lock_rules(work)
    definition = await require_sound(work, draft)
    if await repository.count(work, repository.RuleFilter()) >= limits.MAX_RULES:
        raise Conflict(f"This tenant has {limits.MAX_RULES} rules already. Delete some that are of no use.", ["name"])
    now = utc_now()
    rule = AlertRule(
        tenant_id=work.tenant_id,
        **_columns(draft, definition),
        effective_at=now,
        created_by=actor_id,
        created_at=now,
        updated_at=now,
    )
    await _require_room(work, definition, None)
    work.session.add(rule)
    await _begin(work, rule)
    await repository.bump(work)
    await journal.append(work, facts.rule_fact(facts.CREATED, rule, actor_id, definition=_journaled(definition)))
    return rule


async def update(
    work: UnitOfWork, journal: Journal, actor_id: UUID, rule_id: UUID, draft: Draft, *, expected_version: int
) -> AlertRule:
    """
    Raises:
        NotFound: no such rule in this tenant, or it names a machine that this tenant does not have.
        ValidationFailed: something else is wrong with it; says what and where.
        Conflict: somebody has changed it meanwhile.
    """
    _require_texts(draft)
    await repository.lock_rules(work)
    rule = await _require(work, rule_id)
    if rule.version != expected_version:
        raise Conflict("Somebody has changed this rule meanwhile. Load it again.", ["expectedVersion"])
    definition = await require_sound(work, draft)
    await _require_room(work, definition, rule.id)
    now = utc_now()
    closing = await _end(work, rule, now, "Ended because the rule was changed")
    for name, value in _columns(draft, definition).items():
        setattr(rule, name, value)
    _touch(work, rule, now)
    await _begin(work, rule)
    await repository.bump(work)
    changed = facts.rule_fact(facts.UPDATED, rule, actor_id, definition=_journaled(definition))
    await journal.append(work, changed, *closing)
    return rule


async def set_enabled(
    work: UnitOfWork, journal: Journal, actor_id: UUID, rule_id: UUID, *, is_enabled: bool
) -> AlertRule:
    """
    Raises:
        NotFound: no such rule in this tenant.
    """
    await repository.lock_rules(work)
    rule = await _require(work, rule_id)
    if rule.is_enabled == is_enabled:
        return rule
    now = utc_now()
    closing = await _end(work, rule, now, "Ended because the rule was switched off")
    rule.is_enabled = is_enabled
    _touch(work, rule, now)
    await _begin(work, rule)
    await repository.bump(work)
    action = facts.ENABLED if is_enabled else facts.DISABLED
    await journal.append(work, facts.rule_fact(action, rule, actor_id), *closing)
    return rule


async def delete(work: UnitOfWork, journal: Journal, actor_id: UUID, rule_id: UUID) -> None:
    """
    Raises:
        NotFound: no such rule in this tenant.
    """
    await repository.lock_rules(work)
    rule = await _require(work, rule_id)
    closing = await _end(work, rule, utc_now(), "Ended because the rule was deleted")
    fact = facts.rule_fact(facts.DELETED, rule, actor_id)
    work.session.expunge(rule)
    await repository.remove(work, rule_id)
    await repository.bump(work)
    await journal.append(work, fact, *closing)


def with_keys(definition: Definition) -> Definition:
    """Conditions without a key get one, by which overrides may name them: c1, c2 and so on, of a group g1."""
    roots = [level.condition for level in definition.levels]
    taken = {node.key for root in roots for node, _path, _depth in walk(root, ())}
    free = {letter: _free_keys(letter, taken) for letter in "cg"}

    def keyed(condition: Condition) -> Condition:
        if not isinstance(condition, AllOf | AnyOf):
            return msgspec.structs.replace(condition, key=condition.key or next(free["c"]))
        parts = tuple(keyed(part) for part in condition.conditions)
        return msgspec.structs.replace(condition, key=condition.key or next(free["g"]), conditions=parts)

    levels = [msgspec.structs.replace(level, condition=keyed(level.condition)) for level in definition.levels]
    return msgspec.structs.replace(definition, levels=tuple(levels))


def _free_keys(letter: str, taken: set[str]) -> Iterator[str]:
    return (key for number in range(1, 10_000) if (key := f"{letter}{number}") not in taken)


async def require_sound(work: UnitOfWork, draft: Draft, path: tuple[str, ...] = ()) -> Definition:
    """The definition with keys; `path` is where the rule stands in the input.

    Raises:
        NotFound: it names a machine that this tenant does not have.
        ValidationFailed: something else is wrong with it; says what and where.
    """
    definition = with_keys(draft.definition)
    problems = await check(work, definition)
    gone = [problem for problem in problems if problem.message == MACHINE_NOT_FOUND]
    if gone:
        raise NotFound(MACHINE_NOT_FOUND, (*path, *gone[0].path))
    if problems:
        raise ValidationFailed(problems[0].message, (*path, *problems[0].path))
    return definition


def _require_texts(draft: Draft) -> None:
    bounded_text(draft.name, "name", longest=MAX_NAME, shortest=1)
    bounded_text(draft.description, "description", longest=MAX_DESCRIPTION)


async def _require_room(work: UnitOfWork, definition: Definition, own_id: UUID | None) -> None:
    """A template counts as often as there are machines of its kind."""
    contents = [rule.content for rule in await repository.enabled(work) if rule.id != own_id]
    kinds = {one.machine_kind for one in (*contents, definition) if one.machine_kind is not None}
    machines = [machine.kind for machine in await repository.machines_of_kinds(work, kinds)] if kinds else []
    watched = sum(machines.count(one.machine_kind) if one.machine_kind else 1 for one in (*contents, definition))
    if watched > limits.MAX_WATCHED:
        raise ValidationFailed(
            f"With this one, the tenant's rules would watch {watched:,} machines one by one; at most "
            f"{limits.MAX_WATCHED:,} are possible. Join conditions in fewer rules.",
            ["machineKind"],
        )


async def _require(work: UnitOfWork, rule_id: UUID) -> AlertRule:
    rule = await repository.get(work, rule_id, lock=True)
    if rule is None:
        raise NotFound(RULE_NOT_FOUND, ["id"])
    return rule


async def _begin(work: UnitOfWork, rule: AlertRule) -> None:
    if rule.is_enabled:
        await version_repository.begin(work, rule)


async def _end(work: UnitOfWork, rule: AlertRule, now: datetime, reason: str) -> list[Fact]:
    """The version that has held until now; returns what ends with it."""
    version = await version_repository.end(work, rule, now, reason)
    return [] if version is None else await following.end(work, version)


def _columns(draft: Draft, definition: Definition) -> dict[str, Any]:
    return {
        "name": draft.name.strip(),
        "description": draft.description.strip(),
        "is_enabled": draft.is_enabled,
        "machine_id": definition.machine_id,
        "machine_kind": definition.machine_kind,
        "definition": msgspec.to_builtins(definition),
    }


def _touch(work: UnitOfWork, rule: AlertRule, now: datetime) -> None:
    rule.version += 1
    rule.effective_at = rule.updated_at = now
    work.session.add(rule)


def _journaled(value: Any) -> Any:
    """As JSON without fractions: numbers as text."""
    plain = msgspec.to_builtins(value) if isinstance(value, Definition) else value
    if isinstance(plain, dict):
        return {name: _journaled(part) for name, part in plain.items()}
    if isinstance(plain, list | tuple):
        return [_journaled(part) for part in plain]
    return repr(plain) if isinstance(plain, float) else plain
