"""The examples of docs/notifications.md, executed."""

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import orjson
import pytest
from plantwright.assets.models import Machine
from plantwright.core.settings import Settings
from plantwright.journal.models import AuditRecord
from plantwright.notifications.announcement import read_announcement
from plantwright.notifications.channels.registry import open_channels
from plantwright.notifications.channels.webhook import new_secret, signature
from plantwright.notifications.door import example_of
from plantwright.notifications.events import ROUTED, Event
from plantwright.notifications.messages import Wording
from plantwright.notifications.schedule import DELAYS, fraction, retry_at
from plantwright.notifications.templates import FILTERS, VARIABLES, checked_words, render

DOCUMENT = (Path(__file__).parents[3] / "docs" / "notifications.md").read_text(encoding="utf-8")
TENANT = UUID("0195c0de-0000-7000-8000-000000000001")


def block(kind: str) -> str:
    found = re.search(rf"^```{kind}\n(.*?)^```", DOCUMENT, re.MULTILINE | re.DOTALL)
    assert found is not None, kind
    return found[1]


def test_the_webhook_body_is_what_the_journal_row_becomes() -> None:
    documented: dict[str, Any] = orjson.loads(block("json webhook"))
    alert = documented["alert"]
    machine = Machine(
        tenant_id=TENANT, id=UUID(alert["machine_id"]), identifier="P4", name="Press 4", protocol="opc_ua"
    )
    payload = {
        "alert_id": alert["id"],
        "machine_id": alert["machine_id"],
        "rule_id": None,
        "metric": "vibration_rms",
        "unit": "mm/s",
        "severity": "critical",
        "message": alert["message"],
        "value": "9.21",
        "threshold": "5",
        "raised_at": "2026-03-02T14:02:03Z",
    }
    record = AuditRecord(
        tenant_id=TENANT,
        sequence=1,
        prev_hash=b"",
        row_hash=b"",
        action="alert.raised",
        resource_type="alert",
        resource_id=alert["id"],
        payload=payload,
        created_at=datetime(2026, 3, 2, 14, 2, 5, tzinfo=UTC),
    )
    wording = Wording(tenant_id=TENANT, public_url="https://plantwright.example", machines={machine.id: machine})
    announcement = read_announcement(record)
    body = wording.payload(announcement, wording.words(announcement, "en"))
    assert body == documented
    assert list(body["alert"]) == list(alert)


def test_the_receivers_check_takes_what_is_genuine_and_nothing_else() -> None:
    scope: dict[str, Any] = {}
    exec(block("python signature"), scope)  # noqa: S102 - the document's own lines
    is_genuine: Callable[[str, dict[str, str], bytes], bool] = scope["is_genuine"]
    secret, other, body = new_secret(), new_secret(), b'{"event":"alert.triggered"}'

    def headers(at: float, *secrets: str) -> dict[str, str]:
        stamp = str(int(at))
        signatures = " ".join(signature(one, "0195", stamp, body) for one in secrets)
        return {"webhook-id": "0195", "webhook-timestamp": stamp, "webhook-signature": signatures}

    now = time.time()
    assert is_genuine(secret, headers(now, secret), body)
    assert is_genuine(secret, headers(now, other, secret), body)
    assert not is_genuine(secret, headers(now, other), body)
    assert not is_genuine(secret, headers(now, secret), body + b" ")
    assert not is_genuine(secret, headers(now - 600, secret), body)
    assert not is_genuine(secret, {**headers(now, secret), "webhook-id": "0196"}, body)


def test_the_schedule_is_that_of_the_table_and_of_the_worked_example() -> None:
    row = re.search(r"^\| delay \| (.*) \|$", DOCUMENT, re.MULTILINE)
    assert row is not None
    seconds = {"s": 1, "min": 60, "h": 3_600}
    parts = [one.split() for one in row[1].split(" | ")]
    assert [int(number) * seconds[unit] for number, unit in parts] == [delay.total_seconds() for delay in DELAYS]
    example = re.search(r"delivery `([0-9a-f-]+)` .*u = ([\d.]+), .* due at ([\d:.]+)\.$", DOCUMENT, re.MULTILINE)
    assert example is not None
    delivery, begin = UUID(example[1]), datetime(2026, 3, 2, 14, 0, tzinfo=UTC)
    assert f"{fraction(delivery, 1):.4f}" == example[2]
    due = retry_at(delivery, 1, begin, None)
    assert due is not None
    assert due.strftime("%H:%M:%S.%f")[:-3] == example[3]
    assert retry_at(delivery, len(DELAYS), begin, None) is None


def test_own_words_read_as_documented() -> None:
    wording = Wording(tenant_id=TENANT, public_url="https://plantwright.example")
    values = wording.values(example_of(Event.ALERT_ESCALATED), "en")
    assert render(checked_words("x", block("jinja")), values).text == block("text").strip()


@pytest.mark.parametrize(("line", "names"), [("Variables", VARIABLES), ("Filters", FILTERS)])
def test_variables_and_filters_are_those_that_there_are(line: str, names: tuple[str, ...]) -> None:
    found = re.search(rf"^- {line}: (.*)\.$", DOCUMENT, re.MULTILINE)
    assert found is not None
    assert tuple(re.findall(r"`(\w+)`", found[1])) == names


def test_every_event_that_is_routed_is_in_the_table() -> None:
    table = DOCUMENT[DOCUMENT.index("| Event | When |") : DOCUMENT.index("Without any route")]
    assert set(re.findall(r"`([a-z_]+\.[a-z_]+)`", table)) == {event.value for event in ROUTED}


def test_every_channel_is_in_the_table_with_its_fields(settings: Settings) -> None:
    channels = open_channels(settings)
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*?) \| .* \|$", DOCUMENT, re.MULTILINE))
    for channel_type in channels.types:
        channel = channels.get(channel_type)
        fields = {one.name for one in msgspec.structs.fields(channel.Config)} - channel.generated_fields
        assert set(re.findall(r"`(\w+)`", rows[channel_type])) == fields, channel_type
        secrets = set(re.findall(r"\*`(\w+)`\*", rows[channel_type]))
        assert secrets == channel.secret_fields - channel.generated_fields, channel_type
