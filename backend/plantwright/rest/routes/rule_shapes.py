"""What goes in and out of the routes of rules."""

from datetime import datetime
from typing import Annotated, Any, Optional, Self
from uuid import UUID

from pydantic import BeforeValidator, Field, model_validator
from pydantic.alias_generators import to_snake
from pydantic_core import PydanticCustomError

from plantwright.alerts.models import AlertCause, Severity
from plantwright.assets.models import MachineKind, MachineStatus
from plantwright.rest.shapes import FROM_NAME, Body, Integer, Milliseconds, Moment, Numbers, PageParameters, Payload
from plantwright.rules.definition import Operator, RateUnit, Side

_ENUMS = {"operator": Operator, "side": Side, "unit": RateUnit}


class RuleParameters(PageParameters):
    machine_id: UUID | None = Field(default=None, description="Templates of its kind too.")
    is_enabled: bool | None = None
    search: str | None = Field(default=None, max_length=200, description="Part of the name.")


class _Timed(Payload):
    for_seconds: float = 0.0
    count: Integer = 1
    within_seconds: float = 0.0
    key: str = ""


class GroupIn(_Timed):
    conditions: list["ConditionIn"]


class _OfMetricIn(_Timed):
    metric: str
    machine_id: Annotated[UUID, Field(strict=False)] | None = None


class ComparisonIn(_OfMetricIn):
    operator: Operator
    threshold: float
    clear: float | None = None


class RangeIn(_OfMetricIn):
    low: float
    high: float
    is_inside: bool
    deadband: float = 0.0


class RateIn(_OfMetricIn):
    operator: Operator
    threshold: float
    unit: RateUnit
    window_seconds: float
    clear: float | None = None


class DeviationIn(_OfMetricIn):
    threshold: float
    hours: Integer
    side: Side = Side.EITHER
    min_samples: Integer = 30
    clear: float | None = None


class NoDataIn(_OfMetricIn):
    seconds: float


class MachineStateIn(_Timed):
    states: list[MachineStatus]
    machine_id: Annotated[UUID, Field(strict=False)] | None = None


class MachineRunningIn(_Timed):
    is_running: bool = Field(description="A machine without a running condition counts as running.")
    machine_id: Annotated[UUID, Field(strict=False)] | None = None


class MachineServiceIn(_Timed):
    is_in_service: bool
    machine_id: Annotated[UUID, Field(strict=False)] | None = None


class ConditionIn(Payload):
    """Exactly one of them."""

    # Pydantic looks the names up late, so the unions cannot be written with a bar.
    all_of: Optional["GroupIn"] = None
    any_of: Optional["GroupIn"] = None
    comparison: ComparisonIn | None = None
    range: RangeIn | None = None
    rate: RateIn | None = None
    deviation: DeviationIn | None = None
    no_data: NoDataIn | None = None
    machine_state: MachineStateIn | None = None
    machine_running: MachineRunningIn | None = None
    machine_service: MachineServiceIn | None = None

    @model_validator(mode="after")
    def _require_one(self) -> Self:
        given = [name for name in type(self).model_fields if getattr(self, name) is not None]
        if len(given) != 1 or len(self.model_fields_set) != 1:
            raise PydanticCustomError("value_error", "Give exactly one kind of condition.")
        return self


class LevelIn(Payload):
    severity: Severity
    condition: ConditionIn


class ScheduleIn(Payload):
    time_zone: str = Field(description="An IANA name, such as Europe/Zurich.")
    days: list[Integer]
    from_: str = Field(validation_alias="from", serialization_alias="from", description="Such as 22:00.")
    to: str


class NumbersIn(Payload):
    key: str
    threshold: float | None = None
    clear: float | None = None
    low: float | None = None
    high: float | None = None
    seconds: float | None = None
    for_seconds: float | None = None


class OverrideIn(Payload):
    machine_id: Annotated[UUID, Field(strict=False)]
    is_enabled: bool = True
    numbers: list[NumbersIn] = Field(default=[])


