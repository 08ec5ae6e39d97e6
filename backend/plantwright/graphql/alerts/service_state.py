"""What is out of service, when machines run, and what the house decides about alerts."""

from datetime import datetime
from typing import Annotated, Self

import strawberry

from plantwright.alerts import settings
from plantwright.alerts.models import Severity
from plantwright.alerts.suppression import out_of_service, running
from plantwright.alerts.suppression import repository as suppressions
from plantwright.alerts.suppression.models import Comparison
from plantwright.alerts.suppression.out_of_service import MACHINE_NOT_FOUND, METRIC_NOT_FOUND, OUT_OF_SERVICE_NOT_FOUND
from plantwright.alerts.suppression.shelving import LONGEST
from plantwright.core.clock import utc_now
from plantwright.core.ids import parse_id
from plantwright.graphql.alerts.suppression_types import OutOfService, RunningCondition
from plantwright.graphql.context import Info, require_id
from plantwright.graphql.errors import Conflict, NotFound, PermissionDenied, ValidationFailed, returns_errors
from plantwright.identity.models import Role

MOST_OUT_OF_SERVICE = 500


@strawberry.type(description="How long an alert of this severity can be shelved at the most.")
class LongestShelving:
    severity: Severity
    minutes: float
    needs_second_person: bool


@strawberry.type
class AlertSettings:
    out_of_service_with_work_order: bool = strawberry.field(
        description="Whether a machine is out of service while work on it is in progress."
    )
    time_zone: str = strawberry.field(description="Of the shifts; IANA.")
    shift_starts: list[str] = strawberry.field(description="Times of day, HH:MM.")
    end_of_shift: datetime = strawberry.field(description="Of the shift that is now.")
    longest_shelving: list[LongestShelving]
    version: str = strawberry.field(description="Give it back as `expectedVersion` with a change.")

    @classmethod
    def of(cls, found: settings.AlertSettings) -> Self:
        longest = [
            LongestShelving(
                severity=severity,
                minutes=duration.total_seconds() / 60,
                needs_second_person=severity is Severity.CRITICAL,
            )
            for severity, duration in LONGEST.items()
        ]
        return cls(
            out_of_service_with_work_order=found.out_of_service_with_work_order,
            time_zone=found.time_zone,
            shift_starts=list(found.shift_starts),
            end_of_shift=settings.end_of_shift(found, utc_now()),
            longest_shelving=longest,
            version=found.version,
        )


@strawberry.input(description="Fields left out stay as they are.")
class AlertSettingsUpdateInput:
    out_of_service_with_work_order: bool | None = None
    time_zone: str | None = None
    shift_starts: list[str] | None = None
    expected_version: str | None = strawberry.field(
        default=None, description="Refused when they have changed since; null: changed whatever they are."
    )


@strawberry.type
class AlertSettingsUpdateSuccess:
    settings: AlertSettings


@strawberry.input
class OutOfServiceBeginInput:
    machine_id: strawberry.ID
    reason: str = strawberry.field(description="1 to 2,000 characters.")
    metric_id: strawberry.ID | None = strawberry.field(default=None, description="Null: the whole machine.")
    until: datetime | None = strawberry.field(default=None, description="Null: until somebody ends it.")


@strawberry.type
class OutOfServiceBeginSuccess:
    out_of_service: OutOfService


@strawberry.input
class OutOfServiceEndInput:
    id: strawberry.ID


@strawberry.type
class OutOfServiceEndSuccess:
    out_of_service: OutOfService


@strawberry.input
class RunningConditionInput:
    metric_id: strawberry.ID
    comparison: Comparison
    value: float


@strawberry.input(description="`condition: null`: the machine always counts as running.")
class RunningConditionSetInput:
    machine_id: strawberry.ID
    condition: RunningConditionInput | None = None


@strawberry.type
class RunningConditionSetSuccess:
    condition: RunningCondition | None


AlertSettingsUpdateResult = Annotated[
    AlertSettingsUpdateSuccess | ValidationFailed | Conflict | PermissionDenied,
    strawberry.union("AlertSettingsUpdateResult"),
]
OutOfServiceBeginResult = Annotated[
    OutOfServiceBeginSuccess | ValidationFailed | NotFound | Conflict | PermissionDenied,
    strawberry.union("OutOfServiceBeginResult"),
]
OutOfServiceEndResult = Annotated[
    OutOfServiceEndSuccess | NotFound | Conflict | PermissionDenied, strawberry.union("OutOfServiceEndResult")
]
RunningConditionSetResult = Annotated[
    RunningConditionSetSuccess | ValidationFailed | NotFound | PermissionDenied,
    strawberry.union("RunningConditionSetResult"),
]


