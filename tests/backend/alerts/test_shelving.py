from datetime import timedelta
from uuid import UUID

import pytest
from plantwright.alerts.models import Alert
from plantwright.alerts.suppression import shelving
from plantwright.alerts.suppression.axis import Suppression, suppression_of
from plantwright.alerts.suppression.models import ShelfKind
from plantwright.alerts.suppression.shelving import ShelfWish
from plantwright.assets.models import Metric
from plantwright.core.clock import utc_now
from plantwright.core.errors import Conflict, NotFound, PermissionDenied, ValidationFailed

from tests.backend.alerts.making import Plant, at, finding
from tests.conftest import Databases
from tests.factories import MadeTenant, TenantFactory

AN_HOUR = ShelfWish(ShelfKind.TIMED, timedelta(hours=1), "Known, spare part comes at noon")
UNTIL_CLEAR = ShelfWish(ShelfKind.ONE_SHOT, None, "We are at it")


class Desk:
    """An operator's hands on the alerts of the plant."""

    def __init__(self, plant: Plant, databases: Databases, tenant: MadeTenant) -> None:
        self.plant, self.databases, self.tenant = plant, databases, tenant

    async def shelve(self, alert: Alert, wish: ShelfWish = AN_HOUR) -> Alert:
        async with self.databases.app.transaction(self.tenant.id) as work:
            return await shelving.shelve(work, self.plant.journal, self.tenant.operator_id, alert.id, wish)

    async def decide(self, shelf_id: str, actor: str, *, is_approved: bool) -> Alert:
        actor_id = {"operator": self.tenant.operator_id, "admin": self.tenant.admin_id}[actor]
        async with self.databases.app.transaction(self.tenant.id) as work:
            journal = self.plant.journal
            return await shelving.decide(work, journal, actor_id, UUID(shelf_id), is_approved=is_approved)

    async def unshelve(self, alert: Alert) -> Alert:
        async with self.databases.app.transaction(self.tenant.id) as work:
            return await shelving.unshelve(work, self.plant.journal, self.tenant.operator_id, alert.id)


@pytest.fixture
def desk(plant: Plant, databases: Databases, tenant: MadeTenant) -> Desk:
    return Desk(plant, databases, tenant)


async def test_a_shelved_alert_says_so_and_keeps_its_state(plant: Plant, desk: Desk, vibration: Metric) -> None:
    [alert] = await plant.find(finding("started", vibration, at(0)))
    before = utc_now()
    shelved = await desk.shelve(alert)
    assert suppression_of(shelved) == [Suppression.SHELVED]
    assert shelved.shelved_until is not None
    assert timedelta(0) <= shelved.shelved_until - before - timedelta(hours=1) < timedelta(minutes=1)
    [payload] = await plant.payloads("alert.shelved")
    assert (payload["state"], payload["suppression"], payload["is_announced"], payload["reason"]) == (
        "active_unacknowledged",
        ["shelved"],
        False,
        AN_HOUR.reason,
    )


async def test_it_comes_off_the_shelf_once_at_its_time_and_announces_itself(
    plant: Plant, desk: Desk, vibration: Metric
) -> None:
    [alert] = await plant.find(finding("started", vibration, at(0)))
    await desk.shelve(alert)
    now = utc_now()
    await plant.keep_time(now + timedelta(minutes=59))
    assert await plant.payloads("alert.unshelved") == []

    await plant.keep_time(now + timedelta(minutes=90))
    await plant.keep_time(now + timedelta(minutes=91))
    [payload] = await plant.payloads("alert.unshelved")
    assert (payload["is_announced"], payload["end_reason"], payload["suppression"]) == (True, "expired", [])
    assert float(payload["late_seconds"]) == pytest.approx(1800, abs=60)
    assert suppression_of((await plant.alerts())[0]) == []


async def test_the_key_is_shelved_not_the_row(plant: Plant, desk: Desk, vibration: Metric) -> None:
    [alert] = await plant.find(finding("started", vibration, at(0)))
    await desk.shelve(alert)
    first, second = await plant.find(finding("ended", vibration, at(2)), finding("started", vibration, at(30)))
    assert suppression_of(first) == []
    assert suppression_of(second) == [Suppression.SHELVED]
    [_, raised] = await plant.payloads("alert.raised")
    assert (raised["suppression"], raised["is_announced"]) == (["shelved"], False)
    assert await plant.payloads("alert.unshelved") == []
    await plant.keep_time(utc_now() + timedelta(hours=2))
    [payload] = await plant.payloads("alert.unshelved")
    assert payload["alert_id"] == str(second.id)


async def test_a_one_shot_shelf_ends_when_the_alert_clears(plant: Plant, desk: Desk, vibration: Metric) -> None:
    [alert] = await plant.find(finding("started", vibration, at(0)))
    await desk.shelve(alert, UNTIL_CLEAR)
    await plant.find(finding("ended", vibration, at(2)))
    [payload] = await plant.payloads("alert.unshelved")
    assert (payload["end_reason"], payload["is_announced"]) == ("cleared", False)
    [alert] = await plant.find(finding("started", vibration, at(4)))
    assert suppression_of(alert) == []


