"""PagerDuty and Opsgenie: an incident is opened, acknowledged and closed under one key."""

import orjson
import pytest
from plantwright.notifications.channels.opsgenie import OpsgenieChannel, OpsgenieConfig
from plantwright.notifications.channels.pagerduty import PagerDutyChannel, PagerDutyConfig

from tests.agent.tls import HOST
from tests.backend.notifications.channels.http_receiver import http_receiver
from tests.backend.notifications.channels.receiving import MESSAGE, House, message

PAYLOAD = {"timestamp": "2026-11-21T14:02:03.000000Z", "alert": {"machine_name": "P-101", "metric_name": "temperature"}}


@pytest.mark.parametrize(
    ("event", "action"),
    [
        ("alert.raised", "trigger"),
        ("alert.severity_raised", "trigger"),
        ("alert.escalated", "trigger"),
        ("alert.acknowledged", "acknowledge"),
        ("alert.cleared", "resolve"),
    ],
)
async def test_pagerduty_hears_the_life_of_an_alert(house: House, event: str, action: str) -> None:
    async with http_receiver(house.tls) as receiver:
        receiver.status, receiver.body = 202, b'{"status":"success"}'
        config = PagerDutyConfig("abc123", base_url=f"https://{HOST}:{receiver.port}")
        outcome = await PagerDutyChannel().send(config, message(event=event, payload=PAYLOAD), house.outbound())
    assert (outcome.is_delivered, outcome.status) == (True, "202")
    [asked] = receiver.requests
    body = orjson.loads(asked.body)
    assert asked.target == "/v2/enqueue"
    assert (body["routing_key"], body["event_action"], body["dedup_key"]) == ("abc123", action, MESSAGE.dedup_key)
    if action != "trigger":
        assert "payload" not in body
        return
    assert body["payload"]["summary"] == "Critical: P-101 temperature"
    assert (body["payload"]["source"], body["payload"]["severity"]) == ("P-101", "critical")
    assert body["links"] == [{"href": "https://plant.example/alerts/1", "text": "Open alert"}]


async def test_opsgenie_opens_an_alert_with_an_alias(house: House) -> None:
    async with http_receiver(house.tls) as receiver:
        receiver.status = 202
        config = OpsgenieConfig("key-1", base_url=f"https://{HOST}:{receiver.port}/jsm/ops/integration/")
        outcome = await OpsgenieChannel().send(config, message(event="alert.raised", payload=PAYLOAD), house.outbound())
    assert outcome.is_delivered
    [asked] = receiver.requests
    assert asked.target == "/jsm/ops/integration/v2/alerts"
    assert asked.headers["authorization"] == "GenieKey key-1"
    body = orjson.loads(asked.body)
    assert (body["message"], body["alias"], body["priority"]) == (
        "Critical: P-101 temperature",
        MESSAGE.dedup_key,
        "P1",
    )
    assert body["description"].endswith("https://plant.example/alerts/1")


@pytest.mark.parametrize(("event", "action"), [("alert.acknowledged", "acknowledge"), ("alert.cleared", "close")])
async def test_opsgenie_is_told_by_alias_what_became_of_it(house: House, event: str, action: str) -> None:
    async with http_receiver(house.tls) as receiver:
        receiver.status = 202
        config = OpsgenieConfig("key-1", base_url=f"https://{HOST}:{receiver.port}")
        await OpsgenieChannel().send(config, message(event=event), house.outbound())
    alias = MESSAGE.dedup_key.replace("/", "%2F")
    assert receiver.requests[0].target == f"/v2/alerts/{alias}/{action}?identifierType=alias"
