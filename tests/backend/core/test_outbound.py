"""The way out: what it connects to, what it never does, and how little it believes."""

import asyncio
import contextlib
import ssl
from asyncio import StreamReader, StreamWriter
from collections.abc import Sequence
from pathlib import Path

import httpx
import pytest
from plantwright.core import outbound as module
from plantwright.core.addresses import parse_networks
from plantwright.core.errors import ConfigurationError, ValidationFailed
from plantwright.core.outbound import LONGEST_RESPONSE, Outbound, OutboundGuard, open_outbound
from plantwright.core.settings import Settings

from tests.agent.tls import HOST
from tests.backend.notifications.channels.http_receiver import http_receiver
from tests.backend.notifications.channels.receiving import House, make_house, serving

EVERYTHING = "0.0.0.0/0, ::/0"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    return make_house(tmp_path_factory.mktemp("receivers"))


def guard(*found: str, networks: str = "") -> OutboundGuard:
    """Every name leads to these addresses."""

    async def resolve(host: str, port: int) -> Sequence[str]:
        return found

    return OutboundGuard(parse_networks(networks, "networks"), resolve)


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.1",
        "172.16.5.5",
        "192.168.1.1",
        "127.0.0.1",
        "::1",
        "0.0.0.0",  # noqa: S104 - an address to refuse
        "::",
        "169.254.169.254",
        "169.254.7.7",
        "fe80::1",
        "fd00:ec2::254",
        "fd12::1",
        "fec0::1",
        "100.64.0.1",
        "100.100.100.200",
        "192.0.0.1",
        "192.0.2.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.1.1.1",
        "ff02::1",
        "240.0.0.1",
        "255.255.255.255",
        "2002:0a00:0001::1",
        "192.88.99.1",
        "64:ff9b::10.0.0.1",
        "64:ff9b:1::1",
        "2001::1",
        "2001:db8::1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "::10.0.0.1",
    ],
)
async def test_what_is_not_public_is_refused_as_address_and_behind_a_name(address: str) -> None:
    with pytest.raises(ValidationFailed, match="PLANTWRIGHT_OUTBOUND_NETWORKS"):
        await guard().checked(address, 443)
    with pytest.raises(ValidationFailed, match="has an address") as refusal:
        await guard("93.184.216.34", address).checked("hooks.example", 443)
    assert address not in refusal.value.message


@pytest.mark.parametrize("address", ["169.254.169.254", "fd00:ec2::254", "100.100.100.200", "fe80::1", "224.0.0.1"])
async def test_some_are_refused_even_when_everything_is_listed(address: str) -> None:
    with pytest.raises(ValidationFailed):
        await guard(networks=EVERYTHING).checked(address, 443)


async def test_public_addresses_and_listed_networks_pass() -> None:
    assert await guard().checked("93.184.216.34", 443) == "93.184.216.34"
    assert await guard().checked("2606:2800:220:1::1", 8443) == "2606:2800:220:1::1"
    assert await guard("10.1.2.3", networks="10.1.0.0/16").checked("erp.plant", 9443) == "10.1.2.3"


@pytest.mark.parametrize(("address", "port"), [("93.184.216.34", 22), ("93.184.216.34", 8080), ("10.1.2.3", 5432)])
async def test_other_ports_are_refused(address: str, port: int) -> None:
    with pytest.raises(ValidationFailed, match=f"port {port}"):
        await guard(networks="10.0.0.0/8").checked(address, port)


async def test_the_connection_goes_to_the_checked_address_with_the_name_kept(house: House) -> None:
    async with http_receiver(house.tls) as receiver, house.outbound().client() as client:
        answer = await client.post(f"https://{HOST}:{receiver.port}/a?b=c", content=b"{}")
    assert answer.status_code == 200
    assert receiver.requests[0].headers["host"] == f"{HOST}:{receiver.port}"
    assert receiver.requests[0].target == "/a?b=c"


async def test_a_certificate_for_another_name_is_refused(house: House) -> None:
    async with http_receiver(house.tls) as receiver, house.outbound().client() as client:
        with pytest.raises(httpx.ConnectError, match=r"(?i)hostname|verify"):
            await client.get(f"https://other.example:{receiver.port}/")
    assert receiver.requests == []