async def test_a_rise_of_severity_ends_the_shelf(plant: Plant, desk: Desk, vibration: Metric) -> None:
    [alert] = await plant.find(finding("started", vibration, at(0)))
    await desk.shelve(alert)
    [alert] = await plant.find(finding("continued", vibration, at(1), severity="critical"))
    assert suppression_of(alert) == []
    [payload] = await plant.payloads("alert.unshelved")
    assert (payload["end_reason"], payload["severity"], payload["is_announced"]) == (
        "severity_raised",
        "critical",
        True,
    )


async def test_a_worse_alert_of_a_shelved_key_is_not_shelved(plant: Plant, desk: Desk, vibration: Metric) -> None:
    [alert] = await plant.find(finding("started", vibration, at(0)))
    await desk.shelve(alert)
    _, worse = await plant.find(
        finding("ended", vibration, at(2)), finding("started", vibration, at(30), severity="critical")
    )
    assert suppression_of(worse) == []


async def test_a_critical_alert_needs_a_second_person(plant: Plant, desk: Desk, vibration: Metric) -> None:
    [alert] = await plant.find(finding("started", vibration, at(0), severity="critical"))
    assert suppression_of(await desk.shelve(alert)) == []
    [asked] = await plant.payloads("alert.shelving_requested")
    with pytest.raises(Conflict, match="waits for a second person"):
        await desk.shelve(alert)
    with pytest.raises(PermissionDenied, match="somebody else"):
        await desk.decide(asked["shelf_id"], "operator", is_approved=True)

    shelved = await desk.decide(asked["shelf_id"], "admin", is_approved=True)
    assert suppression_of(shelved) == [Suppression.SHELVED]
    with pytest.raises(Conflict, match="decided already"):
        await desk.decide(asked["shelf_id"], "admin", is_approved=False)


async def test_who_asked_may_take_it_back(plant: Plant, desk: Desk, vibration: Metric) -> None:
    [alert] = await plant.find(finding("started", vibration, at(0), severity="critical"))
    await desk.shelve(alert)
    [asked] = await plant.payloads("alert.shelving_requested")
    assert suppression_of(await desk.decide(asked["shelf_id"], "operator", is_approved=False)) == []
    await desk.shelve(alert)
    assert await plant.actions() == [
        "alert.raised",
        "alert.shelving_requested",
        "alert.shelving_refused",
        "alert.shelving_requested",
    ]


async def test_a_request_that_nobody_decides_lapses(plant: Plant, desk: Desk, vibration: Metric) -> None:
    [alert] = await plant.find(finding("started", vibration, at(0), severity="critical"))
    await desk.shelve(alert)
    await plant.keep_time(utc_now() + timedelta(hours=9))
    [payload] = await plant.payloads("alert.shelving_refused")
    assert payload["end_reason"] == "expired"


@pytest.mark.parametrize(
    ("severity", "wish", "words"),
    [
        ("warning", ShelfWish(ShelfKind.TIMED, None, "why"), "Nothing is shelved for ever"),
        ("warning", ShelfWish(ShelfKind.TIMED, timedelta(hours=25), "why"), "1 minute to 24 hours"),
        ("critical", ShelfWish(ShelfKind.TIMED, timedelta(hours=9), "why"), "1 minute to 8 hours"),
        ("info", ShelfWish(ShelfKind.ONE_SHOT, timedelta(hours=73), "why"), "1 minute to 72 hours"),
        ("info", ShelfWish(ShelfKind.TIMED, timedelta(seconds=5), "why"), "1 minute to 72 hours"),
        ("info", ShelfWish(ShelfKind.TIMED, timedelta(hours=1), "  "), "reason must have 1 to"),
    ],
)
async def test_what_breaks_the_rules_is_refused_with_the_reason(
    plant: Plant, desk: Desk, vibration: Metric, severity: str, wish: ShelfWish, words: str
) -> None:
    [alert] = await plant.find(finding("started", vibration, at(0), severity=severity))
    with pytest.raises(ValidationFailed, match=words):
        await desk.shelve(alert, wish)
    assert await plant.actions() == ["alert.raised"]


async def test_a_person_takes_it_off_and_only_once(plant: Plant, desk: Desk, vibration: Metric) -> None:
    [alert] = await plant.find(finding("started", vibration, at(0)))
    await desk.shelve(alert)
    with pytest.raises(Conflict, match="is shelved until"):
        await desk.shelve(alert)
    await desk.unshelve(alert)
    with pytest.raises(Conflict, match="not shelved"):
        await desk.unshelve(alert)
    [record] = await plant.records("alert.unshelved")
    assert (record.payload["end_reason"], record.actor_id) == ("by_person", desk.tenant.operator_id)


async def test_another_tenant_shelves_nothing(
    plant: Plant, databases: Databases, make_tenant: TenantFactory, vibration: Metric
) -> None:
    [alert] = await plant.find(finding("started", vibration, at(0)))
    stranger = Desk(plant, databases, await make_tenant())
    with pytest.raises(NotFound):
        await stranger.shelve(alert)
    with pytest.raises(NotFound):
        await stranger.unshelve(alert)
