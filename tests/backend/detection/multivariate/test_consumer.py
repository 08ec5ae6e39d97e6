"""The machine-level chart over a real log: from readings to a finding in the journal and an alert of the machine."""

from collections.abc import AsyncIterator, Sequence

import asyncpg
import numpy as np
import pytest
from plantwright.alerts.consumer import AlertConsumer
from plantwright.assets.models import Machine
from plantwright.core.settings import Settings
from plantwright.detection.multivariate.consumer import MachineConsumer
from plantwright.detection.multivariate.state import MachineState
from plantwright.journal.consumers import run_consumer
from plantwright.journal.models import AuditRecord
from plantwright.journal.service import Journal
from plantwright.readings.consumers import run_readings_consumer
from plantwright.readings.models import Quality
from sqlmodel import col, select

from tests.backend.detection.multivariate.support import related
from tests.backend.readings.log_writer import LogWriter, Reading
from tests.conftest import Databases
from tests.factories import MachineFactory, MadeTenant, TenantFactory

NAMES = ("current", "flow", "power", "level")
MINUTE_MS = 60_000
START_MS = 1_767_225_600_000
LEARNT = 26 * 60
FAULT = 120


class Machines:
    """Tenants with a machine each whose metrics are those of `related`."""

    def __init__(
        self, ingest: asyncpg.Connection, databases: Databases, journal: Journal, make: MachineFactory
    ) -> None:
        self._ingest, self._databases, self._journal, self._make = ingest, databases, journal, make

    async def new(self, tenant: MadeTenant) -> tuple[LogWriter, Machine, list[int]]:
        machine, metrics = await self._make(tenant, metrics=dict.fromkeys(NAMES, "1"))
        return (
            LogWriter(self._ingest, self._databases, tenant),
            machine,
            [int(metrics[name].series_id or 0) for name in NAMES],
        )

    async def watch(self, tenant: MadeTenant, batch: int = 50_000) -> None:
        await run_readings_consumer(self._databases.worker, tenant.id, MachineConsumer(self._journal), batch=batch)

    async def findings(self, tenant: MadeTenant) -> list[AuditRecord]:
        async with self._databases.app.reading(tenant.id) as work:
            statement = (
                select(AuditRecord)
                .where(AuditRecord.tenant_id == tenant.id, col(AuditRecord.action).startswith("finding."))
                .order_by(col(AuditRecord.sequence))
            )
            return list(await work.session.exec(statement))


@pytest.fixture
async def machines(
    settings: Settings, databases: Databases, journal: Journal, make_machine: MachineFactory
) -> AsyncIterator[Machines]:
    ingest = await asyncpg.connect(settings.role_url("ingest"))
    yield Machines(ingest, databases, journal, make_machine)
    await ingest.close()


def flushes(series: Sequence[int], *, shift: float = 1.2) -> list[list[Reading]]:
    """A reading of each metric a minute, an hour in a flush; the last two hours with a metric out of its relation."""
    table = related(LEARNT + FAULT)
    table[LEARNT:, 0] += shift
    rows = [
        (number, START_MS + row * MINUTE_MS, float(table[row, place]), int(Quality.GOOD))
        for row in range(len(table))
        for place, number in enumerate(series)
    ]
    size = 60 * len(series)
    return [rows[start : start + size] for start in range(0, len(rows), size)]


async def test_a_broken_relation_becomes_an_alert_of_the_machine(
    machines: Machines, databases: Databases, journal: Journal, tenant: MadeTenant
) -> None:
    log, machine, series = await machines.new(tenant)
    for flush in flushes(series):
        await log.flush(flush)
    await machines.watch(tenant)
    [started, *_] = await machines.findings(tenant)
    payload = started.payload
    assert (started.action, started.resource_type, started.resource_id) == (
        "finding.started",
        "machine",
        str(machine.id),
    )
    assert (payload["detector"], payload["metric"], payload["metric_id"]) == ("multivariate", None, None)
    assert payload["inputs"]["metrics"] == list(NAMES)
    assert payload["message"].startswith("The metrics of the machine have left their")
    contributions = [float(share) for share in payload["inputs"]["contributions"]]
    assert sum(contributions) == pytest.approx(float(payload["value"]))

    await run_consumer(databases.worker, tenant.id, AlertConsumer(journal))
    async with databases.app.reading(tenant.id) as work:
        [raised] = list(
            await work.session.exec(
                select(AuditRecord).where(AuditRecord.tenant_id == tenant.id, AuditRecord.action == "alert.raised")
            )
        )
    assert raised.payload["machine_id"] == str(machine.id)
    assert raised.payload["metric_id"] is None
    assert raised.payload["cause"] == "multivariate"
    assert raised.payload["message"] == payload["message"]


async def test_however_the_log_is_cut_the_findings_and_the_state_are_the_same(
    machines: Machines, databases: Databases, make_tenant: TenantFactory
) -> None:
    stories = []
    for batch in (1, 10_000, 1_000_000):
        tenant = await make_tenant()
        log, machine, series = await machines.new(tenant)
        for flush in flushes(series):
            await log.flush(flush)
        await machines.watch(tenant, batch)
        own = {"machine_id", "metric_id"}
        found = [
            {key: value for key, value in row.payload.items() if key not in own}
            for row in await machines.findings(tenant)
        ]
        [state] = await log.select("SELECT live, learnt FROM machine_chart WHERE machine_id = :id", id=machine.id)
        numbers = np.array(series)
        stories.append((found, state.learnt, len(state.live), np.diff(numbers).tolist()))
    assert stories[0][0]
    assert stories[0][:3] == stories[1][:3] == stories[2][:3]


async def test_readings_of_bad_quality_and_of_deleted_metrics_take_no_part(
    machines: Machines, tenant: MadeTenant
) -> None:
    log, _, series = await machines.new(tenant)
    await log.flush([(series[0], START_MS, 1.0, int(Quality.BAD)), (2**30, START_MS, 1.0, int(Quality.GOOD))])
    await machines.watch(tenant)
    assert await machines.findings(tenant) == []
    [row] = await log.select("SELECT live, learnt FROM machine_chart")
    assert MachineState.from_parts(row.live, row.learnt).series == ()
    assert await log.cursor(MachineConsumer.name) > 0


async def test_no_tenant_sees_the_charts_of_another(
    machines: Machines, tenant: MadeTenant, make_tenant: TenantFactory, databases: Databases, settings: Settings
) -> None:
    log, _, series = await machines.new(tenant)
    await log.flush(flushes(series)[0])
    await machines.watch(tenant)
    assert len(await log.select("SELECT * FROM machine_chart")) == 1
    other, _, _ = await machines.new(await make_tenant())
    assert await other.select("SELECT * FROM machine_chart") == []
