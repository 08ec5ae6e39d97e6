"""Making, changing and deleting rotations and overrides."""

from typing import Annotated

import strawberry

from plantwright.escalation import rotations as service
from plantwright.escalation.rotations import OVERRIDE_NOT_FOUND, ROTATION_NOT_FOUND
from plantwright.escalation.targets import USER_NOT_FOUND
from plantwright.escalation.wall_time import Span
from plantwright.graphql.context import Info, require_id
from plantwright.graphql.errors import Conflict, NotFound, PermissionDenied, ValidationFailed, returns_errors
from plantwright.graphql.escalation.rotations import (
    OnCallOverride,
    OnCallOverrideCreateInput,
    OnCallOverrideDeleteInput,
    OnCallRotation,
    OnCallRotationCreateInput,
    OnCallRotationDeleteInput,
    OnCallRotationUpdateInput,
)
from plantwright.graphql.escalation.windows import to_moment
from plantwright.identity.models import Role


@strawberry.type
class OnCallRotationCreateSuccess:
    rotation: OnCallRotation


@strawberry.type
class OnCallRotationUpdateSuccess:
    rotation: OnCallRotation


@strawberry.type(description="Its overrides went with it.")
class OnCallRotationDeleteSuccess:
    id: strawberry.ID


@strawberry.type
class OnCallOverrideCreateSuccess:
    override: OnCallOverride


@strawberry.type
class OnCallOverrideDeleteSuccess:
    id: strawberry.ID


OnCallRotationCreateResult = Annotated[
    OnCallRotationCreateSuccess | ValidationFailed | PermissionDenied | NotFound | Conflict,
    strawberry.union("OnCallRotationCreateResult"),
]
OnCallRotationUpdateResult = Annotated[
    OnCallRotationUpdateSuccess | ValidationFailed | PermissionDenied | NotFound | Conflict,
    strawberry.union("OnCallRotationUpdateResult"),
]
OnCallRotationDeleteResult = Annotated[
    OnCallRotationDeleteSuccess | PermissionDenied | NotFound | Conflict, strawberry.union("OnCallRotationDeleteResult")
]
OnCallOverrideCreateResult = Annotated[
    OnCallOverrideCreateSuccess | ValidationFailed | PermissionDenied | NotFound | Conflict,
    strawberry.union("OnCallOverrideCreateResult"),
]
OnCallOverrideDeleteResult = Annotated[
    OnCallOverrideDeleteSuccess | PermissionDenied | NotFound, strawberry.union("OnCallOverrideDeleteResult")
]


@strawberry.type
class OnCallMutation:
    @strawberry.mutation(description="Admins only.")
    @returns_errors(ValidationFailed, PermissionDenied, NotFound, Conflict)
    async def on_call_rotation_create(
        self,
        info: Info,
        input: OnCallRotationCreateInput,  # noqa: A002
    ) -> OnCallRotationCreateResult:
        principal = info.context.require(Role.ADMIN)
        async with info.context.writing() as work:
            row = await service.create(work, info.context.services.journal, principal.user_id, input.to_domain())
            [rotation] = await OnCallRotation.all_of(work, [row])
        return OnCallRotationCreateSuccess(rotation=rotation)

    @strawberry.mutation(description="Admins only.")
    @returns_errors(ValidationFailed, PermissionDenied, NotFound, Conflict)
    async def on_call_rotation_update(
        self,
        info: Info,
        input: OnCallRotationUpdateInput,  # noqa: A002
    ) -> OnCallRotationUpdateResult:
        principal = info.context.require(Role.ADMIN)
        rotation_id = require_id(input.id, ROTATION_NOT_FOUND, "id")
        async with info.context.writing() as work:
            row = await service.update(
                work,
                info.context.services.journal,
                principal.user_id,
                rotation_id,
                input.changes(),
                expected_version=input.expected_version,
            )
            [rotation] = await OnCallRotation.all_of(work, [row])
        return OnCallRotationUpdateSuccess(rotation=rotation)

    @strawberry.mutation(description="Refused while a policy tells it. Admins only.")
    @returns_errors(PermissionDenied, NotFound, Conflict)
    async def on_call_rotation_delete(
        self,
        info: Info,
        input: OnCallRotationDeleteInput,  # noqa: A002
    ) -> OnCallRotationDeleteResult:
        principal = info.context.require(Role.ADMIN)
        rotation_id = require_id(input.id, ROTATION_NOT_FOUND, "id")
        async with info.context.writing() as work:
            await service.delete(work, info.context.services.journal, principal.user_id, rotation_id)
        return OnCallRotationDeleteSuccess(id=input.id)

    @strawberry.mutation(description="Put somebody on call for a time. Everyone for themself, operators for others.")
    @returns_errors(ValidationFailed, PermissionDenied, NotFound, Conflict)
    async def on_call_override_create(
        self,
        info: Info,
        input: OnCallOverrideCreateInput,  # noqa: A002
    ) -> OnCallOverrideCreateResult:
        principal = info.context.principal
        user_id = require_id(input.user_id, USER_NOT_FOUND, "userId")
        rotation_id = require_id(input.rotation_id, ROTATION_NOT_FOUND, "rotationId")
        span = Span(to_moment(input.starts_at, "startsAt"), to_moment(input.ends_at, "endsAt"))
        async with info.context.writing() as work:
            row = await service.create_override(
                work,
                info.context.services.journal,
                principal,
                rotation_id=rotation_id,
                user_id=user_id,
                span=span,
            )
        return OnCallOverrideCreateSuccess(override=OnCallOverride.of(row))

    @strawberry.mutation(description="Everyone their own, operators those of others.")
    @returns_errors(PermissionDenied, NotFound)
    async def on_call_override_delete(
        self,
        info: Info,
        input: OnCallOverrideDeleteInput,  # noqa: A002
    ) -> OnCallOverrideDeleteResult:
        principal = info.context.principal
        override_id = require_id(input.id, OVERRIDE_NOT_FOUND, "id")
        async with info.context.writing() as work:
            await service.delete_override(work, info.context.services.journal, principal, override_id)
        return OnCallOverrideDeleteSuccess(id=input.id)
