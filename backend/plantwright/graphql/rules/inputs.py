"""What the mutations of rules take."""

from __future__ import annotations

from typing import Any

import msgspec
import strawberry

from plantwright.alerts.models import Severity
from plantwright.assets.models import MachineKind, MachineStatus
from plantwright.core.errors import NotFound, ValidationFailed
from plantwright.core.ids import parse_id
from plantwright.rules.definition import Condition, Definition, Operator, RateUnit, Side
from plantwright.rules.limits import MAX_DEPTH
from plantwright.rules.service import MACHINE_NOT_FOUND, Draft

strawberry.enum(Operator, name="RuleOperator", description="How a value is compared.")
strawberry.enum(Side, name="DeviationSide", description="On which side of the mean a deviation counts.")
strawberry.enum(RateUnit, description="What a rate of change is told per.")

# Deeper is never right, and is refused before it costs anything.
_DEEPEST = 2 * MAX_DEPTH
_KINDS = {
    "all_of": "all",
    "any_of": "any",
    "comparison": "comparison",
    "range": "range",
    "rate": "rate",
    "deviation": "deviation",
    "no_data": "no_data",
    "machine_state": "machine_state",
    "machine_running": "machine_running",
    "machine_service": "machine_service",
}


@strawberry.input(description="Conditions joined by AND or OR; the group may have to hold for a time as well.")
class RuleGroupInput:
    conditions: list[RuleConditionInput]
    for_seconds: float = 0.0
    count: int = 1
    within_seconds: float = 0.0
    key: str = strawberry.field(default="", description="By which overrides name it.")


@strawberry.input(description="True from `value operator threshold` until no longer `value operator clear`.")
class RuleComparisonInput:
    metric: str
    operator: Operator
    threshold: float
    clear: float | None = strawberry.field(default=None, description="The threshold unless given.")
    machine_id: strawberry.ID | None = strawberry.field(default=None, description="The watched machine unless given.")
    for_seconds: float = 0.0
    count: int = strawberry.field(default=1, description="How often it has to become true within `withinSeconds`.")
    within_seconds: float = 0.0
    key: str = ""


@strawberry.input(description="True inside (or outside) of a range, until that is left by more than `deadband`.")
class RuleRangeInput:
    metric: str
    low: float
    high: float
    is_inside: bool
    deadband: float = 0.0
    machine_id: strawberry.ID | None = None
    for_seconds: float = 0.0
    count: int = 1
    within_seconds: float = 0.0
    key: str = ""


@strawberry.input(description="Change per `unit` over the last `windowSeconds`, compared as a value is.")
class RuleRateInput:
    metric: str
    operator: Operator
    threshold: float
    unit: RateUnit
    window_seconds: float
    clear: float | None = None
    machine_id: strawberry.ID | None = None
    for_seconds: float = 0.0
    count: int = 1
    within_seconds: float = 0.0
    key: str = ""


@strawberry.input(description="Distance from the mean of the full hours before, in their standard deviations.")
class RuleDeviationInput:
    metric: str
    threshold: float
    hours: int
    side: Side = Side.EITHER
    min_samples: int = 30
    clear: float | None = None
    machine_id: strawberry.ID | None = None
    for_seconds: float = 0.0
    count: int = 1
    within_seconds: float = 0.0
    key: str = ""


@strawberry.input(description="True while there has been no good reading for so long.")
class RuleNoDataInput:
    metric: str
    seconds: float
    machine_id: strawberry.ID | None = None
    for_seconds: float = 0.0
    count: int = 1
    within_seconds: float = 0.0
    key: str = ""


@strawberry.input(description="True while the machine is in one of these states.")
class RuleMachineStateInput:
    states: list[MachineStatus]
    machine_id: strawberry.ID | None = None
    for_seconds: float = 0.0
    count: int = 1
    within_seconds: float = 0.0
    key: str = ""


@strawberry.input(description="True while the machine runs, or while it does not, by its running condition.")
class RuleMachineRunningInput:
    is_running: bool = strawberry.field(description="A machine without a running condition counts as running.")
    machine_id: strawberry.ID | None = None
    for_seconds: float = 0.0
    count: int = 1
    within_seconds: float = 0.0
    key: str = ""


@strawberry.input(description="True while the machine is in service, or while it is out of service as a whole.")
class RuleMachineServiceInput:
    is_in_service: bool
    machine_id: strawberry.ID | None = None
    for_seconds: float = 0.0
    count: int = 1
    within_seconds: float = 0.0
    key: str = ""


@strawberry.input(one_of=True, description="Exactly one of them.")
class RuleConditionInput:
    all_of: RuleGroupInput | None = strawberry.UNSET
    any_of: RuleGroupInput | None = strawberry.UNSET
    comparison: RuleComparisonInput | None = strawberry.UNSET
    range: RuleRangeInput | None = strawberry.UNSET
    rate: RuleRateInput | None = strawberry.UNSET
    deviation: RuleDeviationInput | None = strawberry.UNSET
    no_data: RuleNoDataInput | None = strawberry.UNSET
    machine_state: RuleMachineStateInput | None = strawberry.UNSET
    machine_running: RuleMachineRunningInput | None = strawberry.UNSET
    machine_service: RuleMachineServiceInput | None = strawberry.UNSET

    def to_plain(self, path: tuple[str, ...], depth: int = 1) -> dict[str, Any]:
        """As a stored condition."""
        if depth > _DEEPEST:
            raise ValidationFailed(f"Groups stand at most {MAX_DEPTH} deep.", path)
        [(name, given)] = [(name, one) for name, one in vars(self).items() if one is not strawberry.UNSET]
        plain = {key: value for key, value in vars(given).items() if key != "conditions"}
        if plain.get("machine_id") is not None:
            plain["machine_id"] = _machine_id(plain["machine_id"], (*path, "machineId"))
        if "states" in plain:
            plain["states"] = [state.value for state in plain["states"]]
        if isinstance(given, RuleGroupInput):
            parts = enumerate(given.conditions)
            plain["conditions"] = [part.to_plain((*path, "conditions", str(index)), depth + 1) for index, part in parts]
        return {"kind": _KINDS[name], **plain}


