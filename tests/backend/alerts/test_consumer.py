import asyncio
from collections.abc import Sequence
from uuid import uuid4

import pytest
from plantwright.alerts import service
from plantwright.alerts.consumer import AlertConsumer
from plantwright.alerts.life_cycle import AlertState, state_of
from plantwright.assets.models import Metric
from plantwright.core.database import UnitOfWork
from plantwright.journal.consumers import run_consumer
from plantwright.journal.models import AuditRecord
from plantwright.journal.service import Fact, Journal
from structlog.testing import capture_logs

from tests.backend.alerts.making import Plant, at, finding
from tests.conftest import Databases
from tests.factories import MachineFactory, MadeTenant


async def test_the_end_tells_when_it_was_last_seen(plant: Plant, vibration: Metric) -> None:
    """Findings of an episode that goes on become rare, so the newest of them may lie far back."""
    [alert] = await plant.find(
        finding("started", vibration, at(0)),
        finding("continued", vibration, at(64)),
        finding("ended", vibration, at(100), last_violation_ms=int(at(99).timestamp() * 1000)),
    )
    assert (alert.last_seen_at, alert.cleared_at, alert.occurrences) == (at(99), at(100), 1)


async def test_a_finding_raises_an_alert_with_its_evidence(plant: Plant, vibration: Metric) -> None:
    [alert] = await plant.find(finding("started", vibration, at(0)))

    assert state_of(alert) is AlertState.ACTIVE_UNACKNOWLEDGED
    assert (alert.machine_id, alert.cause, alert.severity) == (vibration.machine_id, "static_baseline", "warning")
    assert (alert.value, alert.score, alert.threshold, alert.occurrences) == (9.21, 6.3, 5.0, 1)
    assert alert.raised_at == alert.last_seen_at == at(0)
    assert alert.evidence["inputs"]["mean"] == "2.1"
    assert alert.message == "Vibration RMS 9.21 mm/s is 6.3 standard deviations above its 7-day mean 2.10 mm/s"
    [payload] = await plant.payloads("alert.raised")
    assert payload["alert_id"] == str(alert.id)
    assert payload["machine_id"] == str(vibration.machine_id)
    assert (payload["state"], payload["score"]) == ("active_unacknowledged", "6.3")


async def test_a_second_start_counts_up_instead_of_raising_again(plant: Plant, vibration: Metric) -> None:
    await plant.find(finding("started", vibration, at(0)))
    [alert] = await plant.find(finding("started", vibration, at(1), value=9.5, score=7.0))

    assert (alert.occurrences, alert.value, alert.score) == (2, 9.5, 7.0)
    assert (alert.raised_at, alert.last_seen_at) == (at(0), at(1))
    assert await plant.actions() == ["alert.raised", "alert.repeated"]


async def test_each_metric_and_cause_has_its_own_alert(
    plant: Plant, tenant: MadeTenant, make_machine: MachineFactory
) -> None:
    _, metrics = await make_machine(tenant, metrics={"temperature": "°C", "pressure": "bar"})
    alerts = await plant.find(
        finding("started", metrics["temperature"], at(0)),
        finding("started", metrics["temperature"], at(1), detector="ewma"),
        finding("started", metrics["pressure"], at(2)),
    )
    assert len(alerts) == 3
    assert all(alert.occurrences == 1 for alert in alerts)


async def test_continued_refreshes_the_time_and_writes_no_row(plant: Plant, vibration: Metric) -> None:
    [alert] = await plant.find(
        finding("started", vibration, at(0)), finding("continued", vibration, at(1), value=99.0, score=9.0)
    )
    assert (alert.last_seen_at, alert.value, alert.occurrences) == (at(1), 9.21, 1)
    assert await plant.actions() == ["alert.raised"]


async def test_the_end_of_the_finding_clears_at_its_time(plant: Plant, vibration: Metric) -> None:
    [alert] = await plant.find(finding("started", vibration, at(0)), finding("ended", vibration, at(3), value=2.0))
    assert alert.cleared_at == at(3)
    assert state_of(alert) is AlertState.CLEARED_UNACKNOWLEDGED
    assert alert.value == 9.21
    assert await plant.actions() == ["alert.raised", "alert.cleared"]


async def test_a_chattering_finding_stays_one_alert(plant: Plant, vibration: Metric) -> None:
    for minute in range(0, 12, 4):
        await plant.find(
            finding("started", vibration, at(minute)), finding("ended", vibration, at(minute + 2), value=2.0)
        )
    [alert] = await plant.alerts()
    assert (alert.occurrences, alert.raised_at, alert.cleared_at) == (3, at(0), at(10))


async def test_ten_minutes_of_quiet_make_a_new_alert_even_within_one_batch(plant: Plant, vibration: Metric) -> None:
    alerts = await plant.find(
        finding("started", vibration, at(0)),
        finding("ended", vibration, at(2)),
        finding("started", vibration, at(12)),
        finding("ended", vibration, at(13)),
        finding("started", vibration, at(23.1)),
    )
    assert [(alert.raised_at, alert.occurrences) for alert in alerts] == [(at(0), 2), (at(23.1), 1)]
    assert [alert.cleared_at for alert in alerts] == [at(13), None]


async def test_a_clear_and_a_new_alert_of_the_same_key_fit_into_one_batch(plant: Plant, vibration: Metric) -> None:
    await plant.find(finding("started", vibration, at(0)))
    alerts = await plant.find(finding("ended", vibration, at(2)), finding("started", vibration, at(20)))
    assert [(alert.raised_at, alert.cleared_at) for alert in alerts] == [(at(0), at(2)), (at(20), None)]


