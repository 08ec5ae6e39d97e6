"""Which rules watch which machines, and what of them cannot be evaluated and why."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from uuid import UUID

from plantwright.assets import repository as assets
from plantwright.assets.models import Machine, Metric
from plantwright.core.clock import to_milliseconds
from plantwright.core.database import UnitOfWork
from plantwright.rules import repository
from plantwright.rules.definition import Definition, leaves
from plantwright.rules.findings import Subject
from plantwright.rules.models import AlertRule, RuleVersion
from plantwright.rules.program import Program, Slot, compile_rule, is_enabled_on, slot_of
from plantwright.rules.tracking import Ending

MACHINE_GONE = "A machine of the rule is gone."


@dataclass(frozen=True, slots=True)
class Watch:
    """A version of a rule on one machine.

    Attributes:
        series: those of its slots, None for the state of a machine.
        start_ms: the first moment that it judges.
        ending: of a version that does not hold any more.
    """

    rule: AlertRule
    machine: Machine
    program: Program
    subject: Subject
    series: tuple[int | None, ...]
    start_ms: int
    ending: Ending | None = None

    @property
    def key(self) -> tuple[UUID, int, UUID]:
        """Rule, version, machine."""
        return self.rule.id, self.rule.version, self.machine.id

    @property
    def history_ms(self) -> int:
        """The last moment of which readings do not matter."""
        return self.start_ms - self.program.warm_up_ms - 1


@dataclass(frozen=True, slots=True)
class Watched:
    """What of a rule is evaluated, and why on some machines (None: nowhere) it is not."""

    watches: list[Watch]
    troubles: list[tuple[UUID | None, str]]


async def watched_by(
    work: UnitOfWork, rules: Sequence[AlertRule], unsaved: Mapping[UUID, Definition] = MappingProxyType({})
) -> dict[UUID, Watched]:
    """By rule; one rule's trouble is its own. `unsaved` are definitions that are not stored with their rules."""
    contents = [unsaved.get(rule.id) or rule.content for rule in rules]
    found = await _find(work, rules, contents)
    return {rule.id: watched for rule, watched in zip(rules, found, strict=True)}


async def watches_of(work: UnitOfWork, versions: Sequence[RuleVersion]) -> list[Watch]:
    """Of versions that hold and of those that have held, on the machines that they mean today."""
    rules = [_as_rule(version) for version in versions]
    found = await _find(work, rules, [version.content for version in versions])
    endings = [_ending(version) for version in versions]
    return [
        replace(watch, ending=ending)
        for watched, ending in zip(found, endings, strict=True)
        for watch in watched.watches
        if ending is None or watch.start_ms < ending.time_ms
    ]


def _as_rule(version: RuleVersion) -> AlertRule:
    content = version.content
    return AlertRule(
        tenant_id=version.tenant_id,
        id=version.rule_id,
        name=version.name,
        machine_id=content.machine_id,
        machine_kind=content.machine_kind,
        definition=version.definition,
        version=version.version,
        effective_at=version.holds_from,
    )


def _ending(version: RuleVersion) -> Ending | None:
    if version.holds_until is None:
        return None
    return Ending(to_milliseconds(version.holds_until), version.end_reason or "")


async def _find(work: UnitOfWork, rules: Sequence[AlertRule], contents: Sequence[Definition]) -> list[Watched]:
    kinds = {one.machine_kind for one in contents if one.machine_kind is not None}
    of_kinds = await repository.machines_of_kinds(work, kinds) if kinds else []
    named = {machine_id for one in contents for machine_id in machines_named(one)}
    machines = {machine.id: machine for machine in (*of_kinds, *await assets.get_machines(work, sorted(named)))}
    targets = [_targets(content, of_kinds, machines) for content in contents]
    wanted = {
        slot
        for content, meant in zip(contents, targets, strict=True)
        for machine in meant
        for slot in slots_of(content, machine.id)
        if slot.metric is not None
    }
    metrics = {
        Slot(metric.machine_id, metric.name): metric
        for metric in await repository.metrics_named(work, [(slot.machine_id, slot.metric or "") for slot in wanted])
    }
    return [
        _watched(rule, content, meant, machines, metrics)
        for rule, content, meant in zip(rules, contents, targets, strict=True)
    ]


def machines_named(definition: Definition) -> set[UUID]:
    """The machines that the rule names, be it as the one it watches or in a condition."""
    own = {definition.machine_id} if definition.machine_id is not None else set()
    return own | {leaf.machine_id for leaf, _path in leaves(definition) if leaf.machine_id is not None}


def slots_of(definition: Definition, machine_id: UUID) -> list[Slot]:
    return [slot_of(leaf, machine_id) for leaf, _path in leaves(definition)]


def _targets(definition: Definition, of_kinds: Sequence[Machine], machines: Mapping[UUID, Machine]) -> list[Machine]:
    if definition.machine_id is not None:
        return [machines[definition.machine_id]] if definition.machine_id in machines else []
    return [machine for machine in of_kinds if machine.kind == definition.machine_kind]


def _watched(
    rule: AlertRule,
    definition: Definition,
    targets: Collection[Machine],
    machines: Mapping[UUID, Machine],
    metrics: Mapping[Slot, Metric],
) -> Watched:
    if any(machine_id not in machines for machine_id in machines_named(definition)):
        return Watched([], [(None, MACHINE_GONE)])
    found = Watched([], [])
    for machine in targets:
        if not is_enabled_on(definition, machine.id):
            continue
        slots = slots_of(definition, machine.id)
        missing = sorted({slot.metric for slot in slots if slot.metric is not None and slot not in metrics})
        if missing:
            found.troubles.append((machine.id, f"{machine.name} has no metric {missing[0]}."))
            continue
        found.watches.append(_watch(rule, definition, machine, machines, metrics))
    return found


def _watch(
    rule: AlertRule,
    definition: Definition,
    machine: Machine,
    machines: Mapping[UUID, Machine],
    metrics: Mapping[Slot, Metric],
) -> Watch:
    units = {slot: metric.unit for slot, metric in metrics.items()}
    program = compile_rule(definition, machine.id, units, {key: one.name for key, one in machines.items()})
    only = metrics[program.slots[0]] if len(program.slots) == 1 and program.slots[0] in metrics else None
    if only is not None and only.machine_id != machine.id:
        only = None
    subject = Subject(
        rule_id=rule.id,
        rule=rule.name,
        rule_version=rule.version,
        machine_id=machine.id,
        metric_id=None if only is None else only.id,
        metric=None if only is None else only.name,
        unit="" if only is None else only.unit,
    )
    start = rule.effective_at if rule.machine_id else max(rule.effective_at, machine.created_at)
    series = tuple(metrics[slot].series_id if slot in metrics else None for slot in program.slots)
    return Watch(rule, machine, program, subject, series, to_milliseconds(start))
