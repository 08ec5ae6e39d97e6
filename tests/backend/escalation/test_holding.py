"""Routes respect quiet hours by the rule that escalations follow."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from plantwright.alerts.models import Severity
from plantwright.core.clock import utc_now
from plantwright.core.database import UnitOfWork
from plantwright.core.settings import Settings
from plantwright.core.vault import Purpose, Vault
from plantwright.escalation import quiet_settings
from plantwright.escalation.holding import hold_routed
from plantwright.escalation.models import HeldNotice
from plantwright.escalation.quiet_hours import DigestRhythm, QuietHours, is_held, release_time
from plantwright.escalation.quiet_settings import QuietScope
from plantwright.escalation.wall_time import WeeklyWindow
from plantwright.journal.consumers import run_consumer
from plantwright.notifications.addresses import Addresses
from plantwright.notifications.addresses import new_runtime as runtime_of
from plantwright.notifications.channels.registry import open_channels
from plantwright.notifications.consumer import NotificationConsumer
from plantwright.notifications.models import NotificationChannel, NotificationDelivery
from plantwright.notifications.planning import Planned
from sqlmodel import col, select

from tests.backend.escalation.making import Plant, after
from tests.conftest import SECRET_KEY

EVERY_DAY = (1, 2, 3, 4, 5, 6, 7)
ALWAYS = (WeeklyWindow(EVERY_DAY, time(0), time(0)),)


def quiet(**options: Any) -> QuietHours:
    """A digest every day at seven instead of single messages, unless it says otherwise."""
    fields: dict[str, Any] = {
        "time_zone": "UTC",
        "windows": ALWAYS,
        "low_urgency": (Severity.INFO, Severity.WARNING),
        "rhythm": DigestRhythm.DAILY,
        "digest_time": time(7),
        "digest_weekday": 1,
    }
    return QuietHours(**{**fields, **options})


@dataclass
class Told:
    """The plant, and a worker's consumer of notifications with a clock of its own."""

    plant: Plant
    settings: Settings
    now: datetime = field(default_factory=utc_now)

    async def set_quiet(self, scope: QuietScope, subject_id: UUID, **options: Any) -> None:
        async with self.plant.databases.app.transaction(self.plant.tenant.id) as work:
            await quiet_settings.put(
                work,
                self.plant.journal,
                self.plant.tenant.admin_id,
                scope=scope,
                subject_id=subject_id,
                quiet=quiet(**options),
            )

    async def channel(self, channel_type: str, user_id: UUID | None = None) -> UUID:
        async with self.plant.databases.app.transaction(self.plant.tenant.id) as work:
            row = NotificationChannel(
                tenant_id=self.plant.tenant.id,
                name=f"{channel_type} {utc_now()}",
                type=channel_type,
                config={},
                user_id=user_id,
            )
            work.session.add(row)
            await work.session.flush()
            work.session.add(runtime_of(row))
        return row.id

    async def consume(self, hold: Any = hold_routed) -> None:
        async def wake(_: UUID) -> None:
            """Nobody sends here."""

        vault = Vault(Purpose.NOTIFICATIONS, SECRET_KEY.encode())
        addresses = Addresses(open_channels(self.settings), vault)
        consumer = NotificationConsumer("https://x", addresses, hold, wake, lambda: self.now)
        await run_consumer(self.plant.databases.worker, self.plant.tenant.id, consumer)

    async def deliveries(self, channel_id: UUID | None = None) -> list[NotificationDelivery]:
        statement = select(NotificationDelivery).order_by(col(NotificationDelivery.sequence))
        if channel_id is not None:
            statement = statement.where(NotificationDelivery.channel_id == channel_id)
        async with self.plant.databases.app.reading(self.plant.tenant.id) as work:
            return list((await work.session.exec(statement)).all())

    async def notices(self) -> list[HeldNotice]:
        async with self.plant.databases.app.reading(self.plant.tenant.id) as work:
            return list((await work.session.exec(select(HeldNotice))).all())


@pytest.fixture
def told(plant: Plant, settings: Settings) -> Told:
    return Told(plant, settings)


def next_morning(at: datetime) -> datetime:
    morning = at.replace(hour=7, minute=0, second=0, microsecond=0)
    return morning if morning > at else morning + timedelta(days=1)


async def test_a_warning_waits_and_comes_once_in_the_summary(told: Told) -> None:
    slack = await told.channel("slack")
    await told.set_quiet(QuietScope.CHANNEL, slack)
    alert = await told.plant.find()
    told.now = utc_now()
    await told.consume()
    assert await told.deliveries(slack) == []
    [notice] = await told.notices()
    assert (notice.recipient_id, notice.alert_id, notice.release_at) == (slack, alert.id, next_morning(told.now))
    morning = next_morning(told.now)
    assert [await told.plant.release(morning), await told.plant.release(morning)] == [1, 0]
    await told.consume()
    [delivery] = await told.deliveries(slack)
    assert delivery.event == "notification.digest"
    assert (await told.plant.last("notification.digest"))["alert_ids"] == [str(alert.id)]


