"""Apprise in its own process: what it delivers, and what it is kept from."""

import asyncio

import orjson
import pytest
from plantwright.core.errors import ValidationFailed
from plantwright.notifications.channels.apprise import AppriseChannel, AppriseConfig
from plantwright.notifications.channels.contract import Outcome

from tests.backend.notifications.channels.http_receiver import http_receiver
from tests.backend.notifications.channels.receiving import House, message, serving

LOOPBACK = "127.0.0.1/32, ::1/128"


def channel(house: House, networks: str = LOOPBACK, *, is_allowed: bool = True) -> AppriseChannel:
    return AppriseChannel(is_allowed, {"networks": networks, "ports": "", "ca_file": str(house.authority)})


async def send(house: House, url: str, networks: str = LOOPBACK) -> Outcome:
    return await channel(house, networks).send(AppriseConfig(url), message(), house.outbound())


async def test_a_service_that_apprise_speaks_gets_the_message(house: House) -> None:
    async with http_receiver(house.tls) as receiver:
        outcome = await send(house, f"jsons://localhost:{receiver.port}/hook")
    assert (outcome.is_delivered, outcome.status) == (True, "sent")
    body = orjson.loads(receiver.requests[0].body)
    assert body["title"] == "Critical: P-101 temperature"
    assert body["message"] == f"{message().text}\n\nhttps://plant.example/alerts/1"
    assert body["type"] == "failure"


async def test_a_refusal_is_no_delivery_and_says_why(house: House) -> None:
    async with http_receiver(house.tls) as receiver:
        receiver.status = 500
        outcome = await send(house, f"jsons://localhost:{receiver.port}/hook")
    assert (outcome.is_delivered, outcome.is_permanent) == (False, False)
    assert "500" in outcome.detail


async def test_an_address_is_checked_when_it_is_connected_to(house: House) -> None:
    async with http_receiver(house.tls) as receiver:
        outcome = await send(house, f"jsons://localhost:{receiver.port}/hook", networks="10.0.0.0/8")
    assert (outcome.is_delivered, outcome.status) == (False, "refused")
    assert "PLANTWRIGHT_OUTBOUND_NETWORKS" in outcome.detail
    assert not receiver.requests


async def test_a_redirect_leads_to_no_address_that_is_not_allowed(house: House) -> None:
    async with http_receiver() as inside, http_receiver(house.tls) as receiver:
        receiver.status = 307
        receiver.headers = {"Location": f"http://127.0.0.2:{inside.port}/latest/meta-data"}
        outcome = await send(house, f"jsons://localhost:{receiver.port}/hook")
    assert (outcome.is_delivered, outcome.status) == (False, "refused")
    assert receiver.requests
    assert not inside.requests


async def test_a_file_of_the_server_is_not_read(house: House) -> None:
    outcome = await send(house, "fcm://project/device/?mode=oauth2&keyfile=/etc/passwd")
    assert (outcome.is_delivered, outcome.status) == (False, "refused")
    assert "file" in outcome.detail


async def test_a_service_that_hangs_is_ended(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plantwright.notifications.channels.apprise.TOTAL_SECONDS", 4.0)

    async def silent(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with serving(silent, house.tls) as port:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(send(house, f"jsons://localhost:{port}/hook?rto=600"), 30)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("syslog://", "the server itself"),
        ("dbus://", "the server itself"),
        ("windows://", "the server itself"),
        ("mailto://user:pass@plant.example", "type email"),
        ("mqtt://plant.example/topic", "type mqtt"),
        ("jsons://plant.example/?verify=no", "verify=no"),
        ("slack://x", "Slack"),
        ("nothing://x", "nothing"),
        ("", "URL"),
        ("jsons://" + "a" * 2_048, "2,048"),
    ],
)
async def test_what_cannot_be_used_is_refused_when_it_is_saved(house: House, url: str, why: str) -> None:
    with pytest.raises(ValidationFailed, match=why) as refused:
        await channel(house).check(AppriseConfig(url), house.outbound())
    assert refused.value.path == ("url",)


async def test_what_can_be_used_is_taken(house: House) -> None:
    await channel(house).check(AppriseConfig("ntfys://ntfy.example/alerts"), house.outbound())


async def test_it_is_off_until_the_operator_allows_it(house: House) -> None:
    with pytest.raises(ValidationFailed, match="PLANTWRIGHT_APPRISE"):
        await channel(house, is_allowed=False).check(AppriseConfig("ntfys://ntfy.example/alerts"), house.outbound())
    with pytest.raises(ValidationFailed, match="PLANTWRIGHT_APPRISE"):
        await channel(house, is_allowed=False).send(AppriseConfig("ntfys://x/y"), message(), house.outbound())
