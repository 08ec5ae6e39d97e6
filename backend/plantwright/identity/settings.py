"""Settings of a tenant; a change is journaled."""

from typing import Any
from uuid import UUID

from plantwright.core.database import UnitOfWork
from plantwright.identity import repository
from plantwright.journal.service import Fact, Journal


async def read_setting(work: UnitOfWork, name: str, default: Any) -> Any:
    """The tenant's value, else the default of the room that owns the name."""
    return (await repository.read_settings(work, name)).get(name, default)


async def change_settings(work: UnitOfWork, journal: Journal, actor_id: UUID | None, values: dict[str, Any]) -> None:
    """Write the values that differ and journal them as one `settings.changed` with old and new."""
    before = await repository.read_settings(work)
    changes = {
        name: {"old": before.get(name), "new": value} for name, value in values.items() if before.get(name) != value
    }
    if not changes:
        return
    for name in changes:
        await repository.write_setting(work, name, values[name])
    await journal.append(
        work,
        Fact(
            action="settings.changed",
            resource_type="tenant",
            resource_id=str(work.tenant_id),
            payload={"changes": changes},
            actor_id=actor_id,
        ),
    )
