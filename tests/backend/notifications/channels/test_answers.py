"""A service that answers 2xx and says no in the body has delivered nothing; what it is documented to say arrived."""

from typing import Any

import orjson
import pytest
from plantwright.notifications.channels.contract import Outcome
from plantwright.notifications.channels.opsgenie import OpsgenieChannel, OpsgenieConfig
from plantwright.notifications.channels.pagerduty import PagerDutyChannel, PagerDutyConfig
from plantwright.notifications.channels.slack import SlackChannel, SlackConfig
from plantwright.notifications.channels.sms import SmsChannel, SmsConfig
from plantwright.notifications.channels.sms_gateway import SmsGatewayChannel, SmsGatewayConfig
from plantwright.notifications.channels.teams import TeamsChannel, TeamsConfig
from plantwright.notifications.channels.telegram import TelegramChannel, TelegramConfig
from plantwright.notifications.channels.webhook import SigningSecret, WebhookChannel, WebhookConfig, new_secret

from tests.agent.tls import HOST
from tests.backend.notifications.channels.http_receiver import http_receiver
from tests.backend.notifications.channels.receiving import House, message

PAGE = b"<!DOCTYPE html><html><body>Please log in</body></html>"
LONG = {"body": "ü" * 600, "account_sid": "AC1", "status": "queued", "error_code": None, "sid": "SM1"}


def made(name: str, base: str) -> tuple[Any, Any]:
    """The channel and a config that leads to `base`."""
    secret = SigningSecret(new_secret())
    return {
        "slack": (SlackChannel(), SlackConfig(base)),
        "teams": (TeamsChannel(), TeamsConfig(base)),
        "telegram": (TelegramChannel(), TelegramConfig("1:a", "-1", base_url=base)),
        "pagerduty": (PagerDutyChannel(), PagerDutyConfig("abc", base_url=base)),
        "opsgenie": (OpsgenieChannel(), OpsgenieConfig("key", base_url=base)),
        "sms": (SmsChannel(), SmsConfig("+4930123456", "AC1", "token", "+4930123457", base_url=base)),
        "sms_gateway": (SmsGatewayChannel(), SmsGatewayConfig("+4930123456", base, success_text='"status":"ok"')),
        "webhook": (WebhookChannel(), WebhookConfig(base, signing_secrets=(secret,))),
    }[name]


async def ask(house: House, name: str, status: int, body: bytes) -> Outcome:
    async with http_receiver(house.tls) as receiver:
        receiver.status, receiver.body = status, body
        channel, config = made(name, f"https://{HOST}:{receiver.port}")
        outcome: Outcome = await channel.send(config, message(), house.outbound())
    assert len(receiver.requests) == 1
    return outcome


@pytest.mark.parametrize(
    ("name", "status", "body"),
    [
        ("slack", 200, b"ok"),
        ("slack", 200, b'{"ok":true}'),
        ("teams", 202, b""),
        ("teams", 200, b"1"),
        ("telegram", 200, b'{"ok":true,"result":{"message_id":7}}'),
        ("telegram", 200, b'{"ok":true,"result":{"text":"' + b"x" * 6_000),
        ("pagerduty", 202, b'{"status":"success","message":"Event processed","dedup_key":"k"}'),
        ("pagerduty", 202, b""),
        ("opsgenie", 202, b'{"result":"Request will be processed","took":0.3,"requestId":"43a29c5c"}'),
        ("opsgenie", 202, b""),
        ("sms", 201, orjson.dumps(LONG)),
        ("sms", 201, b'{"sid":"SM1","status":"accepted","error_code":null}'),
        ("sms_gateway", 200, b'{"status":"ok"}'),
        ("webhook", 200, b'{"ok":false}'),
        ("webhook", 204, b""),
    ],
)
async def test_what_services_are_documented_to_answer_has_arrived(
    house: House, name: str, status: int, body: bytes
) -> None:
    outcome = await ask(house, name, status, body)
    assert (outcome.is_delivered, outcome.status) == (True, str(status)), outcome


@pytest.mark.parametrize(
    ("name", "status", "body", "says"),
    [
        ("slack", 200, b'{"ok":false,"error":"channel_is_archived"}', "channel_is_archived"),
        ("slack", 200, b"invalid_payload", "invalid_payload"),
        ("slack", 200, b'{"success":false,"error":"Invalid integration"}', "Invalid integration"),
        ("slack", 200, PAGE, "web page"),
        ("teams", 200, b"Webhook message delivery failed with error: HTTP error 429", "HTTP error 429"),
        ("teams", 200, b'{"error":{"code":"WorkflowTriggerIsNotEnabled","message":"Off"}}', "Off"),
        ("teams", 200, b'{"error":"Off"}', "Off"),
        ("teams", 200, PAGE, "web page"),
        ("telegram", 200, b'{"ok":false,"error_code":400,"description":"chat not found"}', "chat not found"),
        ("telegram", 200, b"", "nothing"),
        ("telegram", 200, PAGE, "nothing"),
        ("pagerduty", 202, b'{"status":"invalid event","errors":["Length of routing_key"]}', "Length of routing_key"),
        ("pagerduty", 202, b'{"status":"success","errors":["dropped"]}', "dropped"),
        ("pagerduty", 202, b'{"status":"throttle exceeded","message":"Slow down"}', "Slow down"),
        ("pagerduty", 200, PAGE, "nothing"),
        ("opsgenie", 202, b'{"message":"Key is disabled","code":403}', "Key is disabled"),
        ("opsgenie", 200, b'{"errors":{"alias":"too long"},"took":0.1}', "too long"),
        ("opsgenie", 200, PAGE, "nothing"),
        ("sms", 201, b'{"sid":"SM1","status":"undelivered","error_code":30003}', "undelivered (code 30003)"),
        ("sms", 201, b'{"sid":"SM1","status":"queued","error_code":21610}', "code 21610"),
        ("sms", 200, PAGE, "without the id"),
        ("sms_gateway", 200, b'{"status":"error"}', "without"),
        ("sms_gateway", 200, PAGE, "without"),
    ],
)
async def test_a_no_with_status_2xx_is_a_no_and_is_tried_again(
    house: House, name: str, status: int, body: bytes, says: str
) -> None:
    outcome = await ask(house, name, status, body)
    assert (outcome.is_delivered, outcome.is_permanent, outcome.is_gone) == (False, False, False)
    assert says in outcome.detail


async def test_telegram_says_with_200_too_when_to_come_again(house: House) -> None:
    body = b'{"ok":false,"error_code":429,"description":"Too Many Requests","parameters":{"retry_after":35}}'
    outcome = await ask(house, "telegram", 200, body)
    assert (outcome.is_delivered, outcome.retry_after) == (False, 35)
