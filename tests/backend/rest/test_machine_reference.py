"""What a machine is like as a whole: vouched for, learnt anew, refused; an episode that was open is over."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import asyncpg
import httpx
import numpy as np
import pytest
import pytest_asyncio
from plantwright.core.settings import Settings
from plantwright.detection.multivariate.consumer import MachineConsumer
from plantwright.identity.models import Role
from plantwright.journal.service import Journal
from plantwright.readings.consumers import run_readings_consumer
from plantwright.readings.models import Quality

from tests.backend.detection.multivariate.support import related
from tests.backend.readings.log_writer import LogWriter
from tests.backend.rest.caller import Caller
from tests.conftest import Databases
from tests.factories import MachineFactory, MadeTenant

pytestmark = pytest.mark.asyncio(loop_scope="session")

NAMES = ("current", "flow", "power", "level")
START = datetime(2026, 1, 1, tzinfo=UTC)
MINUTES = 600


@pytest_asyncio.fixture(loop_scope="session")
async def machine_id(
    settings: Settings, databases: Databases, tenant: MadeTenant, make_machine: MachineFactory
) -> AsyncIterator[str]:
    """A machine with ten hours of readings, the last two of them with a metric out of its relation."""
    machine, metrics = await make_machine(tenant, metrics=dict.fromkeys(NAMES, "1"))
    table = related(MINUTES)
    table[480:, 0] += 1.2
    series = [int(metrics[name].series_id or 0) for name in NAMES]
    first = round(START.timestamp() * 1_000)
    ingest = await asyncpg.connect(settings.role_url("ingest"))
    log = LogWriter(ingest, databases, tenant)
    for start in (0, 480):
        rows = range(start, min(start + 480, MINUTES))
        await log.flush(
            [
                (number, first + row * 60_000, float(table[row, place]), int(Quality.GOOD))
                for row in rows
                for place, number in enumerate(series)
            ]
        )
    yield str(machine.id)
    await ingest.close()


def period(hours_from: float, hours_to: float) -> dict[str, str]:
    return {
        "from": (START + timedelta(hours=hours_from)).isoformat(),
        "to": (START + timedelta(hours=hours_to)).isoformat(),
    }


async def test_a_period_that_is_vouched_for_is_the_reference_at_once(admin: Caller, machine_id: str) -> None:
    path = f"/machines/{machine_id}/reference"
    before = await admin.get(path)
    assert (before["is_ready"], before["metrics"], before["hours_learnt"]) == (False, [], 0)
    assert sorted(before["metrics_left_out"]) == sorted(NAMES)

    vouched = await admin.write("PUT", path, period(0, 8), 200)
    assert vouched == await admin.get(path)
    assert vouched["is_ready"]
    assert vouched["metrics_left_out"] == []
    table = related(MINUTES)[:480]
    for place, metric in enumerate(vouched["metrics"]):
        assert metric["metric_name"] == NAMES[place]
        assert metric["mean"] == pytest.approx(table[:, place].mean(), rel=1e-3)
        assert metric["standard_deviation"] == pytest.approx(table[:, place].std(), rel=1e-2)
        assert metric["correlations"] == pytest.approx(np.asarray(np.corrcoef(table.T))[place], abs=0.01)
    records = (await admin.get("/audit-records", action_prefix="machine.reference"))["items"]
    assert [row["action"] for row in records] == ["machine.reference_vouched"]


async def test_to_learn_a_machine_anew_ends_what_was_found(
    admin: Caller, machine_id: str, databases: Databases, tenant: MadeTenant, journal: Journal
) -> None:
    path = f"/machines/{machine_id}/reference"
    await admin.write("PUT", path, period(0, 8), 200)
    await run_readings_consumer(databases.worker, tenant.id, MachineConsumer(journal))
    told = [row["action"] for row in (await admin.get("/audit-records", action_prefix="finding."))["items"]]
    assert set(told) <= {"finding.started", "finding.continued"}
    assert told
    again = await admin.write("DELETE", path, None, 200)
    assert (again["is_ready"], again["hours_learnt"]) == (False, 0)
    actions = [row["action"] for row in (await admin.get("/audit-records", machine_id=machine_id))["items"]]
    assert actions[:2] == ["finding.ended", "machine.reference_restarted"]
    assert actions.count("metric.settings_changed") == len(NAMES), "each metric begins a baseline of its own anew"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (period(8, 8), "must begin before it ends"),
        (period(0, 24 * 40), "31 days long at most"),
        (period(100, 101), "Choose a longer period"),
        ({"from": "2099-01-01T00:00:00Z", "to": "2099-01-02T00:00:00Z"}, "must be over"),
    ],
    ids=["empty", "long", "no readings", "to come"],
)
async def test_periods_nobody_can_vouch_for(admin: Caller, machine_id: str, body: dict[str, str], reason: str) -> None:
    status, message = await admin.refused("PUT", f"/machines/{machine_id}/reference", json=body)
    assert status == 422
    assert reason in message


async def test_viewers_look_and_others_say(
    client: httpx.AsyncClient, settings: Settings, tenant: MadeTenant, machine_id: str
) -> None:
    viewer = Caller.of(client, settings, tenant, Role.VIEWER)
    path = f"/machines/{machine_id}/reference"
    assert not (await viewer.get(path))["is_ready"]
    assert (await viewer.refused("PUT", path, json=period(0, 8)))[0] == 403
    assert (await viewer.refused("DELETE", path))[0] == 403
    operator = Caller.of(client, settings, tenant, Role.OPERATOR)
    assert (await operator.write("PUT", path, period(0, 8), 200))["is_ready"]