@strawberry.input
class RuleLevelInput:
    severity: Severity
    condition: RuleConditionInput


@strawberry.input(description="When the rule holds, by the clocks of a place.")
class RuleScheduleInput:
    time_zone: str = strawberry.field(description="An IANA name, such as Europe/Zurich.")
    days: list[int] = strawberry.field(description="1 is Monday; of a span past midnight the day on which it begins.")
    from_: str = strawberry.field(name="from", description="Such as 22:00.")
    to: str = strawberry.field(description="Not after `from`: on the next day. The same: 24 hours.")


@strawberry.input(description="Numbers of the condition with this key; what is null stays.")
class RuleNumbersInput:
    key: str
    threshold: float | None = None
    clear: float | None = None
    low: float | None = None
    high: float | None = None
    seconds: float | None = None
    for_seconds: float | None = None


@strawberry.input(description="What a template does otherwise on one machine.")
class RuleOverrideInput:
    machine_id: strawberry.ID
    is_enabled: bool = True
    numbers: list[RuleNumbersInput] = strawberry.field(default_factory=list)


@strawberry.input(description="Exactly one of `machineId` and `machineKind`.")
class AlertRuleInput:
    name: str = strawberry.field(description="1 to 200 characters.")
    description: str = ""
    is_enabled: bool = True
    machine_id: strawberry.ID | None = strawberry.field(default=None, description="The machine that is watched.")
    machine_kind: MachineKind | None = strawberry.field(default=None, description="All machines of this kind.")
    levels: list[RuleLevelInput] = strawberry.field(description="One per severity; the highest true one counts.")
    on_delay_seconds: float = 0.0
    off_delay_seconds: float = 0.0
    cooldown_seconds: float = 0.0
    schedule: RuleScheduleInput | None = None
    overrides: list[RuleOverrideInput] = strawberry.field(default_factory=list)

    def to_domain(self) -> Draft:
        """
        Raises:
            NotFound: text that is no id names no machine.
            ValidationFailed: a time of the schedule that is none.
        """
        plain = {
            "machine_id": None if self.machine_id is None else _machine_id(self.machine_id, ("machineId",)),
            "machine_kind": None if self.machine_kind is None else self.machine_kind.value,
            "levels": [
                {
                    "severity": level.severity.value,
                    "condition": level.condition.to_plain(("levels", str(index), "condition")),
                }
                for index, level in enumerate(self.levels)
            ],
            "on_delay_seconds": self.on_delay_seconds,
            "off_delay_seconds": self.off_delay_seconds,
            "cooldown_seconds": self.cooldown_seconds,
            "schedule": None if self.schedule is None else _schedule(self.schedule),
            "overrides": [
                {
                    "machine_id": _machine_id(one.machine_id, ("overrides", str(index), "machineId")),
                    "is_enabled": one.is_enabled,
                    "numbers": [vars(numbers) for numbers in one.numbers],
                }
                for index, one in enumerate(self.overrides)
            ],
        }
        definition = msgspec.convert(plain, Definition)
        return Draft(name=self.name, description=self.description, is_enabled=self.is_enabled, definition=definition)


def to_input(condition: Condition) -> dict[str, Any]:
    """The condition in the form of `RuleConditionInput`."""
    return _as_input(msgspec.to_builtins(condition))


def _as_input(plain: dict[str, Any]) -> dict[str, Any]:
    names = {kind: name for name, kind in _KINDS.items()}
    content = {_camel(key): value for key, value in plain.items() if key != "kind"}
    if "conditions" in content:
        content["conditions"] = [_as_input(part) for part in content["conditions"]]
    for key, members in (("operator", Operator), ("side", Side), ("unit", RateUnit)):
        if key in content:
            content[key] = members(content[key]).name
    if "states" in content:
        content["states"] = [state.upper() for state in content["states"]]
    return {_camel(names[plain["kind"]]): content}


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(part.title() for part in others)


def _machine_id(text: str, path: tuple[str, ...]) -> str:
    parsed = parse_id(text)
    if parsed is None:
        raise NotFound(MACHINE_NOT_FOUND, path)
    return str(parsed)


def _schedule(given: RuleScheduleInput) -> dict[str, Any]:
    return {
        "time_zone": given.time_zone,
        "days": given.days,
        "start_minute": _minute(given.from_, "from"),
        "end_minute": _minute(given.to, "to"),
    }


def _minute(text: str, name: str) -> int:
    hours, colon, minutes = text.partition(":")
    if not (colon and hours.isdecimal() and minutes.isdecimal() and int(hours) <= 24 and int(minutes) < 60):  # noqa: PLR2004
        raise ValidationFailed(f"{text!r} is no time of the day, such as 06:00.", ("schedule", name))
    return (int(hours) * 60 + int(minutes)) % 1440
