"""What is stored."""

import strawberry

from plantwright.graphql.context import Info
from plantwright.graphql.storage.types import Storage
from plantwright.identity.models import Role
from plantwright.readings.storage.service import read_storage


@strawberry.type
class StorageQuery:
    @strawberry.field(
        description="What is stored of the tenant's readings, as measured every quarter of an hour. Admins only."
    )
    async def storage(self, info: Info) -> Storage:
        info.context.require(Role.ADMIN)
        async with info.context.reading() as work:
            return Storage.of(await read_storage(work))
