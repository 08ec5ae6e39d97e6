"""The signed webhook: its form is that of Standard Webhooks, and receivers can change over to a new secret."""

from datetime import timedelta

import orjson
from plantwright.notifications.channels.webhook import (
    SigningSecret,
    WebhookChannel,
    WebhookConfig,
    new_secret,
    rotated,
    signature,
)

from tests.agent.tls import HOST
from tests.backend.notifications.channels.http_receiver import HttpReceiver, http_receiver
from tests.backend.notifications.channels.receiving import MESSAGE, House, message

WEBHOOK = WebhookChannel()
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def config(receiver: HttpReceiver, *secrets: SigningSecret, **headers: str) -> WebhookConfig:
    return WebhookConfig(f"https://{HOST}:{receiver.port}/hook?x=1", headers, secrets)


def test_the_signature_is_that_of_the_published_example() -> None:
    """From the libraries of Standard Webhooks."""
    signed = signature(SECRET, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", b'{"test": 2432232314}')
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


async def test_a_receiver_can_check_what_it_gets(house: House) -> None:
    async with http_receiver(house.tls) as receiver:
        outcome = await WEBHOOK.send(config(receiver, SigningSecret(SECRET)), MESSAGE, house.outbound())
    assert (outcome.is_delivered, outcome.status) == (True, "200")
    [asked] = receiver.requests
    assert asked.headers["webhook-id"] == str(MESSAGE.delivery_id)
    assert asked.headers["webhook-timestamp"] == "1795269723"
    assert asked.headers["webhook-sequence"] == "7"
    expected = signature(SECRET, asked.headers["webhook-id"], asked.headers["webhook-timestamp"], asked.body)
    assert asked.headers["webhook-signature"] == expected
    assert orjson.loads(asked.body) == MESSAGE.payload
    assert asked.headers["content-type"] == "application/json"


async def test_own_headers_go_along_and_never_replace_ours(house: House) -> None:
    async with http_receiver(house.tls) as receiver:
        own = {"X-Webhook-Secret": "hunter2", "Webhook-Id": "forged"}
        await WEBHOOK.send(config(receiver, **own), MESSAGE, house.outbound())
    assert receiver.requests[0].headers["x-webhook-secret"] == "hunter2"
    assert str(MESSAGE.delivery_id) in receiver.requests[0].headers["webhook-id"]
    assert "webhook-signature" not in receiver.requests[0].headers


async def test_during_a_rotation_both_sign_and_a_day_later_only_the_new_one(house: House) -> None:
    second = new_secret()
    secrets = rotated((SigningSecret(SECRET),), second, MESSAGE.sent_at)
    async with http_receiver(house.tls) as receiver:
        for later in (timedelta(hours=23), timedelta(hours=25)):
            await WEBHOOK.send(config(receiver, *secrets), message(sent_at=MESSAGE.sent_at + later), house.outbound())
    for asked, valid in zip(receiver.requests, ((second, SECRET), (second,)), strict=True):
        signed = [
            signature(secret, asked.headers["webhook-id"], asked.headers["webhook-timestamp"], asked.body)
            for secret in valid
        ]
        assert asked.headers["webhook-signature"] == " ".join(signed)


def test_of_several_rotations_the_last_two_secrets_are_kept() -> None:
    first = (SigningSecret(SECRET),)
    second = rotated(first, "whsec_Yg==", MESSAGE.sent_at)
    third = rotated(second, "whsec_Yw==", MESSAGE.sent_at + timedelta(hours=1))
    assert [one.secret for one in third] == ["whsec_Yw==", "whsec_Yg=="]
    assert third[1].until == MESSAGE.sent_at + timedelta(hours=25)
