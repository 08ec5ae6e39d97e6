"""What a rule says: a tree of conditions for each severity, delays, a schedule, and where it holds.

A definition is stored as JSON; docs/rules.md tells what each field means.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

from msgspec import Struct


class Severity(StrEnum):
    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


class Operator(StrEnum):
    GREATER_THAN = ">"
    AT_LEAST = ">="
    LESS_THAN = "<"
    AT_MOST = "<="
    EQUAL = "="
    NOT_EQUAL = "!="


class Side(StrEnum):
    """On which side of the mean a deviation counts."""

    ABOVE = "above"
    BELOW = "below"
    EITHER = "either"


class RateUnit(StrEnum):
    SECOND = "second"
    MINUTE = "minute"
    HOUR = "hour"


class MachineState(StrEnum):
    """The order is that of the codes in which the engine takes states as values."""

    HEALTHY = "healthy"
    WARNING = "warning"
    CRITICAL = "critical"
    OFFLINE = "offline"


class Aspect(StrEnum):
    """What the journal says of a machine as a whole: its state, whether it runs, whether it is in service."""

    STATE = "state"
    RUNNING = "running"
    SERVICE = "service"


class _Timed(Struct, frozen=True, kw_only=True):
    """
    Attributes:
        key: name of the condition within its rule, for overrides.
        for_seconds: how long it has to hold without a break.
        count: how often it has to become true within `within_seconds`.
    """

    key: str = ""
    for_seconds: float = 0.0
    count: int = 1
    within_seconds: float = 0.0


class AllOf(_Timed, frozen=True, kw_only=True, tag="all", tag_field="kind"):
    conditions: tuple["Condition", ...]


class AnyOf(_Timed, frozen=True, kw_only=True, tag="any", tag_field="kind"):
    conditions: tuple["Condition", ...]


class _OfMetric(_Timed, frozen=True, kw_only=True):
    """`machine_id` is None for the machine that the rule watches."""

    metric: str
    machine_id: UUID | None = None


class Comparison(_OfMetric, frozen=True, kw_only=True, tag="comparison", tag_field="kind"):
    """True from `value operator threshold` until no longer `value operator clear`."""

    operator: Operator
    threshold: float
    clear: float | None = None


class Range(_OfMetric, frozen=True, kw_only=True, tag="range", tag_field="kind"):
    """True inside (or outside) of `low` to `high`, both included, until that is left by more than `deadband`."""

    low: float
    high: float
    is_inside: bool
    deadband: float = 0.0


class Rate(_OfMetric, frozen=True, kw_only=True, tag="rate", tag_field="kind"):
    """Change per `unit` over the last `window_seconds`, compared as a value is."""

    operator: Operator
    threshold: float
    unit: RateUnit
    window_seconds: float
    clear: float | None = None


class Deviation(_OfMetric, frozen=True, kw_only=True, tag="deviation", tag_field="kind"):
    """Distance from the mean of the `hours` full hours before, in their standard deviations."""

    threshold: float
    hours: int
    side: Side = Side.EITHER
    min_samples: int = 30
    clear: float | None = None


class NoData(_OfMetric, frozen=True, kw_only=True, tag="no_data", tag_field="kind"):
    """True while there has been no good reading for `seconds`."""

    seconds: float


class _OfMachine(_Timed, frozen=True, kw_only=True):
    machine_id: UUID | None = None


class InState(_OfMachine, frozen=True, kw_only=True, tag="machine_state", tag_field="kind"):
    states: tuple[MachineState, ...]


class Running(_OfMachine, frozen=True, kw_only=True, tag="machine_running", tag_field="kind"):
    """True while the machine runs, or while it does not, as its running condition says."""

    is_running: bool


class InService(_OfMachine, frozen=True, kw_only=True, tag="machine_service", tag_field="kind"):
    """True while the machine is in service, or while it is out of service as a whole."""

    is_in_service: bool


Group: TypeAlias = AllOf | AnyOf
OfMachine: TypeAlias = InState | Running | InService
Leaf: TypeAlias = Comparison | Range | Rate | Deviation | NoData | InState | Running | InService
Condition: TypeAlias = AllOf | AnyOf | Comparison | Range | Rate | Deviation | NoData | InState | Running | InService
_ASPECTS = {InState: Aspect.STATE, Running: Aspect.RUNNING, InService: Aspect.SERVICE}


def aspect_of(leaf: OfMachine) -> Aspect:
    return _ASPECTS[type(leaf)]


class Level(Struct, frozen=True, kw_only=True):
    severity: Severity
    condition: Condition


class Schedule(Struct, frozen=True, kw_only=True):
    """When the rule holds, by the clocks of a place.

    Attributes:
        time_zone: an IANA name.
        days: 1 is Monday; of a span that passes midnight the day on which it begins.
        start_minute: minute of the day.
        end_minute: the first minute that is outside; not after `start_minute`: on the next day.
    """

    time_zone: str
    days: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7)
    start_minute: int = 0
    end_minute: int = 0


class NumberOverride(Struct, frozen=True, kw_only=True):
    """Numbers of the condition with this key; what is None stays."""

    key: str
    threshold: float | None = None
    clear: float | None = None
    low: float | None = None
    high: float | None = None
    seconds: float | None = None
    for_seconds: float | None = None


class Override(Struct, frozen=True, kw_only=True):
    """What a template does otherwise on one machine."""

    machine_id: UUID
    is_enabled: bool = True
    numbers: tuple[NumberOverride, ...] = ()


class Definition(Struct, frozen=True, kw_only=True):
    """
    Attributes:
        machine_id, machine_kind: one of them: the machine that is watched, or all machines of a kind.
        levels: one per severity; the highest true one counts.
        on_delay_seconds: how long any level has to be true before an episode starts.
        off_delay_seconds: how long none may be true before it ends.
        cooldown_seconds: how long after the end of an episode no other starts.
    """

    levels: tuple[Level, ...]
    machine_id: UUID | None = None
    machine_kind: str | None = None
    on_delay_seconds: float = 0.0
    off_delay_seconds: float = 0.0
    cooldown_seconds: float = 0.0
    schedule: Schedule | None = None
    overrides: tuple[Override, ...] = ()


def walk(condition: Condition, path: tuple[str, ...]) -> Iterator[tuple[Condition, tuple[str, ...], int]]:
    """Every condition below and including this one with its path and depth (1 for the top), parents first."""

    def below(node: Condition, here: tuple[str, ...], depth: int) -> Iterator[tuple[Condition, tuple[str, ...], int]]:
        yield node, here, depth
        if isinstance(node, AllOf | AnyOf):
            for index, child in enumerate(node.conditions):
                yield from below(child, (*here, "conditions", str(index)), depth + 1)

    yield from below(condition, path, 1)


def leaves(definition: Definition) -> Iterator[tuple[Leaf, tuple[str, ...]]]:
    for index, level in enumerate(definition.levels):
        for node, path, _depth in walk(level.condition, ("levels", str(index), "condition")):
            if not isinstance(node, AllOf | AnyOf):
                yield node, path
