"""What the tests of this room look at and change beside the services."""

from typing import Any
from uuid import UUID

from plantwright.core.database import Database
from plantwright.identity import repository
from plantwright.journal import repository as journal_repository
from plantwright.journal.models import AuditRecord


async def records(database: Database, tenant_id: UUID, prefix: str) -> list[AuditRecord]:
    async with database.reading(tenant_id) as work:
        return list(await journal_repository.read_actions_after(work, 0, [prefix], 1000))


async def everything_recorded(database: Database, tenant_id: UUID) -> str:
    return "\n".join(f"{row.action} {row.resource_id} {row.payload}" for row in await records(database, tenant_id, ""))


async def change_user(database: Database, tenant_id: UUID, user_id: UUID, **values: Any) -> None:
    async with database.transaction(tenant_id) as work:
        user = await repository.get_user(work, user_id)
        assert user is not None
        for name, value in values.items():
            setattr(user, name, value)
        work.session.add(user)
