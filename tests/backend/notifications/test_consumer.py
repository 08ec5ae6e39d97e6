"""From the journal to deliveries."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest
from plantwright.alerts.models import Severity
from plantwright.core.ids import uuid7
from plantwright.identity.models import User
from plantwright.notifications import rules
from plantwright.notifications.events import Event
from plantwright.notifications.models import Language, NotificationChannel
from plantwright.notifications.rules import RouteDraft
from plantwright.notifications.templates import Words

from tests.backend.notifications.channels.http_receiver import HttpReceiver
from tests.backend.notifications.conftest import PUBLIC_URL, Desk
from tests.factories import MachineFactory


async def route(desk: Desk, *channels: UUID, events: tuple[Event, ...] = (Event.ALERT_RAISED,), **fields: Any) -> None:
    draft = RouteDraft(name=uuid7().hex, events=events, channel_ids=channels, **fields)
    async with desk.databases.app.transaction(desk.tenant.id) as work:
        await rules.create_route(work, desk.tools.journal, desk.tenant.operator_id, draft)


async def test_without_routes_every_channel_is_told_of_new_warnings_and_criticals(
    desk: Desk, receiver: HttpReceiver
) -> None:
    channels = {(await desk.webhook(receiver)).id, (await desk.webhook(receiver)).id}
    for severity in ("critical", "warning", "info"):
        await desk.tell(severity=severity)
    await desk.tell("alert.cleared", cleared_at=datetime(2026, 3, 2, tzinfo=UTC))
    told = await desk.deliveries()
    assert sorted((one.severity, one.event) for one in told) == [
        *[("critical", "alert.raised")] * 2,
        *[("warning", "alert.raised")] * 2,
    ]
    assert {one.channel_id for one in told} == channels


async def test_the_documented_body_is_sent_exactly(desk: Desk, receiver: HttpReceiver) -> None:
    await desk.webhook(receiver)
    rule_id = uuid7()
    record = await desk.tell(rule_id=rule_id)
    desk.clock.advance(seconds=1)
    await desk.send()
    [request] = receiver.requests
    [delivery] = await desk.deliveries()
    assert orjson.loads(request.body) == {
        "event": "alert.triggered",
        "timestamp": record.created_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "tenant_id": str(desk.tenant.id),
        "alert": {
            "id": str(delivery.alert_id),
            "machine_id": str(desk.machine.id),
            "machine_name": desk.machine.name,
            "severity": "critical",
            "message": "Vibration RMS 9.21 mm/s is 6.4 standard deviations above its 7-day mean 2.10 mm/s",
            "metric_name": "vibration_rms",
            "metric_value": 9.21,
            "threshold_value": 5.0,
            "rule_id": str(rule_id),
            "created_at": "2026-03-02T14:02:03.000000Z",
        },
    }
    assert delivery.link == f"{PUBLIC_URL}/alerts/{delivery.alert_id}"


async def test_a_suppressed_alert_tells_nobody_until_it_is_unshelved(desk: Desk, receiver: HttpReceiver) -> None:
    await desk.webhook(receiver)
    await desk.tell(suppression=["shelved"])
    await desk.tell("alert.severity_raised", suppression=["suppressed_by_design", "shelved"])
    await desk.tell("alert.unshelved", suppression=["out_of_service"])
    await desk.tell("alert.unshelved", cleared_at=datetime(2026, 3, 2, tzinfo=UTC))
    assert await desk.deliveries() == []
    await desk.tell("alert.unshelved")
    await desk.tell("alert.returned_to_service")
    assert [one.event for one in await desk.deliveries()] == ["alert.unshelved"] * 2


async def test_routes_choose_by_event_severity_site_and_machine(
    desk: Desk, receiver: HttpReceiver, make_machine: MachineFactory
) -> None:
    elsewhere, _ = await make_machine(desk.tenant, "OTHER", {})
    critical, hall, machine = [await desk.webhook(receiver) for _ in range(3)]
    await route(desk, critical.id, severities=(Severity.CRITICAL,))
    await route(desk, hall.id, sites=("Hall 2",), events=(Event.ALERT_RAISED, Event.ALERT_CLEARED))
    await route(desk, machine.id, machine_ids=(elsewhere.id,))
    cases = {
        ("alert.raised", "critical", "Hall 1", desk.machine.id): {critical.id},
        ("alert.raised", "info", "Hall 2", desk.machine.id): {hall.id},
        ("alert.raised", "warning", "Hall 1", elsewhere.id): {machine.id},
        ("alert.raised", "critical", "Hall 2", elsewhere.id): {critical.id, hall.id, machine.id},
        ("alert.cleared", "critical", "Hall 2", desk.machine.id): {hall.id},
        ("alert.acknowledged", "critical", "Hall 2", desk.machine.id): set(),
        ("alert.raised", "warning", "", desk.machine.id): set(),
    }
    for (event, severity, site, machine_id), expected in cases.items():
        record = await desk.tell(event, severity=severity, site=site, machine_id=machine_id)
        told = {one.channel_id for one in await desk.deliveries() if one.record_sequence == record.sequence}
        assert told == expected, (event, severity, site)


async def test_an_inactive_route_leads_nowhere_and_is_no_default_either(desk: Desk, receiver: HttpReceiver) -> None:
    channel = await desk.webhook(receiver)
    await route(desk, channel.id, is_active=False)
    await desk.tell()
    assert await desk.deliveries() == []


async def test_incident_services_hear_the_end_of_what_they_were_told(desk: Desk, receiver: HttpReceiver) -> None:
    pagerduty = await desk.channel("pagerduty", {"routing_key": "abc123"})
    webhook = await desk.webhook(receiver)
    await route(desk, pagerduty.id, webhook.id)
    alert_id = uuid7()
    await desk.tell(alert_id=alert_id)
    await desk.tell("alert.acknowledged", alert_id=alert_id)
    await desk.tell("alert.cleared", alert_id=alert_id, cleared_at=datetime(2026, 3, 2, tzinfo=UTC))
    await desk.tell("alert.cleared", cleared_at=datetime(2026, 3, 2, tzinfo=UTC))
    told = [(one.event, one.channel_id) for one in await desk.deliveries() if one.event != "alert.raised"]
    assert told == [("alert.acknowledged", pagerduty.id), ("alert.cleared", pagerduty.id)]


async def test_in_a_flood_people_hear_of_it_and_of_criticals_and_programs_hear_all(
    desk: Desk, receiver: HttpReceiver
) -> None:
    program = await desk.webhook(receiver)
    people = await desk.channel("slack", {"webhook_url": "https://hooks.slack.com/services/T/B/x"})
    flood = {"flood_id": uuid7(), "site": "Hall 2", "alerts": 11, "peak": 11, "ended_at": None}
    await desk.journal_plain("alert_flood.began", **flood, began_at=datetime(2026, 3, 2, tzinfo=UTC))
    await desk.tell(severity="warning", is_flood=True)
    await desk.tell(severity="critical", is_flood=True)
    told = [(one.event, one.severity) for one in await desk.deliveries() if one.channel_id == people.id]
    assert told == [("alert_flood.began", None), ("alert.raised", "critical")]
    assert len([one for one in await desk.deliveries() if one.channel_id == program.id]) == 3


async def test_a_channel_is_not_told_what_happened_before_it_was_made(desk: Desk, receiver: HttpReceiver) -> None:
    await desk.journal("alert.raised")
    await desk.webhook(receiver)
    await desk.consume()
    assert await desk.deliveries() == []


async def test_an_escalation_goes_to_whom_it_names(desk: Desk, receiver: HttpReceiver) -> None:
    named, _ = await desk.webhook(receiver), await desk.webhook(receiver)
    await desk.tell(
        "alert.escalated",
        policy_id=uuid7(),
        policy="Night shift",
        step=2,
        round=1,
        channel_ids=[named.id, uuid7()],
        user_ids=[desk.tenant.viewer_id],
        due_at=datetime(2026, 3, 2, 14, 30, tzinfo=UTC),
        late_seconds=180,
    )
    told = await desk.deliveries()
    by_channel = {one.channel_id: one for one in told}
    assert len(told) == 2
    delivery = by_channel[named.id]
    assert delivery.subject.startswith("Escalated: Critical: ")
    assert "Night shift, step 2. Told 3 minutes late." in delivery.text
    assert delivery.payload["event"] == "alert.escalated"
    assert delivery.payload["escalation"]["step"] == 2
    [personal] = set(by_channel) - {named.id}
    async with desk.databases.app.reading(desk.tenant.id) as work:
        row = await work.session.get(NotificationChannel, (desk.tenant.id, personal))
    assert row is not None
    assert (row.type, row.user_id, row.config["email"]) == (
        "email",
        desk.tenant.viewer_id,
        f"viewer@{desk.tenant.slug}.example",
    )


async def test_an_escalation_of_what_is_over_is_told_when_its_policy_says_so(
    desk: Desk, receiver: HttpReceiver
) -> None:
    channel = await desk.webhook(receiver)
    over = {"cleared_at": datetime(2026, 3, 2, tzinfo=UTC), "channel_ids": [channel.id], "user_ids": []}
    await desk.tell("alert.escalated", **over, policy="Night", step=1, late_seconds=0)
    await desk.tell("alert.escalated", **over, policy="Night", step=1, late_seconds=0, suppression=["shelved"])
    assert [one.event for one in await desk.deliveries()] == ["alert.escalated"]


async def test_who_may_not_sign_in_any_more_is_told_nothing(desk: Desk, receiver: HttpReceiver) -> None:
    named = {"channel_ids": [], "user_ids": [desk.tenant.viewer_id], "policy": "Night", "step": 1, "late_seconds": 0}
    await desk.tell("alert.escalated", **named)
    async with desk.databases.app.transaction(desk.tenant.id) as work:
        user = await work.session.get(User, (desk.tenant.id, desk.tenant.viewer_id))
        assert user is not None
        user.is_active = False
        work.session.add(user)
    await desk.tell("alert.escalated", **named)
    assert len(await desk.deliveries()) == 1


def summary(*channel_ids: UUID, **changes: Any) -> dict[str, Any]:
    """Two alerts that quiet hours in Berlin held, told with one line and 90 minutes late."""
    line = {
        "severity": "warning",
        "machine": "Press 4",
        "message": "Vibration 9 mm/s",
        "raised_at": datetime(2026, 3, 2, 22, 30, tzinfo=UTC),
        "acknowledged_at": None,
        "cleared_at": datetime(2026, 3, 2, 23, 30, tzinfo=UTC),
    }
    return {
        "channel_ids": channel_ids,
        "user_ids": [],
        "alert_ids": [uuid7(), uuid7()],
        "alerts": 2,
        "open": 1,
        "severity": "warning",
        "reasons": ["quiet_hours"],
        "late_seconds": 5_400,
        "time_zone": "Europe/Berlin",
        "lines": [line],
        **changes,
    }


DIGESTS = {
    Language.EN: (
        "2 alerts in quiet hours, 1 still open",
        (
            "WARNING Press 4: Vibration 9 mm/s. Raised 2026-03-02 23:30 CET, cleared 2026-03-03 00:30 CET.\n"
            "and 1 more.\nThis summary comes 90 minutes late."
        ),
    ),
    Language.DE: (
        "2 Alarme in der Ruhezeit, 1 noch offen",
        (
            "WARNUNG Press 4: Vibration 9 mm/s. Ausgelöst 2026-03-02 23:30 CET, vorbei 2026-03-03 00:30 CET.\n"
            "und 1 weitere.\nDiese Zusammenfassung kommt 90 Minuten verspätet."
        ),
    ),
    Language.FR: (
        "2 alarmes pendant les heures calmes, 1 en cours",
        (
            "AVERTISSEMENT Press 4: Vibration 9 mm/s. Déclenchée 2026-03-02 23:30 CET, terminée 2026-03-03 00:30 CET.\n"
            "et 1 de plus.\nCe résumé arrive avec 90 minutes de retard."
        ),
    ),
    Language.ES: (
        "2 alarmas en las horas de silencio, 1 sin resolver",
        (
            "ADVERTENCIA Press 4: Vibration 9 mm/s. Desde 2026-03-02 23:30 CET, terminada 2026-03-03 00:30 CET.\n"
            "y 1 más.\nEste resumen llega con 90 minutos de retraso."
        ),
    ),
}


LISTED = DIGESTS[Language.DE][1].rpartition("\n")[0]


@pytest.mark.parametrize("language", Language)
async def test_a_digest_is_told_in_the_language_of_the_channel(
    desk: Desk, receiver: HttpReceiver, language: Language
) -> None:
    channel = await desk.webhook(receiver, language=language)
    await desk.journal_plain("notification.digest", **summary(channel.id))
    [delivery] = await desk.deliveries()
    assert (delivery.subject, delivery.text) == DIGESTS[language]
    assert delivery.payload["digest"]["text"] == delivery.text


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (Words("{{ count }}/{{ open_count }} {{ cause }}", "{{ alerts|length }}"), ("2/1 flood", str(len(LISTED)))),
        (
            Words("{{ message }}!", "{{ reason|truncate(20, true, '') }}"),
            ("2 Alarme in einer Alarmflut, 1 noch offen!", "WARNUNG Press 4: Vib"),
        ),
    ],
)
async def test_a_digest_takes_the_words_of_the_tenant(
    desk: Desk, receiver: HttpReceiver, written: Words, told: tuple[str, str]
) -> None:
    channel = await desk.webhook(receiver, language=Language.DE)
    async with desk.databases.app.transaction(desk.tenant.id) as work:
        key = (Event.DIGEST, Language.DE)
        await rules.save_template(work, desk.tools.journal, desk.tenant.operator_id, key, written)
    await desk.journal_plain("notification.digest", **summary(channel.id, reasons=["flood"]))
    [delivery] = await desk.deliveries()
    assert (delivery.subject, delivery.text) == told


async def test_a_row_that_cannot_be_read_holds_up_nothing(desk: Desk, receiver: HttpReceiver) -> None:
    await desk.webhook(receiver)
    await desk.journal("alert.raised", value="not a number")
    await desk.tell()
    assert len(await desk.deliveries()) == 1


@pytest.mark.parametrize(
    ("language", "subject"),
    [
        (Language.EN, "Critical: {}, Vibration RMS"),
        (Language.DE, "Kritisch: {}, Vibration RMS"),
        (Language.FR, "Critique: {}, Vibration RMS"),
        (Language.ES, "Crítica: {}, Vibration RMS"),
    ],
)
async def test_a_channel_speaks_its_language(
    desk: Desk, receiver: HttpReceiver, language: Language, subject: str
) -> None:
    await desk.webhook(receiver, language=language)
    await desk.tell()
    [delivery] = await desk.deliveries()
    assert delivery.subject == subject.format(desk.machine.name)


async def test_own_words_are_used_and_ours_when_they_fail(desk: Desk, receiver: HttpReceiver) -> None:
    await desk.webhook(receiver)
    words = Words("{{ severity|upper }} at {{ machine }}", "{{ value }} (limit {{ threshold }})")
    async with desk.databases.app.transaction(desk.tenant.id) as work:
        key = (Event.ALERT_RAISED, Language.EN)
        await rules.save_template(work, desk.tools.journal, desk.tenant.operator_id, key, words)
    await desk.tell()
    [delivery] = await desk.deliveries()
    assert (delivery.subject, delivery.text) == (f"CRITICAL at {desk.machine.name}", "9.21 mm/s (limit 5.00)")
    async with desk.databases.app.transaction(desk.tenant.id) as work:
        key = (Event.ALERT_RAISED, Language.EN)
        failing = Words("{{ value|round }}", "x")
        await rules.save_template(work, desk.tools.journal, desk.tenant.operator_id, key, failing)
    await desk.tell()
    assert (await desk.deliveries())[1].subject == f"Critical: {desk.machine.name}, Vibration RMS"


async def test_deliveries_and_cursor_move_together(desk: Desk, receiver: HttpReceiver) -> None:
    """Consumed twice it is told once; sequences have no gap."""
    await desk.webhook(receiver)
    for _ in range(3):
        await desk.journal("alert.raised")
    await desk.consume()
    await desk.consume()
    told = sorted(await desk.deliveries(), key=lambda one: one.sequence)
    assert [one.sequence for one in told] == [1, 2, 3]
    assert all(one.due_at - one.created_at == timedelta(0) for one in told)
