"""Without Redis nobody is woken, but nothing is lost: readings are stored, and found once it is back."""

import asyncio

from plantwright.journal.service import Journal

from tests.conftest import Databases
from tests.factories import MachineFactory, MadeTenant
from tests.integration.audit import findings_of, journal_rows, replayed_findings, stored, wait_until_consumed
from tests.integration.faults.rig import Rig
from tests.integration.plant import METRIC, Sender


async def test_readings_acknowledged_without_redis_are_stored_and_judged_after_it(
    rig: Rig, databases: Databases, journal: Journal, tenant: MadeTenant, make_machine: MachineFactory
) -> None:
    sender = await Sender.make(rig.url, databases, journal, tenant, make_machine)
    await sender.send_normal()
    await wait_until_consumed(databases, tenant)
    rig.services.valkey.stop()
    answer = await sender.send_spike()
    assert answer.json() == {"accepted_count": 1, "rejected_count": 0, "errors": []}
    assert [value for _, value in await stored(databases, tenant, sender.metrics[METRIC])][-1] == 9.0
    # The worker has nobody to ask for work: it must end, and say so, for its supervisor to start it again.
    assert await asyncio.to_thread(rig.stack.worker.wait, 30) != 0
    assert await journal_rows(databases, tenant, "finding.") == []

    rig.services.valkey.restart()
    rig.start_worker()
    await wait_until_consumed(databases, tenant)
    assert (await findings_of(databases, tenant)).keys() == {METRIC}
    assert await findings_of(databases, tenant) == await replayed_findings(
        databases, tenant, list(sender.metrics.values())
    )
    assert len(await journal_rows(databases, tenant, "alert.raised")) == 1
    assert rig.stack.api.poll() is None


async def test_a_worker_that_finds_no_redis_ends_with_an_error(rig: Rig) -> None:
    rig.kill_worker()
    rig.services.valkey.stop()
    rig.start_worker()
    assert await asyncio.to_thread(rig.stack.worker.wait, 30) != 0


async def test_a_redis_that_hangs_delays_no_acknowledgement(
    rig: Rig, databases: Databases, journal: Journal, tenant: MadeTenant, make_machine: MachineFactory
) -> None:
    sender = await Sender.make(rig.url, databases, journal, tenant, make_machine)
    with rig.frozen_redis():
        await sender.send_normal()
        assert (await sender.send_spike()).status_code == 207
    await wait_until_consumed(databases, tenant)
    assert len(await journal_rows(databases, tenant, "alert.raised")) == 1
