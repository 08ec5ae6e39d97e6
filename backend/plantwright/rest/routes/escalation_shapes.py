"""What policies, rotations and quiet hours look like in REST."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AliasPath, Field

from plantwright.alerts.models import Severity
from plantwright.escalation.models import EscalationReason, EscalationState
from plantwright.escalation.quiet_hours import DigestRhythm
from plantwright.escalation.quiet_settings import QuietScope
from plantwright.escalation.rotation import TurnUnit
from plantwright.graphql.escalation.targets import EscalationTargetKind
from plantwright.rest.shapes import FROM_NAME, Body, Moment, Parameters, Payload, WholeNumber

WEEKDAYS = "ISO: 1 is Monday, 7 is Sunday."
SINGLE = "Of a policy with a single step for a channel; null for any other."


class StepWritten(Payload):
    wait_minutes: WholeNumber = Field(description="0 to 1,440, from the step before or from the alert.")
    channel_ids: list[UUID] = Field(default=[])
    user_ids: list[UUID] = Field(default=[])
    rotation_ids: list[UUID] = Field(default=[])


class PolicyFields(Payload):
    """`wait_minutes` and `channel_id` for a policy of a single step, else `steps`."""

    severity: Severity | None = Field(default=None, description="Short for `severities` of one.")
    wait_minutes: WholeNumber | None = Field(default=None, description="1 to 1,440.")
    channel_id: UUID | None = None
    severities: list[Severity] | None = None
    sites: list[str] | None = None
    machine_ids: list[UUID] | None = None
    steps: list[StepWritten] | None = None
    rounds: WholeNumber | None = None
    repeat_after_minutes: WholeNumber | None = None
    stops_on_clear: bool | None = None
    is_active: bool | None = None


class PolicyCreate(PolicyFields):
    name: str


class PolicyChange(PolicyFields):
    """Fields left out stay."""

    name: str | None = None
    expected_version: WholeNumber | None = None


class Target(Body):
    kind: Annotated[EscalationTargetKind, FROM_NAME]
    id: UUID
    name: str | None = Field(description="Null when it has been deleted.")
    trouble: str | None = Field(description="Why it cannot be told.")


class Step(Body):
    wait_minutes: int
    targets: list[Target]


class Policy(Body):
    id: UUID
    name: str
    severity: Annotated[Severity | None, FROM_NAME] = Field(description=SINGLE)
    wait_minutes: int | None = Field(description=SINGLE)
    channel_id: UUID | None = Field(description=SINGLE)
    is_active: bool
    severities: list[Annotated[Severity, FROM_NAME]]
    sites: list[str]
    machine_ids: list[UUID]
    steps: list[Step]
    rounds: int
    repeat_after_minutes: int
    stops_on_clear: bool
    version: int
    created_at: datetime
    updated_at: datetime


class Person(Body):
    id: UUID
    full_name: str


class Upcoming(Body):
    step: int
    round: int
    due_at: datetime
    targets: list[Target]
    on_call: list[Person] = Field(description="In the rotations that it tells.")


class Running(Body):
    policy_id: UUID
    policy: str
    state: Annotated[EscalationState, FROM_NAME]
    reason: Annotated[EscalationReason | None, FROM_NAME]
    severity: Annotated[Severity, FROM_NAME]
    step: int
    round: int
    started_at: datetime
    due_at: datetime | None
    last_told_at: datetime | None
    ended_at: datetime | None
    upcoming: list[Upcoming]


class RunningOfAlert(Body):
    items: list[Running]


class WindowWritten(Payload):
    weekdays: list[WholeNumber] = Field(description=WEEKDAYS)
    start: str = Field(description="Such as 22:00.")
    end: str = Field(description="Not after `start`: it goes on to the next day.")


class Window(Body):
    weekdays: list[int] = Field(description=WEEKDAYS)
    start: str
    end: str


class LayerWritten(Payload):
    name: str = ""
    participant_ids: list[UUID]
    start: str = Field(description="First hand-over by the clock of the zone, such as 2026-03-02T08:00.")
    turn_unit: TurnUnit = TurnUnit.WEEK
    turn_count: WholeNumber = 1
    windows: list[WindowWritten] = Field(default=[])


class RotationChange(Payload):
    name: str | None = None
    time_zone: str | None = None
    layers: list[LayerWritten] | None = None
    expected_version: WholeNumber | None = None


class RotationCreate(Payload):
    name: str
    time_zone: str = Field(description="Of the IANA database, such as Europe/Berlin.")
    layers: list[LayerWritten] = Field(description="Lowest first.")


class Layer(Body):
    name: str
    participants: list[Person]
    start: str
    turn_unit: Annotated[TurnUnit, FROM_NAME]
    turn_count: int
    windows: list[Window]


class OverrideCreate(Payload):
    user_id: UUID
    starts_at: Moment
    ends_at: Moment


class Override(Body):
    id: UUID
    rotation_id: UUID
    user: Person | None
    starts_at: datetime
    ends_at: datetime
    created_by: Person | None
    created_at: datetime


class Rotation(Body):
    id: UUID
    name: str
    time_zone: str
    layers: list[Layer]
    on_call: Person | None = Field(description="Now; null when it is nobody.")
    overrides: list[Override] = Field(description="Those that have not ended.")
    version: int
    created_at: datetime
    updated_at: datetime


class CalendarParameters(Parameters):
    from_: Moment = Field(alias="from")
    to: Moment = Field(description="At most 35 days later.")


class Shift(Body):
    start: datetime
    end: datetime
    user: Person | None = Field(description="Null when nobody is on call.")
    layer: int | None
    override_id: UUID | None


class Calendar(Body):
    items: list[Shift] = Field(validation_alias=AliasPath("calendar"))


class QuietWritten(Payload):
    time_zone: str
    windows: list[WindowWritten]
    low_urgency: list[Severity] = Field(
        default=[Severity.INFO, Severity.WARNING], description="What waits; never critical."
    )
    rhythm: DigestRhythm = DigestRhythm.AFTER_QUIET_HOURS
    digest_time: str = "07:00"
    digest_weekday: WholeNumber = Field(default=1, description=WEEKDAYS)


class Quiet(Body):
    scope: Annotated[QuietScope, FROM_NAME]
    channel_id: UUID | None
    time_zone: str
    windows: list[Window]
    low_urgency: list[Annotated[Severity, FROM_NAME]]
    rhythm: Annotated[DigestRhythm, FROM_NAME]
    digest_time: str
    digest_weekday: int
    updated_at: datetime


class QuietSettings(Body):
    tenant: Quiet | None
    own: Quiet | None
    channels: list[Quiet]
