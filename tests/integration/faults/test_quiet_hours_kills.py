"""The worker is killed while quiet hours hold what routes tell: each alert is told in one summary, once."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import time
from uuid import UUID

from plantwright.alerts.models import Severity
from plantwright.core.clock import utc_now
from plantwright.core.settings import Settings
from plantwright.escalation import quiet_settings
from plantwright.escalation.models import HeldNotice
from plantwright.escalation.quiet_hours import DigestRhythm, QuietHours
from plantwright.escalation.quiet_settings import QuietScope
from plantwright.escalation.wall_time import WeeklyWindow
from plantwright.journal.service import Journal
from plantwright.notifications.addresses import new_runtime
from plantwright.notifications.models import NotificationChannel, NotificationDelivery
from sqlmodel import select

from tests.backend.alerts.making import finding
from tests.backend.escalation.making import Plant, make_plant
from tests.conftest import Databases
from tests.factories import MachineFactory, MadeTenant
from tests.stack import STOP_SECONDS, start_worker

ROUNDS = 3
AT_ONCE = 2
ALERTS = ROUNDS * AT_ONCE
LONGEST_SECONDS = 120
ALWAYS = (WeeklyWindow((1, 2, 3, 4, 5, 6, 7), time(0), time(0)),)


def quiet() -> QuietHours:
    """All week, told together three days from now."""
    return QuietHours(
        time_zone="UTC",
        windows=ALWAYS,
        low_urgency=(Severity.INFO, Severity.WARNING),
        rhythm=DigestRhythm.WEEKLY,
        digest_time=time(7),
        digest_weekday=(utc_now().isoweekday() + 2) % 7 + 1,
    )


async def quieten(plant: Plant) -> None:
    async with plant.databases.app.transaction(plant.tenant.id) as work:
        channel = await work.session.get(NotificationChannel, (plant.tenant.id, plant.channel_id))
        assert channel is not None
        work.session.add(new_runtime(channel))
        await quiet_settings.put(
            work,
            plant.journal,
            plant.tenant.admin_id,
            scope=QuietScope.CHANNEL,
            subject_id=plant.channel_id,
            quiet=quiet(),
        )


async def held(plant: Plant) -> Counter[UUID]:
    async with plant.databases.app.reading(plant.tenant.id) as work:
        return Counter(row.alert_id for row in (await work.session.exec(select(HeldNotice))).all())


async def told_events(plant: Plant) -> set[str]:
    async with plant.databases.app.reading(plant.tenant.id) as work:
        return {row.event for row in (await work.session.exec(select(NotificationDelivery))).all()}


async def until(is_so: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(LONGEST_SECONDS):
        while not await is_so():  # noqa: ASYNC110 - the worker calls nobody
            await asyncio.sleep(0.1)


async def test_what_waits_is_told_once_whenever_the_worker_is_killed(
    settings: Settings, databases: Databases, journal: Journal, tenant: MadeTenant, make_machine: MachineFactory
) -> None:
    plant = await make_plant(databases, journal, tenant, make_machine)
    await quieten(plant)
    log, moments = settings.data_dir / "quiet-worker.log", random.Random(11)  # noqa: S311 - moments, no secrets
    worker = start_worker(settings, log)
    try:
        for number in range(ROUNDS):
            _, metrics = await make_machine(tenant, metrics={f"m{number}_{one}": "" for one in range(AT_ONCE)})
            await plant.tell(*(finding("started", one, utc_now(), severity="warning") for one in metrics.values()))
            if number > 0:
                # Somewhere between the finding, the alert and what is held.
                await asyncio.sleep(moments.uniform(0, 0.3))
            else:
                await until(lambda: _has_some(plant))
            worker.kill()
            worker.wait(STOP_SECONDS)
            worker = start_worker(settings, log)
        await until(lambda: _has_all(plant))
        assert set((await held(plant)).values()) == {1}
        async with databases.app.transaction(tenant.id) as work:
            await quiet_settings.remove(work, journal, tenant.admin_id, QuietScope.CHANNEL, plant.channel_id)
        await until(lambda: _has_none(plant))
        worker.kill()
        worker.wait(STOP_SECONDS)
        worker = start_worker(settings, log)
        await until(lambda: _has_told(plant))
    finally:
        worker.kill()
        worker.wait(STOP_SECONDS)
    records = await plant.records("notification.digest")
    listed = Counter(alert_id for row in records for alert_id in row.payload["alert_ids"])
    assert listed == Counter(str(alert.id) for alert in await plant.alerts())
    assert len(listed) == ALERTS
    assert await told_events(plant) == {"notification.digest"}


async def _has_some(plant: Plant) -> bool:
    return bool(await held(plant))


async def _has_all(plant: Plant) -> bool:
    return len(await held(plant)) == ALERTS


async def _has_none(plant: Plant) -> bool:
    return not await held(plant)


async def _has_told(plant: Plant) -> bool:
    return bool(await told_events(plant))