async def test_critical_goes_through_and_so_does_what_has_become_critical(told: Told) -> None:
    slack = await told.channel("slack")
    await told.set_quiet(QuietScope.CHANNEL, slack)
    await told.plant.find()
    await told.plant.find("continued", "critical", minutes=1)
    await told.consume()
    [delivery] = await told.deliveries(slack)
    assert (delivery.event, delivery.severity) == ("alert.severity_raised", "critical")


async def test_other_channels_are_told_at_once(told: Told) -> None:
    slack, other = await told.channel("slack"), await told.channel("slack")
    await told.set_quiet(QuietScope.CHANNEL, slack)
    await told.plant.find()
    await told.consume()
    assert [one.channel_id for one in await told.deliveries() if one.channel_id in {slack, other}] == [other]


async def test_those_of_the_tenant_hold_people_but_not_programs(told: Told) -> None:
    people = {await told.channel("slack"), await told.channel("web_push", told.plant.tenant.viewer_id)}
    programs = {await told.channel(one) for one in ("webhook", "mqtt", "pagerduty", "opsgenie")}
    await told.set_quiet(QuietScope.TENANT, told.plant.tenant.id)
    await told.plant.find()
    told.now = utc_now()
    await told.consume()
    assert {one.recipient_id for one in await told.notices()} == people
    assert programs <= {one.channel_id for one in await told.deliveries()}


async def test_a_browser_has_the_quiet_hours_of_its_user(told: Told) -> None:
    user_id = told.plant.tenant.viewer_id
    browser = await told.channel("web_push", user_id)
    await told.set_quiet(QuietScope.USER, user_id)
    await told.plant.find()
    told.now = utc_now()
    await told.consume()
    assert await told.deliveries(browser) == []
    await told.plant.release(next_morning(told.now))
    await told.consume()
    assert [one.event for one in await told.deliveries(browser)] == ["notification.digest"]


async def test_an_incident_that_is_open_elsewhere_is_closed_at_once(told: Told) -> None:
    service = await told.channel("pagerduty")
    alert = await told.plant.find()
    await told.consume()
    await told.set_quiet(QuietScope.CHANNEL, service)
    await told.plant.acknowledge(alert)
    await told.consume()
    assert [one.event for one in await told.deliveries(service)] == ["alert.raised", "alert.acknowledged"]


async def test_what_routes_and_escalations_hold_is_one_message(told: Told) -> None:
    slack = await told.channel("slack")
    told.plant.channel_id = slack
    await told.set_quiet(QuietScope.CHANNEL, slack)
    await told.plant.add_policy(told.plant.step(5))
    alert = await told.plant.find()
    await told.consume()
    running = await told.plant.only()
    await told.plant.sweep(after(running, 5))
    assert len(await told.notices()) == 2
    await told.plant.release(next_morning(after(running, 5)))
    digests = await told.plant.records("notification.digest")
    assert [(row.payload["alert_ids"], row.payload["alerts"]) for row in digests] == [([str(alert.id)], 1)]


async def test_a_process_that_ends_before_the_commit_holds_it_once(told: Told) -> None:
    slack = await told.channel("slack")
    await told.set_quiet(QuietScope.CHANNEL, slack)
    await told.plant.find()
    told.now = utc_now()

    async def ends(work: UnitOfWork, planned: Sequence[Planned], now: datetime) -> list[Planned]:
        await hold_routed(work, planned, now)
        await work.session.flush()
        raise ConnectionError

    with pytest.raises(ConnectionError):
        await told.consume(ends)
    assert await told.notices() == []
    await told.consume()
    await told.consume()
    assert len(await told.notices()) == 1


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(Severity), min_size=1, max_size=4), st.integers(0, 23), st.booleans())
async def test_each_alert_is_told_once_now_or_later(
    told: Told, make_machine: Any, severities: list[Severity], hour: int, ends_early: bool
) -> None:
    # A program: the alerts of all examples are a flood, of which people are told as a whole.
    hook = await told.channel("webhook")
    setting = {"windows": (WeeklyWindow(EVERY_DAY, time(22), time(6)),), "rhythm": DigestRhythm.AFTER_QUIET_HOURS}
    await told.set_quiet(QuietScope.CHANNEL, hook, **setting)
    told.now = (utc_now() + timedelta(days=1)).replace(hour=hour, minute=30)
    _, metrics = await make_machine(told.plant.tenant, metrics={f"m{number}": "" for number in range(len(severities))})
    alerts = [
        await told.plant.find(severity=one.value, metric=metrics[f"m{number}"]) for number, one in enumerate(severities)
    ]
    await told.consume()
    held = [one for one in alerts if is_held(quiet(**setting), one.severity, told.now)]
    expected = Counter(one.id for one in alerts if one not in held and one.severity != Severity.INFO)
    assert Counter(one.alert_id for one in await told.deliveries(hook) if one.alert_id) == expected
    assert ends_early or held == [] or await told.plant.release(told.now) == 0
    before = len(await told.plant.records("notification.digest"))
    await told.plant.release(release_time(quiet(**setting), told.now))
    digests = (await told.plant.records("notification.digest"))[before:]
    listed = [one for row in digests if row.payload["channel_ids"] == [str(hook)] for one in row.payload["alert_ids"]]
    assert Counter(listed) == Counter(str(one.id) for one in held if one.severity != Severity.INFO)
