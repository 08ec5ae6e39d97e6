"""Cleaning up what is stored."""

from typing import Annotated

import strawberry

from plantwright.graphql.context import Info
from plantwright.graphql.errors import PermissionDenied, returns_errors
from plantwright.graphql.storage.types import Storage
from plantwright.identity.models import Role
from plantwright.readings.storage.service import read_storage, request_cleanup


@strawberry.type
class RunStorageCleanupSuccess:
    storage: Storage


RunStorageCleanupResult = Annotated[
    RunStorageCleanupSuccess | PermissionDenied, strawberry.union("RunStorageCleanupResult")
]


@strawberry.type
class StorageMutation:
    @strawberry.mutation(
        description="Have the worker merge what is due, delete what the tier no longer keeps, and measure again. While "
        "a clean-up waits or runs, asking again changes nothing. Admins only."
    )
    @returns_errors(PermissionDenied)
    async def run_storage_cleanup(self, info: Info) -> RunStorageCleanupResult:
        principal = info.context.require(Role.ADMIN)
        services = info.context.services
        async with info.context.writing() as work:
            await request_cleanup(work, services.journal, services.queue, principal.user_id)
            found = await read_storage(work)
        return RunStorageCleanupSuccess(storage=Storage.of(found))
