"""Who is told now, who later, and who not at all."""

from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest
from plantwright.alerts.load.models import Flood
from plantwright.core.clock import utc_now
from plantwright.core.errors import NotFound, PermissionDenied, ValidationFailed
from plantwright.escalation import quiet_settings
from plantwright.escalation.models import Escalation, EscalationState
from plantwright.escalation.quiet_hours import DigestRhythm, QuietHours
from plantwright.escalation.quiet_settings import QuietScope
from plantwright.escalation.wall_time import WeeklyWindow
from plantwright.identity.models import Role

from tests.backend.escalation.making import Plant, after, severities

ALWAYS = (WeeklyWindow((1, 2, 3, 4, 5, 6, 7), time(0), time(0)),)
NEVER_NOW = (WeeklyWindow((1,), time(0), time(0, 1)),)


def quiet(**options: Any) -> QuietHours:
    """A digest every day instead of single messages, unless it says otherwise."""
    given = {
        "time_zone": "UTC",
        "windows": ALWAYS,
        "low_urgency": severities("info", "warning"),
        "rhythm": DigestRhythm.DAILY,
        "digest_time": time(7),
        "digest_weekday": 1,
        **options,
    }
    return QuietHours(**given)


async def set_quiet(plant: Plant, scope: QuietScope, subject_id: UUID, **options: Any) -> None:
    async with plant.databases.app.transaction(plant.tenant.id) as work:
        await quiet_settings.put(
            work,
            plant.journal,
            plant.tenant.admin_id,
            scope=scope,
            subject_id=subject_id,
            quiet=quiet(**options),
        )


async def due(plant: Plant) -> Escalation:
    await plant.find()
    return next(one for one in await plant.escalations() if one.state == EscalationState.RUNNING)


def next_morning(at: datetime) -> datetime:
    morning = at.replace(hour=7, minute=0, second=0, microsecond=0)
    return morning if morning > at else morning + timedelta(days=1)


async def test_what_is_held_comes_as_one_summary(plant: Plant, make_machine: Any) -> None:
    person = plant.tenant.operator_id
    await set_quiet(plant, QuietScope.USER, person)
    await plant.add_policy(plant.step(5, users=[person]), plant.step(5))
    alert = await plant.find()
    _, metrics = await make_machine(plant.tenant, metrics={"noise": "dB"})
    other = await plant.find(metric=metrics["noise"])
    now = after((await plant.escalations())[-1], 5)
    assert await plant.sweep(now) == 2
    held = await plant.last()
    assert (held["user_ids"], held["held_user_ids"]) == ([], [str(person)])
    morning = next_morning(now)
    assert await plant.release(morning - timedelta(seconds=1)) == 0
    await plant.acknowledge(other)
    assert [await plant.release(morning), await plant.release(morning)] == [1, 0]
    digest = await plant.last("notification.digest")
    assert (digest["user_ids"], digest["channel_ids"]) == ([str(person)], [])
    assert digest["alert_ids"] == [str(alert.id), str(other.id)]
    assert (digest["alerts"], digest["open"]) == (2, 1)
    first, second = digest["lines"]
    assert (first["severity"], first["machine"], first["message"]) == ("warning", plant.machine.name, alert.message)
    assert (first["acknowledged_at"], first["cleared_at"]) == (None, None)
    assert second["acknowledged_at"] is not None
    assert (digest["severity"], digest["reasons"], digest["late_seconds"]) == ("warning", ["quiet_hours"], 0)


async def test_the_chain_goes_on_to_those_who_may_be_told(plant: Plant) -> None:
    await set_quiet(plant, QuietScope.USER, plant.tenant.operator_id)
    await plant.add_policy(plant.step(5, users=[plant.tenant.operator_id]), plant.step(5))
    running = await due(plant)
    assert [await plant.sweep(after(running, 5)), await plant.sweep(after(running, 10))] == [1, 1]
    assert (await plant.last())["channel_ids"] == [str(plant.channel_id)]


async def test_critical_never_waits(plant: Plant) -> None:
    await set_quiet(plant, QuietScope.TENANT, plant.tenant.id)
    await plant.add_policy(plant.step(5), name="All")
    await plant.find()
    await plant.find("continued", "critical", minutes=1)
    running = await plant.only()
    assert await plant.sweep(after(running, 5)) == 1
    told = await plant.last()
    assert told["severity"] == "critical"
    assert (told["channel_ids"], told["held_channel_ids"]) == ([str(plant.channel_id)], [])