class RuleIn(Payload):
    name: str = Field(description="1 to 200 characters.")
    description: str = ""
    is_enabled: bool = True
    machine_id: Annotated[UUID, Field(strict=False)] | None = Field(default=None, description="This machine.")
    machine_kind: MachineKind | None = Field(default=None, description="Or all machines of this kind.")
    levels: list[LevelIn]
    on_delay_seconds: float = 0.0
    off_delay_seconds: float = 0.0
    cooldown_seconds: float = 0.0
    schedule: ScheduleIn | None = None
    overrides: list[OverrideIn] = Field(default=[])


class RuleChange(RuleIn):
    expected_version: Integer


class RuleSwitch(Payload):
    is_enabled: bool


class TrialRequest(Payload):
    rule: RuleIn
    from_: Moment = Field(validation_alias="from", serialization_alias="from")
    to: Moment
    max_points: Integer = 500


def _snake(value: Any) -> Any:
    """A condition as the routes take it."""
    if isinstance(value, list):
        return [_snake(part) for part in value]
    if not isinstance(value, dict):
        return value
    plain = {to_snake(name): _snake(part) for name, part in value.items()}
    plain |= {name: members[plain[name]].value for name, members in _ENUMS.items() if name in plain}
    if "states" in plain:
        plain["states"] = [state.lower() for state in plain["states"]]
    return plain


class Level(Body):
    severity: Annotated[Severity, FROM_NAME]
    condition: Annotated[dict[str, Any], BeforeValidator(_snake)] = Field(description="As it is sent.")
    words: str


class Schedule(Body):
    time_zone: str
    days: list[int]
    from_: str = Field(validation_alias="from", serialization_alias="from")
    to: str


class RuleNumbers(Body):
    key: str
    threshold: float | None
    clear: float | None
    low: float | None
    high: float | None
    seconds: float | None
    for_seconds: float | None


class Override(Body):
    machine_id: UUID
    is_enabled: bool
    numbers: list[RuleNumbers]


class Trouble(Body):
    machine_id: UUID | None
    reason: str


class Firing(Body):
    machine_id: UUID
    severity: Annotated[Severity, FROM_NAME]
    since: datetime


class Named(Body):
    id: UUID
    name: str


class Rule(Body):
    id: UUID
    name: str
    description: str
    is_enabled: bool
    machine: Named | None
    machine_kind: Annotated[MachineKind, FROM_NAME] | None
    levels: list[Level]
    on_delay_seconds: float
    off_delay_seconds: float
    cooldown_seconds: float
    schedule: Schedule | None
    overrides: list[Override]
    version: int
    cost: int
    is_broken: bool
    troubles: list[Trouble]
    watched_machines: int
    firing: list[Firing]
    last_fired_at: datetime | None
    created_at: datetime
    updated_at: datetime


class RuleFault(Body):
    path: list[str]
    message: str


class RuleCheck(Body):
    problems: list[RuleFault]
    words: list[str]
    cost: int
    max_cost: int


class Interval(Body):
    machine_id: UUID
    from_: datetime = Field(validation_alias="from", serialization_alias="from")
    to: datetime | None
    severity: Annotated[Severity, FROM_NAME]
    message: str


class TrialAlert(Body):
    id: UUID
    machine_id: UUID | None
    cause: Annotated[AlertCause, FROM_NAME]
    severity: Annotated[Severity, FROM_NAME]
    message: str
    raised_at: datetime
    cleared_at: datetime | None


class Points(Body):
    metric: str
    unit: str
    bucket_seconds: float | None
    times: Milliseconds
    values: Numbers
    minimums: Numbers
    maximums: Numbers


class TrialSeries(Body):
    machine_id: UUID
    series: Points


class RuleTrial(Body):
    from_: datetime = Field(validation_alias="from", serialization_alias="from")
    to: datetime
    times_fired: int
    active_seconds: float
    readings: int
    machine_ids: list[UUID]
    intervals: list[Interval]
    days: Milliseconds
    fired_per_day: Any
    alerts: list[TrialAlert]
    series: list[TrialSeries]
    troubles: list[Trouble]
