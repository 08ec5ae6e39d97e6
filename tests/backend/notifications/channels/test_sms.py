"""Text messages through a Twilio-compatible service: what is asked, and what its answers mean."""

import asyncio
import base64
from typing import Any

import msgspec
import orjson
import pytest
from plantwright.core.errors import ValidationFailed
from plantwright.notifications.channels.sms import SmsChannel, SmsConfig, text_of

from tests.agent.tls import HOST
from tests.backend.notifications.channels.http_receiver import http_receiver
from tests.backend.notifications.channels.receiving import House, message, serving

SMS = SmsChannel()
TAKEN = orjson.dumps({"sid": "SM1", "status": "queued"})


def config(port: int = 443, **changes: Any) -> SmsConfig:
    made = SmsConfig("+4915112345678", "AC0123", "t0ken", "+4930123456", base_url=f"https://{HOST}:{port}")
    return msgspec.structs.replace(made, **changes)


async def test_a_message_is_asked_for_as_twilio_documents_it(house: House) -> None:
    async with http_receiver(house.tls) as receiver:
        receiver.status, receiver.body = 201, TAKEN
        outcome = await SMS.send(config(receiver.port), message(), house.outbound())
    assert (outcome.is_delivered, outcome.status) == (True, "201")
    [asked] = receiver.requests
    assert (asked.method, asked.target) == ("POST", "/2010-04-01/Accounts/AC0123/Messages.json")
    assert asked.headers["authorization"] == "Basic " + base64.b64encode(b"AC0123:t0ken").decode()
    assert asked.headers["content-type"] == "application/x-www-form-urlencoded"
    assert asked.form == {
        "To": "+4915112345678",
        "From": "+4930123456",
        "Body": "P-101: temperature is 93.4 °C, above 85 °C since 14:02. https://plant.example/alerts/1",
    }


async def test_a_messaging_service_is_named_as_one(house: House) -> None:
    service = "MG" + "0" * 32
    async with http_receiver(house.tls) as receiver:
        receiver.status, receiver.body = 201, TAKEN
        await SMS.send(config(receiver.port, from_number=service), message(), house.outbound())
    assert receiver.requests[0].form["MessagingServiceSid"] == service
    assert "From" not in receiver.requests[0].form


def test_a_link_that_does_not_fit_is_left_out_before_the_text_is_cut() -> None:
    assert text_of(message(text="x" * 150), 1) == "x" * 150
    assert text_of(message(text="x" * 200), 1) == "x" * 157 + "..."
    assert text_of(message(text="short"), 1) == "short https://plant.example/alerts/1"


@pytest.mark.parametrize(
    ("status", "body", "is_permanent", "detail"),
    [
        (400, {"code": 21211, "message": "Invalid 'To' Phone Number"}, True, "Invalid 'To' Phone Number (code 21211)"),
        (401, {"code": 20003, "message": "Authenticate"}, False, "Authenticate (code 20003)"),
        (429, {"code": 20429, "message": "Too Many Requests"}, False, "Too Many Requests (code 20429)"),
        (503, None, False, "503"),
    ],
)
async def test_refusals(house: House, status: int, body: Any, is_permanent: bool, detail: str) -> None:
    async with http_receiver(house.tls) as receiver:
        receiver.status, receiver.body = status, b"" if body is None else orjson.dumps(body)
        receiver.headers = {"Retry-After": "30"}
        outcome = await SMS.send(config(receiver.port), message(), house.outbound())
    assert (outcome.is_delivered, outcome.status, outcome.is_permanent) == (False, str(status), is_permanent)
    assert detail in outcome.detail
    assert outcome.retry_after == 30


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>ok</html>", b"[]", b'{"status": "queued"}', b'{"sid": "SM1", "status": "failed"}', b"\xff\xfe"],
)
async def test_a_service_that_lies_has_delivered_nothing(house: House, body: bytes) -> None:
    async with http_receiver(house.tls) as receiver:
        receiver.status, receiver.body = 201, body
        outcome = await SMS.send(config(receiver.port), message(), house.outbound())
    assert (outcome.is_delivered, outcome.is_permanent) == (False, False)


async def test_a_service_that_hangs_is_left(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plantwright.core.outbound.TOTAL_SECONDS", 0.3)

    async def silent(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with serving(silent, house.tls) as port:
        outcome = await SMS.send(config(port), message(), house.outbound())
    assert (outcome.is_delivered, outcome.status) == (False, "timeout")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("to", "015112345678"),
        ("to", "+49 151 12345678"),
        ("to", "+0151123456"),
        ("to", "+491511234567890123"),
        ("from_number", "Plantwright long"),
        ("from_number", "+49;"),
        ("account_sid", "../AC"),
        ("account_sid", ""),
        ("auth_token", ""),
        ("auth_token", "a\nb"),
        ("max_segments", 0),
        ("max_segments", 11),
        ("base_url", "ftp://sms.example"),
        ("base_url", "https://10.0.0.1"),
        ("base_url", "http://sms.example"),
    ],
)
async def test_what_cannot_work_is_refused_when_it_is_saved(house: House, field: str, value: Any) -> None:
    with pytest.raises(ValidationFailed) as refused:
        await SMS.check(config(**{field: value}), house.outbound("", leads_to="93.184.215.14"))
    assert refused.value.path == (field,)


async def test_what_can_work_is_taken(house: House) -> None:
    for sender in ("+4930123456", "Plantwright", "49030", "MG" + "a" * 32):
        await SMS.check(config(from_number=sender), house.outbound("", leads_to="93.184.215.14"))
