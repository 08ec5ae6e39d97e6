"""Making, changing, pausing and deleting sources, and mapping their tags."""

from typing import Annotated

import strawberry

from plantwright.core.errors import ValidationFailed as BadInput
from plantwright.graphql.context import Info, require_id
from plantwright.graphql.errors import Conflict, NotFound, PermissionDenied, ValidationFailed, returns_errors
from plantwright.graphql.sources.inputs import (
    CreateIngestSourceInput,
    DeleteIngestSourceInput,
    PauseIngestSourceInput,
    ResumeIngestSourceInput,
    SetTagMappingsInput,
    UpdateIngestSourceInput,
)
from plantwright.graphql.sources.settings import device_of, require_device
from plantwright.graphql.sources.types import IngestSource
from plantwright.identity.models import Role
from plantwright.sources import service
from plantwright.sources.limits import DEFAULT_INTERVAL


@strawberry.type
class CreateIngestSourceSuccess:
    source: IngestSource


@strawberry.type
class UpdateIngestSourceSuccess:
    source: IngestSource


@strawberry.type
class PauseIngestSourceSuccess:
    source: IngestSource


@strawberry.type
class ResumeIngestSourceSuccess:
    source: IngestSource


@strawberry.type(description="Its readings stay.")
class DeleteIngestSourceSuccess:
    id: strawberry.ID


@strawberry.type
class SetTagMappingsSuccess:
    source: IngestSource


CreateIngestSourceResult = Annotated[
    CreateIngestSourceSuccess | ValidationFailed | PermissionDenied | NotFound | Conflict,
    strawberry.union("CreateIngestSourceResult"),
]
UpdateIngestSourceResult = Annotated[
    UpdateIngestSourceSuccess | ValidationFailed | PermissionDenied | NotFound | Conflict,
    strawberry.union("UpdateIngestSourceResult"),
]
PauseIngestSourceResult = Annotated[
    PauseIngestSourceSuccess | PermissionDenied | NotFound, strawberry.union("PauseIngestSourceResult")
]
ResumeIngestSourceResult = Annotated[
    ResumeIngestSourceSuccess | PermissionDenied | NotFound, strawberry.union("ResumeIngestSourceResult")
]
DeleteIngestSourceResult = Annotated[
    DeleteIngestSourceSuccess | PermissionDenied | NotFound, strawberry.union("DeleteIngestSourceResult")
]
SetTagMappingsResult = Annotated[
    SetTagMappingsSuccess | ValidationFailed | PermissionDenied | NotFound | Conflict,
    strawberry.union("SetTagMappingsResult"),
]


@strawberry.type
class SourcesMutation:
    @strawberry.mutation(description="Have the server read a device. Admins and operators.")
    @returns_errors(ValidationFailed, PermissionDenied, NotFound, Conflict)
    async def create_ingest_source(self, info: Info, input: CreateIngestSourceInput) -> CreateIngestSourceResult:  # noqa: A002
        principal = info.context.require(Role.ADMIN, Role.OPERATOR)
        machine_id = require_id(input.machine_id, service.MACHINE_NOT_FOUND, "machineId")
        device = require_device(input.opc_ua, input.modbus_tcp, input.poll_interval_seconds)
        async with info.context.writing() as work:
            source = await service.create(
                work,
                info.context.services.sources.tools,
                principal.user_id,
                machine_id=machine_id,
                device=device,
                name=input.name,
                tags=[tag.to_domain() for tag in input.tags],
                is_paused=input.is_paused,
            )
        return CreateIngestSourceSuccess(source=IngestSource.of(source))

    @strawberry.mutation(description="Change how a device is reached. Admins and operators.")
    @returns_errors(ValidationFailed, PermissionDenied, NotFound, Conflict)
    async def update_ingest_source(self, info: Info, input: UpdateIngestSourceInput) -> UpdateIngestSourceResult:  # noqa: A002
        principal = info.context.require(Role.ADMIN, Role.OPERATOR)
        source_id = require_id(input.id, service.SOURCE_NOT_FOUND, "id")
        device = device_of(input.opc_ua, input.modbus_tcp, input.poll_interval_seconds or DEFAULT_INTERVAL)
        async with info.context.writing() as work:
            source = await service.update(
                work,
                info.context.services.sources.tools,
                principal.user_id,
                source_id,
                expected_version=input.expected_version,
                name=input.name,
                device=device,
                poll_interval=input.poll_interval_seconds,
                keeps_credentials=input.opc_ua is not None and input.opc_ua.keeps_credentials,
            )
        return UpdateIngestSourceSuccess(source=IngestSource.of(source))

    @strawberry.mutation(description="Stop reading until it is resumed. Admins and operators.")
    @returns_errors(PermissionDenied, NotFound)
    async def pause_ingest_source(self, info: Info, input: PauseIngestSourceInput) -> PauseIngestSourceResult:  # noqa: A002
        return PauseIngestSourceSuccess(source=await _set_paused(info, input.id, is_paused=True))

    @strawberry.mutation(description="Go on reading. Admins and operators.")
    @returns_errors(PermissionDenied, NotFound)
    async def resume_ingest_source(self, info: Info, input: ResumeIngestSourceInput) -> ResumeIngestSourceResult:  # noqa: A002
        return ResumeIngestSourceSuccess(source=await _set_paused(info, input.id, is_paused=False))

    @strawberry.mutation(description="Stop reading for good; the readings stay. Admins and operators.")
    @returns_errors(PermissionDenied, NotFound)
    async def delete_ingest_source(self, info: Info, input: DeleteIngestSourceInput) -> DeleteIngestSourceResult:  # noqa: A002
        principal = info.context.require(Role.ADMIN, Role.OPERATOR)
        source_id = require_id(input.id, service.SOURCE_NOT_FOUND, "id")
        async with info.context.writing() as work:
            await service.delete(work, info.context.services.sources.tools, principal.user_id, source_id)
        return DeleteIngestSourceSuccess(id=input.id)

    @strawberry.mutation(description="Say which tags are read and where their values go. Admins and operators.")
    @returns_errors(ValidationFailed, PermissionDenied, NotFound, Conflict)
    async def set_tag_mappings(self, info: Info, input: SetTagMappingsInput) -> SetTagMappingsResult:  # noqa: A002
        principal = info.context.require(Role.ADMIN, Role.OPERATOR)
        tools = info.context.services.sources.tools
        async with info.context.writing() as work:
            if input.source_id is not None:
                source_id = require_id(input.source_id, service.SOURCE_NOT_FOUND, "sourceId")
            elif input.machine_id is not None:
                machine_id = require_id(input.machine_id, service.MACHINE_NOT_FOUND, "machineId")
                source_id = (await service.only_source_of(work, machine_id)).id
            else:
                raise BadInput("Give sourceId or machineId.", ["sourceId"])
            source = await service.set_tags(
                work,
                tools,
                principal.user_id,
                source_id,
                [tag.to_domain() for tag in input.mappings],
                keeps_others=input.keep_others,
                expected_version=input.expected_version,
            )
        return SetTagMappingsSuccess(source=IngestSource.of(source))


async def _set_paused(info: Info, source_id: str, *, is_paused: bool) -> IngestSource:
    principal = info.context.require(Role.ADMIN, Role.OPERATOR)
    parsed = require_id(source_id, service.SOURCE_NOT_FOUND, "id")
    async with info.context.writing() as work:
        source = await service.set_paused(
            work, info.context.services.sources.tools, principal.user_id, parsed, is_paused=is_paused
        )
    return IngestSource.of(source)
