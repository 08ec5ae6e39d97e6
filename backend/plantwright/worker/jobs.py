"""Jobs that somebody asks for; each is about one tenant."""

from typing import Any
from uuid import UUID

from plantwright.notifications.dispatcher import Dispatcher
from plantwright.readings.storage.service import run_cleanup
from plantwright.worker.consumers import Consumers


async def consume_readings(context: dict[str, Any], tenant_id: str) -> None:
    await context["consumers"].consume_readings(UUID(tenant_id))


async def consume_journal(context: dict[str, Any], tenant_id: str) -> None:
    await context["consumers"].consume_journal(UUID(tenant_id))


async def derive_late_readings(context: dict[str, Any], tenant_id: str) -> None:
    await context["consumers"].derive_late(UUID(tenant_id))


async def deliver_notifications(context: dict[str, Any], tenant_id: str) -> None:
    """Returns at once: an endpoint that hangs takes no place of other jobs."""
    dispatcher: Dispatcher = context["dispatcher"]
    dispatcher.wake(UUID(tenant_id))


async def run_storage_cleanup(context: dict[str, Any], tenant_id: str) -> None:
    consumers: Consumers = context["consumers"]
    await run_cleanup(consumers.database, consumers.journal, UUID(tenant_id), consumers.merge_readings)
