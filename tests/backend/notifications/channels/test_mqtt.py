"""MQTT to a real broker, and to things that are none."""

import asyncio
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
import orjson
import pytest
from plantwright.core.errors import ValidationFailed
from plantwright.notifications.channels.contract import Outcome
from plantwright.notifications.channels.mqtt import MqttChannel, MqttConfig, topic_of

from tests.agent.tls import HOST
from tests.backend.notifications.channels.broker import PASSWORD, USER, broker, next_message, subscriber
from tests.backend.notifications.channels.receiving import House, message, serving

MQTT = MqttChannel()


def config(port: int = 1883, **changes: Any) -> MqttConfig:
    return msgspec.structs.replace(MqttConfig(HOST, port=port, is_tls=False), **changes)


async def send(house: House, port: int, **changes: Any) -> Outcome:
    return await MQTT.send(config(port, **changes), message(), house.outbound())


async def test_a_subscriber_gets_the_documented_body_on_the_topic(house: House) -> None:
    async with broker() as port, subscriber(port) as client:
        outcome = await send(house, port, topic="plant/{machine_name}/{severity}")
        topic, body, is_kept = await next_message(client)
    assert (outcome.is_delivered, outcome.status) == (True, "PUBACK")
    assert (topic, is_kept) == ("plant/P-101/critical", False)
    assert orjson.loads(body) == {"id": str(message().delivery_id), "sequence": 7, **message().payload}


async def test_a_kept_message_reaches_who_comes_later(house: House) -> None:
    async with broker() as port:
        assert (await send(house, port, is_retained=True)).is_delivered
        async with subscriber(port) as client:
            topic, _, is_kept = await next_message(client)
    assert (topic, is_kept) == ("plantwright/alerts/critical", True)


async def test_login(house: House, tmp_path: Path) -> None:
    async with broker(passwords=tmp_path / "passwords") as port:
        good = await send(house, port, username=USER, password=PASSWORD)
        bad = await send(house, port, username=USER, password="wrong")
    assert good.is_delivered
    assert (bad.is_delivered, bad.is_permanent) == (False, False)
    assert "wrong" not in bad.detail


async def test_tls_with_the_name_of_the_broker(house: House) -> None:
    async with broker(house.pair) as port:
        good = await send(house, port, is_tls=True)
        own = await MQTT.send(
            config(port, is_tls=True, ca_certificate=house.authority.read_text()), message(), house.outbound()
        )
        other = await send(house, port, is_tls=True, host="other.example")
    assert good.is_delivered
    assert own.is_delivered
    assert (other.is_delivered, other.status) == (False, "tls")


async def test_many_at_once_all_arrive(house: House) -> None:
    async with broker() as port, subscriber(port) as client:
        outcomes = await asyncio.gather(
            *(
                MQTT.send(config(port, topic=f"plant/{n}"), message(delivery_id=uuid4()), house.outbound())
                for n in range(30)
            )
        )
        topics = {(await next_message(client))[0] for _ in range(30)}
    assert all(outcome.is_delivered for outcome in outcomes)
    assert topics == {f"plant/{n}" for n in range(30)}


@pytest.mark.parametrize(
    "answer", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"", b"\x20\x02\x00", b"\xff" * 64, b"\x40\x02\x00\x01"]
)
async def test_what_is_no_broker_has_taken_nothing(house: House, answer: bytes) -> None:
    async def lying(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(answer)
        await writer.drain()

    async with serving(lying) as port:
        with pytest.raises(OSError, match="MQTT"):
            await send(house, port)


async def test_a_broker_that_takes_but_never_acknowledges_is_no_delivery(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("plantwright.notifications.channels.mqtt.TOTAL_SECONDS", 0.5)

    async def forgetful(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        # Session accepted; then the acknowledgement of a message that was never sent.
        writer.write(b"\x20\x02\x00\x00" + b"\x40\x02\x7f\x7f")
        await reader.read()

    async with serving(forgetful) as port:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(send(house, port), 10)


@pytest.mark.parametrize(("code", "said"), [(2, "identifier"), (3, "unavailable"), (4, "password"), (5, "authorized")])
async def test_refusals_of_the_connection(house: House, code: int, said: str) -> None:
    async def refusing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(bytes([0x20, 0x02, 0x00, code]))
        await writer.drain()

    async with serving(refusing) as port:
        outcome = await send(house, port)
    assert not outcome.is_delivered
    assert HOST in outcome.detail
    assert said in outcome.detail


def test_a_name_stays_one_level_of_the_topic() -> None:
    named = message(payload={"alert": {"machine_name": "P-101/#+\x00", "metric_name": None}, "tenant_id": 5})
    assert topic_of("a/{machine_name}/{metric_name}/{tenant_id}", named) == "a/P-101____/none/5"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("topic", "a/+/b"),
        ("topic", "a/#"),
        ("topic", ""),
        ("topic", "$SYS/x"),
        ("topic", "a/{password}"),
        ("topic", "a/{x"),
        ("topic", "a\x00"),
        ("ca_certificate", "-----BEGIN CERTIFICATE-----\nno\n-----END CERTIFICATE-----"),
        ("ca_certificate", "ä"),
        ("username", {"password": "x"}),
        ("host", {"host": "10.0.0.1", "is_tls": True}),
        ("host", {"port": 6379}),
        ("host", {"host": "169.254.169.254", "is_tls": True}),
        ("is_tls", {}),
    ],
)
async def test_what_cannot_work_is_refused_when_it_is_saved(house: House, field: str, value: Any) -> None:
    changes = value if isinstance(value, dict) else {field: value}
    with pytest.raises(ValidationFailed) as refused:
        await MQTT.check(config(**changes), house.outbound("", leads_to="93.184.215.14"))
    assert refused.value.path == (field,)
