"""What a machine is like as a whole in normal operation, and who says so."""

from datetime import datetime
from typing import Annotated, Self

import strawberry

from plantwright.assets.service import MACHINE_NOT_FOUND
from plantwright.core.ids import parse_id
from plantwright.detection.multivariate import service
from plantwright.graphql.context import Info, require_id
from plantwright.graphql.errors import NotFound, PermissionDenied, ValidationFailed, returns_errors
from plantwright.graphql.scalars import FloatColumn
from plantwright.identity.models import Role


@strawberry.type(description="A metric in normal operation.")
class ReferenceMetric:
    name: str
    mean: float
    standard_deviation: float
    correlations: FloatColumn = strawberry.field(description="With each metric of the reference, in their order.")


@strawberry.type(description="How the metrics of a machine go together in normal operation; docs/detectors.md.")
class MachineReference:
    machine_id: strawberry.ID
    is_ready: bool = strawberry.field(description="Whether the machine is judged by it.")
    hours_learnt: int = strawberry.field(description="It is drawn once 24 hours have been seen.")
    metrics: list[ReferenceMetric] = strawberry.field(description="Those that take part; empty until it is ready.")
    metrics_left_out: list[str] = strawberry.field(description="Metrics without a settled level.")
    principal_components: int | None
    t2_limit: float | None
    q_limit: float | None = strawberry.field(description="Null where all components make T².")

    @classmethod
    def of(cls, found: service.MachineReference) -> Self:
        reference = found.reference
        return cls(
            machine_id=strawberry.ID(str(found.machine_id)),
            is_ready=reference is not None,
            hours_learnt=found.hours,
            metrics=_metrics(found),
            metrics_left_out=list(found.left_out),
            principal_components=None if reference is None else reference.principal,
            t2_limit=None if reference is None else reference.t2_limits.usual,
            q_limit=None if reference is None or not reference.has_q else reference.q_limits.usual,
        )


def _metrics(found: service.MachineReference) -> list[ReferenceMetric]:
    reference = found.reference
    if reference is None:
        return []
    columns = zip(found.metrics, reference.mean.tolist(), reference.std.tolist(), reference.correlation, strict=True)
    return [
        ReferenceMetric(name=name, mean=mean, standard_deviation=std, correlations=FloatColumn(row.copy()))
        for name, mean, std, row in columns
    ]


@strawberry.input(description="The period was normal operation; at most 31 days and 200,000 readings.")
class MachineReferenceVouchInput:
    machine_id: strawberry.ID
    from_: datetime = strawberry.field(name="from", description="Included.")
    to: datetime = strawberry.field(description="Not included.")


@strawberry.input
class MachineReferenceRestartInput:
    machine_id: strawberry.ID


@strawberry.type
class MachineReferenceVouchSuccess:
    reference: MachineReference


@strawberry.type
class MachineReferenceRestartSuccess:
    reference: MachineReference


MachineReferenceVouchResult = Annotated[
    MachineReferenceVouchSuccess | ValidationFailed | NotFound | PermissionDenied,
    strawberry.union("MachineReferenceVouchResult"),
]
MachineReferenceRestartResult = Annotated[
    MachineReferenceRestartSuccess | NotFound | PermissionDenied, strawberry.union("MachineReferenceRestartResult")
]


@strawberry.type
class MachineReferenceQuery:
    @strawberry.field(description="Null for an unknown machine.")
    async def machine_reference(self, info: Info, machine_id: strawberry.ID) -> MachineReference | None:
        _ = info.context.principal
        key = parse_id(machine_id)
        if key is None:
            return None
        async with info.context.reading() as work:
            found = await service.read_reference(work, key)
        return None if found is None else MachineReference.of(found)


@strawberry.type
class MachineReferenceMutation:
    @strawberry.mutation(
        description="Vouch for a period: the reference of the machine is drawn from it at once. Admins and operators."
    )
    @returns_errors(ValidationFailed, NotFound, PermissionDenied)
    async def machine_reference_vouch(
        self,
        info: Info,
        input: MachineReferenceVouchInput,  # noqa: A002 - the API's word
    ) -> MachineReferenceVouchResult:
        principal = info.context.require(Role.ADMIN, Role.OPERATOR)
        key = require_id(input.machine_id, MACHINE_NOT_FOUND, "machineId")
        journal, span = info.context.services.journal, service.Span(input.from_, input.to)
        async with info.context.writing() as work:
            found = await service.vouch(work, journal, principal.user_id, key, span)
        return MachineReferenceVouchSuccess(reference=MachineReference.of(found))

    @strawberry.mutation(
        description="After maintenance: forget what the machine and its metrics were like, and learn them anew; the "
        "machine as a whole is judged again after a day. Admins and operators."
    )
    @returns_errors(NotFound, PermissionDenied)
    async def machine_reference_restart(
        self,
        info: Info,
        input: MachineReferenceRestartInput,  # noqa: A002 - the API's word
    ) -> MachineReferenceRestartResult:
        principal = info.context.require(Role.ADMIN, Role.OPERATOR)
        key = require_id(input.machine_id, MACHINE_NOT_FOUND, "machineId")
        async with info.context.writing() as work:
            found = await service.restart(work, info.context.services.journal, principal.user_id, key)
        return MachineReferenceRestartSuccess(reference=MachineReference.of(found))
