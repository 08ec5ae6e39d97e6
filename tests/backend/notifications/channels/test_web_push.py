"""Web Push to a push service in this process, whose browser decrypts what it gets."""

import base64
from typing import Any

import jwt
import msgspec
import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from plantwright.core.errors import ValidationFailed
from plantwright.notifications.channels.push_encryption import from_base64url, to_base64url
from plantwright.notifications.channels.vapid import VapidKey
from plantwright.notifications.channels.web_push import WebPushChannel, plain_of

from tests.agent.tls import HOST
from tests.backend.notifications.channels.browser import Browser
from tests.backend.notifications.channels.http_receiver import HttpReceiver, http_receiver
from tests.backend.notifications.channels.receiving import House, message

KEY = VapidKey(b"s" * 32, "https://plantwright.example")
PUSH = WebPushChannel(KEY)


async def sent(house: House, receiver: HttpReceiver, **changes: Any) -> dict[str, Any]:
    browser = Browser()
    outcome = await PUSH.send(browser.subscription(receiver.port), message(**changes), house.outbound())
    assert outcome.is_delivered
    return browser.shows(receiver.requests[-1])


async def test_the_browser_decrypts_what_it_shows(house: House) -> None:
    async with http_receiver(house.tls) as receiver:
        receiver.status = 201
        shown = await sent(house, receiver)
    assert shown == {
        "id": str(message().delivery_id),
        "event": "alert.triggered",
        "severity": "critical",
        "title": "Critical: P-101 temperature",
        "body": message().text,
        "tag": message().dedup_key,
        "url": "https://plant.example/alerts/1",
        "language": "en",
    }
    headers = receiver.requests[0].headers
    assert headers["content-encoding"] == "aes128gcm"
    assert (headers["ttl"], headers["urgency"]) == ("86400", "high")
    assert len(headers["topic"]) == 32


async def test_the_push_service_can_tell_who_sends(house: House) -> None:
    async with http_receiver(house.tls) as receiver:
        await sent(house, receiver)
    token = receiver.requests[0].headers["authorization"].removeprefix("vapid t=").partition(",")[0]
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), from_base64url(KEY.public))
    claims = jwt.decode(
        token, key, ["ES256"], audience=f"https://{HOST}:{receiver.port}", options={"verify_exp": False}
    )
    assert claims["sub"] == "https://plantwright.example"


async def test_messages_about_one_alert_replace_each_other_while_the_browser_is_off(house: House) -> None:
    async with http_receiver(house.tls) as receiver:
        for dedup_key in ("a", "a", "b"):
            await sent(house, receiver, dedup_key=dedup_key)
    first, second, other = (one.headers["topic"] for one in receiver.requests)
    assert first == second != other


@pytest.mark.parametrize("status", [404, 410])
async def test_a_browser_that_has_unsubscribed_is_gone(house: House, status: int) -> None:
    async with http_receiver(house.tls) as receiver:
        receiver.status = status
        outcome = await PUSH.send(Browser().subscription(receiver.port), message(), house.outbound())
    assert (outcome.is_delivered, outcome.is_permanent, outcome.is_gone) == (False, True, True)


async def test_a_push_service_that_asks_for_time_gets_it(house: House) -> None:
    async with http_receiver(house.tls) as receiver:
        receiver.status, receiver.headers = 429, {"Retry-After": "120"}
        outcome = await PUSH.send(Browser().subscription(receiver.port), message(), house.outbound())
    assert (outcome.is_delivered, outcome.is_permanent, outcome.is_gone) == (False, False, False)
    assert outcome.retry_after == 120


@pytest.mark.parametrize("text", ["x" * 10_000, "🔥" * 10_000, "\x00" * 10_000])
async def test_a_long_text_is_cut_to_what_a_push_message_holds(house: House, text: str) -> None:
    async with http_receiver(house.tls) as receiver:
        shown = await sent(house, receiver, text=text)
    assert text.startswith(shown["body"].rstrip("…"))
    assert shown["body"]
    assert len(receiver.requests[0].body) <= 4_096


def test_a_long_subject_is_cut_too() -> None:
    assert len(orjson.loads(plain_of(message(subject="y" * 5_000)))["title"]) == 600


@pytest.mark.parametrize(
    ("path", "changes"),
    [
        ("endpoint", {"endpoint": "http://push.example/abc"}),
        ("endpoint", {"endpoint": "https://127.0.0.1/abc"}),
        ("endpoint", {"endpoint": "https://push.example/" + "a" * 2_048}),
        ("p256dh", {"p256dh": "not base64!"}),
        ("auth", {"auth": "ä"}),
        ("p256dh", {"p256dh": base64.urlsafe_b64encode(bytes(65)).decode()}),
        ("p256dh", {"auth": to_base64url(bytes(15))}),
    ],
)
async def test_what_is_no_subscription_is_refused(house: House, path: str, changes: dict[str, str]) -> None:
    subscription = msgspec.structs.replace(Browser().subscription(443), **changes)
    with pytest.raises(ValidationFailed) as refused:
        await PUSH.check(subscription, house.outbound("", leads_to="93.184.215.14"))
    assert refused.value.path == (path,)
