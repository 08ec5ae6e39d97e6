"""Registering and changing machines."""

from typing import Annotated, Any

import strawberry

from plantwright.assets import service
from plantwright.assets.models import MachineKind, Protocol
from plantwright.graphql.assets.types import Machine
from plantwright.graphql.context import Info, require_id
from plantwright.graphql.errors import Conflict, NotFound, PermissionDenied, ValidationFailed, returns_errors
from plantwright.identity.models import Role


@strawberry.input
class MachineCreateInput:
    name: str
    identifier: str = strawberry.field(description="The name that agents use; unique in the tenant, kept for good.")
    protocol: Protocol
    kind: MachineKind = MachineKind.OTHER
    location: str | None = None


@strawberry.type
class MachineCreateSuccess:
    machine: Machine


MachineCreateResult = Annotated[
    MachineCreateSuccess | ValidationFailed | PermissionDenied | Conflict, strawberry.union("MachineCreateResult")
]


@strawberry.input(description="Fields left out stay; `location: null` clears it.")
class MachineUpdateInput:
    id: strawberry.ID
    name: str | None = strawberry.UNSET
    kind: MachineKind | None = strawberry.UNSET
    location: str | None = strawberry.UNSET

    def changes(self) -> dict[str, Any]:
        given: dict[str, Any] = {}
        if self.name is not strawberry.UNSET:
            given["name"] = self.name
        if self.kind is not strawberry.UNSET and self.kind is not None:
            given["kind"] = self.kind.value
        if self.location is not strawberry.UNSET:
            given["location"] = self.location
        return given


@strawberry.type
class MachineUpdateSuccess:
    machine: Machine


MachineUpdateResult = Annotated[
    MachineUpdateSuccess | ValidationFailed | PermissionDenied | NotFound, strawberry.union("MachineUpdateResult")
]


@strawberry.type
class AssetsMutation:
    @strawberry.mutation(description="Register a machine. Admins and operators.")
    @returns_errors(ValidationFailed, PermissionDenied, Conflict)
    async def machine_create(self, info: Info, input: MachineCreateInput) -> MachineCreateResult:  # noqa: A002
        principal = info.context.require(Role.ADMIN, Role.OPERATOR)
        async with info.context.writing() as work:
            machine = await service.create_machine(
                work,
                info.context.services.journal,
                principal.user_id,
                name=input.name,
                identifier=input.identifier,
                kind=input.kind,
                protocol=input.protocol,
                location=input.location,
            )
        return MachineCreateSuccess(machine=Machine.of(machine))

    @strawberry.mutation(description="Change name, kind or location. Admins and operators.")
    @returns_errors(ValidationFailed, PermissionDenied, NotFound)
    async def machine_update(self, info: Info, input: MachineUpdateInput) -> MachineUpdateResult:  # noqa: A002
        principal = info.context.require(Role.ADMIN, Role.OPERATOR)
        machine_id = require_id(input.id, service.MACHINE_NOT_FOUND, "id")
        async with info.context.writing() as work:
            machine = await service.update_machine(
                work, info.context.services.journal, principal.user_id, machine_id, input.changes()
            )
        return MachineUpdateSuccess(machine=Machine.of(machine))