async def test_ones_own_quiet_hours_count_before_those_of_the_tenant(plant: Plant) -> None:
    person = plant.tenant.viewer_id
    await set_quiet(plant, QuietScope.TENANT, plant.tenant.id)
    await set_quiet(plant, QuietScope.USER, person, windows=NEVER_NOW, low_urgency=())
    await plant.add_policy(plant.step(5, users=[person, plant.tenant.operator_id]))
    running = await due(plant)
    await plant.sweep(after(running, 5))
    told = await plant.last()
    assert (told["user_ids"], told["held_user_ids"]) == ([str(person)], [str(plant.tenant.operator_id)])


async def test_dropping_quiet_hours_tells_what_they_held(plant: Plant) -> None:
    person = plant.tenant.operator_id
    await set_quiet(plant, QuietScope.USER, person)
    await plant.add_policy(plant.step(0, users=[person]))
    running = await due(plant)
    await plant.sweep(after(running, 0))
    assert await plant.release(utc_now()) == 0
    async with plant.databases.app.transaction(plant.tenant.id) as work:
        await quiet_settings.remove(work, plant.journal, person, QuietScope.USER, person)
    assert await plant.release(utc_now()) == 1


async def test_in_a_flood_what_is_not_critical_comes_together(plant: Plant) -> None:
    async with plant.databases.worker.transaction(plant.tenant.id) as work:
        now = utc_now()
        lasts = now + timedelta(hours=9)
        work.session.add(
            Flood(tenant_id=plant.tenant.id, site="Hall 1", began_at=now, quiet_at=lasts, alerts=11, peak=11)
        )
    await plant.add_policy(plant.step(5), name="Low", severities=severities("info", "warning"))
    await plant.add_policy(plant.step(5), name="High", severities=severities("critical"))
    running = await due(plant)
    now = after(running, 5)
    await plant.sweep(now)
    assert (await plant.last())["held_channel_ids"] == [str(plant.channel_id)]
    await plant.find("continued", "critical", minutes=1)
    assert await plant.sweep(now + timedelta(minutes=6)) == 1
    assert (await plant.last())["channel_ids"] == [str(plant.channel_id)], "a flood does not hold what is critical"
    assert await plant.release(now + timedelta(minutes=10)) == 1
    digest = await plant.last("notification.digest")
    assert (digest["channel_ids"], digest["reasons"]) == ([str(plant.channel_id)], ["flood"])
    assert (digest["alerts"], digest["open"]) == (1, 1)


async def test_a_summary_that_an_outage_held_up_says_so(plant: Plant) -> None:
    await set_quiet(plant, QuietScope.CHANNEL, plant.channel_id)
    await plant.add_policy(plant.step(0))
    running = await due(plant)
    await plant.sweep(after(running, 0))
    assert await plant.release(next_morning(utc_now()) + timedelta(minutes=90)) == 1
    digest = await plant.last("notification.digest")
    assert digest["late_seconds"] == 5_400


@pytest.mark.parametrize(
    ("options", "path"),
    [
        ({"time_zone": "Europe/Nowhere"}, ("timeZone",)),
        ({"windows": ()}, ("windows",)),
        ({"windows": ALWAYS * 15}, ("windows",)),
        ({"windows": (WeeklyWindow((1, 8), time(0), time(1)),)}, ("windows", "0", "weekdays")),
        ({"low_urgency": severities("critical")}, ("lowUrgency",)),
        ({"rhythm": DigestRhythm.AFTER_QUIET_HOURS}, ("windows",)),
        ({"digest_weekday": 0}, ("digestWeekday",)),
    ],
)
async def test_what_quiet_hours_may_not_say(plant: Plant, options: dict[str, Any], path: tuple[str, ...]) -> None:
    with pytest.raises(ValidationFailed) as caught:
        await set_quiet(plant, QuietScope.TENANT, plant.tenant.id, **options)
    assert caught.value.path == path
    assert await plant.records("quiet_hours.changed") == []


async def test_whose_quiet_hours_somebody_may_set(plant: Plant) -> None:
    async def subject(role: Role, scope: QuietScope, channel_id: UUID | None = None) -> UUID:
        async with plant.databases.app.reading(plant.tenant.id) as work:
            return await quiet_settings.subject_of(work, plant.principal(role), scope, channel_id)

    assert await subject(Role.VIEWER, QuietScope.USER) == plant.tenant.viewer_id
    assert await subject(Role.ADMIN, QuietScope.TENANT) == plant.tenant.id
    assert await subject(Role.OPERATOR, QuietScope.CHANNEL, plant.channel_id) == plant.channel_id
    with pytest.raises(PermissionDenied):
        await subject(Role.OPERATOR, QuietScope.TENANT)
    with pytest.raises(PermissionDenied):
        await subject(Role.VIEWER, QuietScope.CHANNEL, plant.channel_id)
    with pytest.raises(NotFound):
        await subject(Role.ADMIN, QuietScope.CHANNEL)
