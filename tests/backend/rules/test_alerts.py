"""What becomes of a rule's findings: alerts that rise, fall and clear with it."""

from plantwright.alerts.consumer import AlertConsumer
from plantwright.alerts.models import Alert
from plantwright.journal.consumers import run_consumer
from plantwright.rules.definition import Level, Severity
from sqlmodel import select

from tests.backend.rules.making import TEMPERATURE, VIBRATION, Plant, documented, over


async def alerts(plant: Plant) -> list[Alert]:
    await run_consumer(plant.databases.worker, plant.tenant.id, AlertConsumer(plant.journal))
    async with plant.databases.worker.reading(plant.tenant.id) as work:
        return list((await work.session.exec(select(Alert).where(Alert.tenant_id == plant.tenant.id))).all())


async def test_the_documented_rule_raises_one_critical_alert_in_its_own_words(plant: Plant) -> None:
    rule = await plant.create(plant.definition(documented()))
    for second in (0, 150, 300):
        await plant.say(plant.reading(VIBRATION, second, 7.2), plant.reading(TEMPERATURE, second, 81.0))
    [alert] = await alerts(plant)
    assert (alert.rule_id, alert.machine_id, alert.metric_id) == (rule.id, plant.machine.id, None)
    assert (alert.cause, alert.severity, alert.cleared_at) == ("rule", "critical", None)
    assert alert.message == "vibration_rms 7.20 mm/s > 5 and temperature 81.0 °C > 78 for 5 min"
    await plant.say(plant.reading(TEMPERATURE, 400, 60.0))
    [alert] = await alerts(plant)
    assert alert.cleared_at is not None


async def test_the_severity_of_the_alert_falls_with_that_of_the_rule(plant: Plant) -> None:
    levels = (
        Level(severity=Severity.WARNING, condition=over(VIBRATION, 5.0)),
        Level(severity=Severity.CRITICAL, condition=over(VIBRATION, 9.0)),
    )
    await plant.create(plant.definition(over(VIBRATION, 5.0), levels=levels))
    seen = []
    for second, value in enumerate((10.0, 7.0)):
        await plant.say(plant.reading(VIBRATION, second, value))
        [alert] = await alerts(plant)
        seen.append(alert.severity)
    assert seen == ["critical", "warning"]