async def test_old_data_does_not_reopen_an_alert_of_today(plant: Plant, vibration: Metric) -> None:
    await plant.find(finding("started", vibration, at(0)), finding("ended", vibration, at(2)))
    alerts = await plant.find(finding("started", vibration, at(-100_000)))
    assert [alert.raised_at for alert in alerts] == [at(-100_000), at(0)]


async def test_a_rise_of_severity_is_told_and_asks_for_acknowledgement_again(
    plant: Plant, tenant: MadeTenant, vibration: Metric
) -> None:
    [alert] = await plant.find(finding("started", vibration, at(0)))
    async with plant.worker.transaction(tenant.id) as work:
        await service.acknowledge(work, plant.journal, tenant.operator_id, alert.id, "on my way")

    [alert] = await plant.find(finding("started", vibration, at(1)))
    assert state_of(alert) is AlertState.ACTIVE_ACKNOWLEDGED

    [alert] = await plant.find(finding("continued", vibration, at(2), severity="critical", value=20.0, score=16.0))
    assert state_of(alert) is AlertState.ACTIVE_UNACKNOWLEDGED
    assert (alert.severity, alert.value, alert.acknowledge_note) == ("critical", 20.0, None)
    [payload] = await plant.payloads("alert.severity_raised")
    assert (payload["old_severity"], payload["severity"]) == ("warning", "critical")


async def test_a_repeat_of_lower_severity_does_not_lower_it(plant: Plant, vibration: Metric) -> None:
    [alert] = await plant.find(
        finding("started", vibration, at(0), severity="critical"), finding("started", vibration, at(1))
    )
    assert alert.severity == "critical"


async def test_unknown_metrics_and_unreadable_rows_are_skipped_with_a_log_line(
    plant: Plant, tenant: MadeTenant, vibration: Metric, make_machine: MachineFactory
) -> None:
    other_machine, _ = await make_machine(tenant)
    stranger = Metric(tenant_id=tenant.id, id=uuid4(), machine_id=vibration.machine_id, name="gone", unit="")
    misplaced = Metric(
        tenant_id=tenant.id, id=vibration.id, machine_id=other_machine.id, name=vibration.name, unit="mm/s"
    )
    broken = finding("started", vibration, at(0))
    unreadable = Fact(
        action=broken.action,
        resource_type="metric",
        resource_id=broken.resource_id,
        payload={**broken.payload, "value": "high"},
    )
    with capture_logs() as logs:
        alerts = await plant.find(
            finding("started", stranger, at(0)),
            finding("started", misplaced, at(0)),
            unreadable,
            finding("ended", vibration, at(1)),
            finding("continued", vibration, at(2), severity="critical"),
            finding("started", vibration, at(3)),
        )
    assert [alert.raised_at for alert in alerts] == [at(3)]
    events = [entry["event"] for entry in logs]
    assert events == ["finding_unreadable", "finding_of_unknown_metric", "finding_of_unknown_metric"]


class FailsOnce(AlertConsumer):
    """Dies after its effect, before the commit, the second time it is called."""

    def __init__(self, journal: Journal) -> None:
        super().__init__(journal)
        self.calls = 0

    async def consume(self, work: UnitOfWork, records: Sequence[AuditRecord]) -> None:
        await super().consume(work, records)
        self.calls += 1
        if self.calls == 2:
            raise ConnectionError("killed")


async def test_a_crash_between_batches_neither_loses_nor_repeats(plant: Plant, vibration: Metric) -> None:
    await plant.tell(*(finding("started", vibration, at(minute)) for minute in range(6)))
    consumer = FailsOnce(plant.journal)
    while consumer.calls == 0:
        with pytest.raises(ConnectionError):
            await run_consumer(plant.worker, plant.tenant_id, consumer, batch=3)
    [alert] = await plant.alerts()
    told = len(await plant.actions())
    assert 1 <= alert.occurrences < 6
    assert told == alert.occurrences

    await run_consumer(plant.worker, plant.tenant_id, consumer, batch=3)
    [alert] = await plant.alerts()
    assert alert.occurrences == 6
    assert await plant.actions() == ["alert.raised"] + ["alert.repeated"] * 5


async def test_two_workers_raise_no_alert_twice(
    plant: Plant, databases: Databases, tenant: MadeTenant, make_machine: MachineFactory
) -> None:
    _, metrics = await make_machine(tenant, metrics={f"metric_{number}": "mm" for number in range(20)})
    for metric in metrics.values():
        await plant.tell(finding("started", metric, at(0)), finding("started", metric, at(1)))

    consumers = (AlertConsumer(plant.journal) for _ in range(3))
    await asyncio.gather(*(run_consumer(databases.worker, tenant.id, one, batch=7) for one in consumers))

    alerts = await plant.alerts()
    assert len(alerts) == 20
    assert {alert.occurrences for alert in alerts} == {2}
    assert sorted(await plant.actions()) == ["alert.raised"] * 20 + ["alert.repeated"] * 20


async def test_a_rise_takes_back_an_acknowledgement_made_at_the_same_time(
    plant: Plant, databases: Databases, tenant: MadeTenant, vibration: Metric
) -> None:
    [alert] = await plant.find(finding("started", vibration, at(0)))
    await plant.tell(finding("continued", vibration, at(1), severity="critical"))

    async with databases.app.transaction(tenant.id) as work:
        await service.acknowledge(work, plant.journal, tenant.operator_id, alert.id, None)
        catching_up = asyncio.create_task(run_consumer(plant.worker, tenant.id, plant.consumer))
        await asyncio.sleep(0.2)
        assert not catching_up.done()
    await catching_up

    [alert] = await plant.alerts()
    assert (state_of(alert), alert.severity) == (AlertState.ACTIVE_UNACKNOWLEDGED, "critical")
    assert await plant.actions() == ["alert.raised", "alert.acknowledged", "alert.severity_raised"]