@strawberry.type
class ServiceStateQuery:
    @strawberry.field(description="What is out of service now, newest first; 500 at the most.")
    async def out_of_service(self, info: Info) -> list[OutOfService]:
        async with info.context.reading() as work:
            rows = await suppressions.lasting_out_of_service(work, MOST_OUT_OF_SERVICE)
        return [OutOfService.of(row) for row in rows]

    @strawberry.field(description="Null when the machine has none: then it always counts as running.")
    async def running_condition(self, info: Info, machine_id: strawberry.ID) -> RunningCondition | None:
        parsed = parse_id(machine_id)
        async with info.context.reading() as work:
            row = None if parsed is None else await suppressions.running_condition(work, parsed)
        return None if row is None else RunningCondition.of(row)

    @strawberry.field(description="What the house decides about alerts.")
    async def alert_settings(self, info: Info) -> AlertSettings:
        async with info.context.reading() as work:
            return AlertSettings.of(await settings.read_settings(work))


@strawberry.type
class ServiceStateMutation:
    @strawberry.mutation(description="Take a machine or a metric out of service. Admins and operators.")
    @returns_errors(ValidationFailed, NotFound, Conflict, PermissionDenied)
    async def out_of_service_begin(self, info: Info, input: OutOfServiceBeginInput) -> OutOfServiceBeginResult:  # noqa: A002
        principal = info.context.require(Role.ADMIN, Role.OPERATOR)
        machine_id = require_id(input.machine_id, MACHINE_NOT_FOUND, "machineId")
        metric_id = None if input.metric_id is None else require_id(input.metric_id, METRIC_NOT_FOUND, "metricId")
        async with info.context.writing() as work:
            row = await out_of_service.begin(
                work,
                info.context.services.journal,
                principal.user_id,
                machine_id=machine_id,
                metric_id=metric_id,
                reason=input.reason,
                until=input.until,
            )
        return OutOfServiceBeginSuccess(out_of_service=OutOfService.of(row))

    @strawberry.mutation(description="Return it to service. Admins and operators.")
    @returns_errors(NotFound, Conflict, PermissionDenied)
    async def out_of_service_end(self, info: Info, input: OutOfServiceEndInput) -> OutOfServiceEndResult:  # noqa: A002
        principal = info.context.require(Role.ADMIN, Role.OPERATOR)
        row_id = require_id(input.id, OUT_OF_SERVICE_NOT_FOUND, "id")
        async with info.context.writing() as work:
            row = await out_of_service.end(work, info.context.services.journal, principal.user_id, row_id)
        return OutOfServiceEndSuccess(out_of_service=OutOfService.of(row))

    @strawberry.mutation(description="Say by which metric a machine can be seen to run. Admins and operators.")
    @returns_errors(ValidationFailed, NotFound, PermissionDenied)
    async def running_condition_set(self, info: Info, input: RunningConditionSetInput) -> RunningConditionSetResult:  # noqa: A002
        principal = info.context.require(Role.ADMIN, Role.OPERATOR)
        machine_id = require_id(input.machine_id, MACHINE_NOT_FOUND, "machineId")
        given = input.condition
        condition = None
        if given is not None:
            metric_id = require_id(given.metric_id, METRIC_NOT_FOUND, "metricId")
            condition = (metric_id, given.comparison, given.value)
        async with info.context.writing() as work:
            journal = info.context.services.journal
            row = await running.set_condition(work, journal, principal.user_id, machine_id, condition)
        return RunningConditionSetSuccess(condition=None if row is None else RunningCondition.of(row))

    @strawberry.mutation(description="Change what the house decides about alerts; all or none. Admins only.")
    @returns_errors(ValidationFailed, Conflict, PermissionDenied)
    async def alert_settings_update(self, info: Info, input: AlertSettingsUpdateInput) -> AlertSettingsUpdateResult:  # noqa: A002
        principal = info.context.require(Role.ADMIN)
        async with info.context.writing() as work:
            found = await settings.write_settings(
                work,
                info.context.services.journal,
                principal.user_id,
                out_of_service_with_work_order=input.out_of_service_with_work_order,
                time_zone=input.time_zone,
                shift_starts=input.shift_starts,
                expected_version=input.expected_version,
            )
        return AlertSettingsUpdateSuccess(settings=AlertSettings.of(found))