async def test_a_certificate_of_an_unknown_authority_is_refused(house: House) -> None:
    async def resolve(host: str, port: int) -> Sequence[str]:
        return ["127.0.0.1"]

    stranger = Outbound(OutboundGuard(parse_networks("127.0.0.0/8", "networks"), resolve))
    async with http_receiver(house.tls) as receiver, stranger.client() as client:
        with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            await client.get(f"https://{HOST}:{receiver.port}/")


async def test_the_name_is_looked_up_once_for_each_request(house: House) -> None:
    """What it leads to a moment later is what is connected to by nobody."""
    answers = [["127.0.0.1"], ["169.254.169.254"]]

    async def resolve(host: str, port: int) -> Sequence[str]:
        return answers.pop(0)

    tls = ssl.create_default_context(cafile=str(house.authority))
    changing = Outbound(OutboundGuard(parse_networks("127.0.0.0/8", "networks"), resolve), tls=tls)
    async with http_receiver(house.tls) as receiver, changing.client() as client:
        url = f"https://{HOST}:{receiver.port}/"
        assert (await client.get(url)).status_code == 200
        assert len(answers) == 1
        with pytest.raises(ValidationFailed):
            await client.get(url)
    assert len(receiver.requests) == 1


async def test_a_connection_is_not_used_again_for_another_name(house: House) -> None:
    """The certificate was checked for one name, and both lead to one address."""
    async with http_receiver(house.tls) as receiver, house.outbound().client() as client:
        await client.get(f"https://{HOST}:{receiver.port}/")
        with pytest.raises(httpx.ConnectError):
            await client.get(f"https://other.example:{receiver.port}/")


async def test_no_redirect_is_followed(house: House) -> None:
    async with http_receiver(house.tls) as receiver, house.outbound().client() as client:
        receiver.status, receiver.headers = 302, {"Location": f"https://{HOST}:{receiver.port}/elsewhere"}
        assert (await client.get(f"https://{HOST}:{receiver.port}/")).status_code == 302
    assert len(receiver.requests) == 1


async def test_another_address_is_tried_when_the_first_does_not_answer(house: House) -> None:
    async def resolve(host: str, port: int) -> Sequence[str]:
        return ["127.0.0.77", "127.0.0.1"]

    tls = ssl.create_default_context(cafile=str(house.authority))
    both = Outbound(OutboundGuard(parse_networks("127.0.0.0/8", "networks"), resolve), tls=tls)
    async with http_receiver(house.tls) as receiver, both.client() as client:
        assert (await client.get(f"https://{HOST}:{receiver.port}/")).status_code == 200


async def test_plain_http_serves_in_listed_networks_only() -> None:
    async with http_receiver() as receiver:
        listed = Outbound(guard("127.0.0.1", networks="127.0.0.0/8"))
        async with listed.client() as client:
            assert (await client.get(f"http://{HOST}:{receiver.port}/")).status_code == 200
        async with Outbound(guard("93.184.216.34")).client() as client:
            with pytest.raises(ValidationFailed, match="by https"):
                await client.get("http://hooks.example/")


