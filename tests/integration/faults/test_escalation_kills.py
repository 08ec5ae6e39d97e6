"""The worker is killed around the times at which steps are due: each step is told once."""

import asyncio
import random
import time
from collections import Counter

from plantwright.core.settings import Settings
from plantwright.escalation.models import EscalationReason
from plantwright.journal.service import Journal

from tests.backend.escalation.making import make_plant
from tests.conftest import Databases
from tests.factories import MachineFactory, MadeTenant
from tests.stack import STOP_SECONDS, start_worker

ALERTS = 6
STEPS = 10
KILLS = 5
SWEEP_SECONDS = 2
LONGEST_SECONDS = 240


async def test_each_step_is_told_once_whenever_the_worker_is_killed(
    settings: Settings, databases: Databases, journal: Journal, tenant: MadeTenant, make_machine: MachineFactory
) -> None:
    plant = await make_plant(databases, journal, tenant, make_machine)
    await plant.add_policy(*[plant.step(0)] * STEPS)
    for number in range(ALERTS):
        _, metrics = await make_machine(tenant, metrics={f"metric_{number}": ""})
        await plant.find(metric=metrics[f"metric_{number}"])
    log, moments = settings.data_dir / "escalation-worker.log", random.Random(7)  # noqa: S311 - moments, no secrets
    worker = start_worker(settings, log)
    deadline, kills, told_before = time.monotonic() + LONGEST_SECONDS, 0, 0
    try:
        while any(one.ended_at is None for one in await plant.escalations()):
            assert time.monotonic() < deadline, log.read_text()
            await asyncio.sleep(0.1)
            told_now = len(await plant.told())
            if kills < KILLS and told_now > told_before:
                # Sweeps begin at even seconds.
                await asyncio.sleep(SWEEP_SECONDS - time.time() % SWEEP_SECONDS + moments.uniform(0, 0.2))
                worker.kill()
                worker.wait(STOP_SECONDS)
                kills, told_before = kills + 1, told_now
                worker = start_worker(settings, log)
    finally:
        worker.kill()
        worker.wait(STOP_SECONDS)
    records = await plant.records("alert.escalated")
    told = Counter((row.payload["alert_id"], row.payload["step"]) for row in records)
    assert kills == KILLS
    assert set(told.values()) == {1}
    assert len(told) == ALERTS * STEPS
    assert {one.reason for one in await plant.escalations()} == {EscalationReason.COMPLETED}
    async with databases.worker.snapshot(tenant.id) as work:
        assert (await journal.verify(work)).is_intact
