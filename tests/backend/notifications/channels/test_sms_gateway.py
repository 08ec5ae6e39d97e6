"""Text messages through a gateway of any kind: templates are filled in so that nothing leaves its place."""

from typing import Any

import msgspec
import orjson
import pytest
from plantwright.core.errors import ValidationFailed
from plantwright.notifications.channels.sms_gateway import SmsGatewayChannel, SmsGatewayConfig

from tests.agent.tls import HOST
from tests.backend.notifications.channels.http_receiver import HttpReceiver, http_receiver
from tests.backend.notifications.channels.receiving import House, message

GATEWAY = SmsGatewayChannel()
NASTY = 'He said "93 °C" & {secret}={to}\\ \n+1%20'


def config(port: int = 443, path: str = "/send", **changes: Any) -> SmsGatewayConfig:
    made = SmsGatewayConfig("+4915112345678", f"https://{HOST}:{port}{path}", secret="k/ey")
    return msgspec.structs.replace(made, **changes)


async def delivered(house: House, receiver: HttpReceiver, path: str = "/send", **changes: Any) -> None:
    text = message(text=NASTY, link=None)
    outcome = await GATEWAY.send(config(receiver.port, path, **changes), text, house.outbound())
    assert outcome.is_delivered


async def test_json_form_and_text_hold_the_text_as_it_is(house: House) -> None:
    async with http_receiver(house.tls) as receiver:
        await delivered(house, receiver, headers={"Authorization": "Bearer {secret}"})
        await delivered(house, receiver, body="to={to}&message={text}&key={secret}", body_format="form")
        await delivered(house, receiver, body="{to}: {text}", body_format="text", method="PUT")
    json, form, text = receiver.requests
    assert orjson.loads(json.body) == {"to": "+4915112345678", "text": NASTY}
    assert json.headers["authorization"] == "Bearer k/ey"
    assert json.headers["content-type"] == "application/json"
    assert form.form == {"to": "+4915112345678", "message": NASTY, "key": "k/ey"}
    assert (text.method, text.body.decode()) == ("PUT", f"+4915112345678: {NASTY}")


async def test_a_gateway_that_takes_everything_in_its_url(house: House) -> None:
    async with http_receiver(house.tls) as receiver:
        await delivered(house, receiver, "/send?to={to}&text={text}&key={secret}", method="GET")
    [asked] = receiver.requests
    assert (asked.method, asked.body) == ("GET", b"")
    assert asked.target.startswith("/send?to=%2B4915112345678&text=He%20said%20%2293%20%C2%B0C%22%20%26%20%7Bsecret%7D")
    assert asked.target.endswith("&key=k%2Fey")


async def test_success_needs_the_words_that_were_asked_for(house: House) -> None:
    async with http_receiver(house.tls) as receiver:
        receiver.body = b"ERR 105: no credit"
        lost = await GATEWAY.send(config(receiver.port, success_text="OK"), message(), house.outbound())
        receiver.body = b"OK 4711"
        sent = await GATEWAY.send(config(receiver.port, success_text="OK"), message(), house.outbound())
        receiver.status = 500
        failed = await GATEWAY.send(config(receiver.port, success_text="OK"), message(), house.outbound())
    assert (lost.is_delivered, lost.status, lost.response) == (False, "200", "ERR 105: no credit")
    assert sent.is_delivered
    assert not failed.is_delivered


@pytest.mark.parametrize(
    ("path", "changes"),
    [
        ("to", {"to": "0151"}),
        ("url", {"url": "https://{to}.example/send"}),
        ("url", {"url": "https://sms.example:{to}/send"}),
        ("url", {"url": "http://sms.example/send"}),
        ("url", {"url": "https://192.168.1.1/send"}),
        ("url", {"url": "https://[::1"}),
        ("headers", {"headers": {"Host": "x"}}),
        ("headers", {"headers": {"X-Key": "a\r\nb"}}),
        ("body", {"body": '{"to": "{to}"}'}),
        ("body", {"body": "{text}"}),
        ("body", {"body": "{text}", "method": "GET"}),
        ("max_segments", {"max_segments": 99}),
    ],
)
async def test_what_cannot_work_is_refused_when_it_is_saved(house: House, path: str, changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationFailed) as refused:
        await GATEWAY.check(config(**changes), house.outbound("", leads_to="93.184.215.14"))
    assert refused.value.path == (path,)


async def test_what_can_work_is_taken(house: House) -> None:
    outbound = house.outbound("", leads_to="93.184.215.14")
    await GATEWAY.check(config(), outbound)
    await GATEWAY.check(config(path="/send?t={text}", method="GET"), outbound)
    await GATEWAY.check(config(headers={"Authorization": "Key {secret}"}), outbound)