async def test_of_a_long_answer_only_the_beginning_is_read(house: House) -> None:
    async def endless(reader: StreamReader, writer: StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\nContent-Encoding: gzip\r\n\r\n")
        while True:
            writer.write(b"x" * 1_000)
            await writer.drain()

    async with serving(endless, house.tls) as port, house.outbound().client() as client:
        answer = await client.get(f"https://{HOST}:{port}/")
    assert answer.content == b"x" * LONGEST_RESPONSE


@pytest.mark.parametrize(
    "told",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nshort\r\nff",
    ],
)
async def test_an_answer_that_lies_about_its_length_has_said_its_status(house: House, told: bytes) -> None:
    async def lying(reader: StreamReader, writer: StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(told)

    async with serving(lying, house.tls) as port, house.outbound().client() as client:
        answer = await client.get(f"https://{HOST}:{port}/")
    assert (answer.status_code, answer.content) == (200, b"short")


@pytest.mark.parametrize("told", [b"", b"HTTP/1.1 200", b"SSH-2.0-OpenSSH_9.6\r\n", b"\x00" * 200])
async def test_what_closes_early_or_speaks_something_else_is_a_transport_error(house: House, told: bytes) -> None:
    async def early(reader: StreamReader, writer: StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(told)

    async with serving(early, house.tls) as port, house.outbound().client() as client:
        with pytest.raises(httpx.TransportError):
            await client.get(f"https://{HOST}:{port}/")


@pytest.mark.parametrize("told", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"])
async def test_what_hangs_is_given_up_after_the_whole_time(
    house: House, told: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "TOTAL_SECONDS", 0.3)

    async def hanging(reader: StreamReader, writer: StreamWriter) -> None:
        writer.write(told)
        await reader.read()

    async with serving(hanging, house.tls) as port, house.outbound().client() as client:
        with pytest.raises(httpx.TimeoutException):
            await client.get(f"https://{HOST}:{port}/")


async def test_dripping_does_not_extend_the_time(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TOTAL_SECONDS", 0.5)

    async def dripping(reader: StreamReader, writer: StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n")
        for number in range(1_000):
            writer.write(f"X-{number}: y\r\n".encode())
            await writer.drain()
            await asyncio.sleep(0.05)

    async with serving(dripping, house.tls) as port, house.outbound().client() as client:
        with pytest.raises(httpx.TimeoutException):
            await client.get(f"https://{HOST}:{port}/")


async def test_a_message_that_is_too_large_is_not_sent(house: House) -> None:
    async with http_receiver(house.tls) as receiver, house.outbound().client() as client:
        with pytest.raises(ValidationFailed, match="256 kB"):
            await client.post(f"https://{HOST}:{receiver.port}/", content=b"x" * (256 * 1024 + 1))
    assert receiver.requests == []


async def test_an_unknown_name_is_a_connect_error() -> None:
    async def resolve(host: str, port: int) -> Sequence[str]:
        raise OSError("not known")

    async with Outbound(OutboundGuard((), resolve)).client() as client:
        with pytest.raises(httpx.ConnectError, match="not known"):
            await client.get("https://nowhere.example/")


async def test_a_proxy_is_asked_for_the_name_which_is_checked_first(house: House) -> None:
    """The tunnel is real: what the proxy connects is TLS from end to end."""
    asked: list[str] = []
    is_over = asyncio.Event()

    async def proxy(reader: StreamReader, writer: StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        asked.append(head.split(b" ")[1].decode())
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", int(asked[-1].rpartition(":")[2]))
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await asyncio.gather(_pass_on(reader, far_writer), _pass_on(far_reader, writer))
        far_writer.close()
        with contextlib.suppress(ConnectionError):
            await far_writer.wait_closed()
        is_over.set()

    tls = ssl.create_default_context(cafile=str(house.authority))
    async with http_receiver(house.tls) as receiver, serving(proxy) as port:
        outbound = Outbound(guard("127.0.0.1", networks="127.0.0.0/8"), tls=tls, proxy=f"http://127.0.0.1:{port}")
        async with outbound.client() as client:
            assert (await client.get(f"https://{HOST}:{receiver.port}/")).status_code == 200
        assert asked == [f"{HOST}:{receiver.port}"]
        private = Outbound(guard("10.0.0.7"), tls=tls, proxy=f"http://127.0.0.1:{port}")
        async with private.client() as client:
            with pytest.raises(ValidationFailed):
                await client.get("https://inside.example/")
        await is_over.wait()
    assert len(asked) == 1


async def _pass_on(reader: StreamReader, writer: StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    writer.close()


def test_settings_that_are_wrong_are_refused_at_start(tmp_path: Path) -> None:
    for wrong in (
        {"PLANTWRIGHT_OUTBOUND_NETWORKS": "10.0.0.1/8"},
        {"PLANTWRIGHT_OUTBOUND_PORTS": "https"},
        {"PLANTWRIGHT_OUTBOUND_CA_FILE": str(tmp_path / "missing.pem")},
    ):
        with pytest.raises(ConfigurationError, match=next(iter(wrong))):
            open_outbound(Settings.model_validate(wrong))
