"""Sources that are polled in vain, and the one alert that tells of it."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from plantwright.alerts.suppression.axis import Suppression, suppression_of
from plantwright.assets.models import Metric
from plantwright.core.clock import utc_now
from plantwright.sources.models import IngestSource, SourceRuntime
from plantwright.sources.watch import watch_sources
from sqlalchemy import text

from tests.backend.alerts.making import Plant, finding
from tests.conftest import Databases
from tests.factories import MachineFactory, MadeTenant


@pytest.fixture
async def metric(make_machine: MachineFactory, tenant: MadeTenant) -> Metric:
    return (await make_machine(tenant, metrics={"level": "mm"}))[1]["level"]


@pytest.fixture
async def source(databases: Databases, tenant: MadeTenant, metric: Metric) -> IngestSource:
    made = IngestSource(
        tenant_id=tenant.id,
        name="PLC 1",
        machine_id=metric.machine_id,
        protocol="modbus_tcp",
        address="10.0.0.1:502",
        settings={},
    )
    async with databases.app.transaction(tenant.id) as work:
        work.session.add(made)
        await work.session.flush()
        work.session.add(SourceRuntime(tenant_id=tenant.id, source_id=made.id, is_wanted=True, version=1))
    return made


class Line:
    def __init__(self, plant: Plant, source: IngestSource) -> None:
        self.plant, self.source = plant, source

    async def set(self, **values: Any) -> None:
        changes = ", ".join(f"{name} = :{name}" for name in values)
        async with self.plant.worker.transaction(self.plant.tenant_id) as work:
            statement = text(f"UPDATE ingest_source_runtime SET {changes} WHERE source_id = :source")  # noqa: S608
            await work.execute(statement, {**values, "source": self.source.id})

    async def say(self, state: str) -> None:
        now = utc_now()
        await self.set(state=state, lease_until=now + timedelta(minutes=5), holder=uuid4(), last_error="no answer")

    async def look(self) -> None:
        async with self.plant.worker.transaction(self.plant.tenant_id) as work:
            await watch_sources(work, self.plant.journal, utc_now())


@pytest.fixture
def line(databases: Databases, journal: Any, tenant: MadeTenant, source: IngestSource) -> Line:
    return Line(Plant(databases.worker, journal, tenant.id), source)


async def test_a_source_that_stays_unreachable_is_one_alert_that_clears(line: Line) -> None:
    await line.say("recoverable")
    await line.look()
    assert await line.plant.actions("ingest_source.") == []
    # Starting again and again is the same trouble.
    await line.set(unreachable_since=utc_now() - timedelta(seconds=91))
    await line.say("starting")
    await line.look()
    await line.look()
    assert await line.plant.actions("ingest_source.") == ["ingest_source.lost"]
    [alert] = await line.plant.find()
    assert (alert.cause, alert.source_id, alert.machine_id, alert.site) == (
        "source_lost",
        line.source.id,
        None,
        "Hall 1",
    )
    assert alert.message.startswith("Communication lost: PLC 1 cannot be read since")

    await line.say("ok")
    await line.look()
    await line.look()
    assert await line.plant.actions("ingest_source.") == ["ingest_source.lost", "ingest_source.reached"]
    [alert] = await line.plant.find()
    assert alert.cleared_at is not None


async def test_a_short_break_is_nothing(line: Line) -> None:
    await line.say("recoverable")
    await line.look()
    await line.say("ok")
    await line.look()
    assert await line.plant.actions("ingest_source.") == []


async def test_machines_behind_it_keep_their_silence_to_themselves(line: Line, metric: Metric) -> None:
    told = {"is_true": True, "conditions": [{"is_true": True, "kind": "no_data"}, {"is_true": False, "kind": "range"}]}
    silence: dict[str, Any] = {
        "detector": "rule",
        "rule_id": str(uuid4()),
        "inputs": {"rule": "Heard of", "levels": [{"severity": "warning", "condition": told}]},
        "message": "No data for 5 minutes",
    }
    [before] = await line.plant.find(finding("started", metric, utc_now(), **silence))
    assert suppression_of(before) == []
    await line.say("recoverable")
    await line.set(unreachable_since=utc_now() - timedelta(seconds=91))
    await line.look()
    hot: dict[str, Any] = {"detector": "rule", "rule_id": str(uuid4()), "message": "Too hot"}
    again = {**silence, "rule_id": str(uuid4())}
    alerts = await line.plant.find(
        finding("started", metric, utc_now(), **hot), finding("started", metric, utc_now(), **again)
    )
    by_message = {(alert.message, str(alert.rule_id)): suppression_of(alert) for alert in alerts}
    assert by_message["No data for 5 minutes", silence["rule_id"]] == [Suppression.SUPPRESSED_BY_DESIGN]
    assert by_message["No data for 5 minutes", again["rule_id"]] == [Suppression.SUPPRESSED_BY_DESIGN]
    assert by_message["Too hot", hot["rule_id"]] == []

    later = {**silence, "rule_id": str(uuid4())}
    alerts = await line.plant.find(finding("started", metric, utc_now(), **later))
    assert [alert.design_reasons for alert in alerts if str(alert.rule_id) == later["rule_id"]] == [
        ["communication_lost"]
    ]
    await line.say("ok")
    await line.look()
    assert {tuple(suppression_of(alert)) for alert in await line.plant.find()} == {()}
