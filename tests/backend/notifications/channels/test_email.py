"""E-mail to real SMTP servers: what arrives, what is refused, and servers that hang, refuse or lie."""

import asyncio
from typing import Any

import msgspec
import pytest
from plantwright.core.errors import ValidationFailed
from plantwright.notifications.channels.contract import Outcome
from plantwright.notifications.channels.email import EmailChannel, EmailConfig
from plantwright.notifications.channels.smtp_server import SmtpServer

from tests.agent.tls import HOST
from tests.backend.notifications.channels.mail_server import mail_server
from tests.backend.notifications.channels.receiving import House, message, serving

INSTALLATION = "plantwright.example"
OWN = EmailChannel(None, INSTALLATION)


def config(port: int, **changes: Any) -> EmailConfig:
    made = EmailConfig(
        "shift@plant.example", smtp_host=HOST, smtp_port=port, smtp_security="none", from_address="pw@plant.example"
    )
    return msgspec.structs.replace(made, **changes)


async def send(house: House, port: int, text: Any = None, **changes: Any) -> Outcome:
    return await OWN.send(config(port, **changes), text or message(), house.outbound())


async def test_a_mail_arrives_with_text_and_html_and_an_id_that_stays(house: House) -> None:
    async with mail_server() as server:
        html = "<p>P-101: 93,4 °C</p>"
        for _ in range(2):
            outcome = await send(house, server.port, message(html=html))
            assert (outcome.is_delivered, outcome.status) == (True, "250")
    first, second = server.mails
    assert first["Message-ID"] == second["Message-ID"] == f"<{message().delivery_id}@{INSTALLATION}>"
    assert (first["From"], first["To"]) == ("pw@plant.example", "shift@plant.example")
    assert first["Subject"] == "Critical: P-101 temperature"
    assert first["Auto-Submitted"] == "auto-generated"
    assert first["List-Id"] == f"Plantwright <notifications.{INSTALLATION}>"
    assert first["Date"] == "Sat, 21 Nov 2026 14:02:03 +0000"
    assert first.get_content_type() == "multipart/alternative"
    plain, rich = first.get_body(["plain"]), first.get_body(["html"])
    assert plain is not None
    assert rich is not None
    assert plain.get_content().splitlines() == [message().text, "", "https://plant.example/alerts/1"]
    assert rich.get_content().strip() == html
    assert server.envelopes[0].mail_from == "pw@plant.example"
    assert server.sessions[0].host_name == INSTALLATION


async def test_mails_about_one_alert_are_one_conversation(house: House) -> None:
    async with mail_server() as server:
        await send(house, server.port, message(dedup_key="a"))
        await send(house, server.port, message(dedup_key="a"))
        await send(house, server.port, message(dedup_key="b"))
    first, second, other = (mail["References"] for mail in server.mails)
    assert first == second != other


async def test_a_name_cannot_add_a_header(house: House) -> None:
    async with mail_server() as server:
        await send(house, server.port, message(subject="P-101\r\nBcc: all@plant.example\r\n\r\nbody\x00\x1b"))
    assert server.mails[0]["Subject"] == "P-101 Bcc: all@plant.example body"
    assert server.mails[0]["Bcc"] is None
    assert server.envelopes[0].rcpt_tos == ["shift@plant.example"]


async def test_starttls_and_login(house: House) -> None:
    async with mail_server(starttls=house.tls, needs_login=True) as server:
        login = {"smtp_security": "starttls", "smtp_username": "plant"}
        good = await send(house, server.port, smtp_password="s3cret", **login)
        bad = await send(house, server.port, smtp_password="wrong", **login)
    assert good.is_delivered
    assert server.sessions[0].ssl is not None
    assert (bad.is_delivered, bad.status, bad.is_permanent) == (False, "535", True)
    assert "login" in bad.detail
    assert "wrong" not in bad.detail


async def test_tls_from_the_start(house: House) -> None:
    async with mail_server(tls=house.tls) as server:
        assert (await send(house, server.port, smtp_security="tls")).is_delivered


@pytest.mark.parametrize("security", ["tls", "starttls"])
async def test_a_certificate_of_another_name_is_refused(house: House, security: str) -> None:
    is_first = security == "tls"
    async with mail_server(tls=house.tls if is_first else None, starttls=None if is_first else house.tls) as server:
        outcome = await send(house, server.port, smtp_security=security, smtp_host="other.example")
    assert (outcome.is_delivered, outcome.status) == (False, "tls")
    assert "other.example" in outcome.detail
    assert not server.mails


async def test_a_server_without_starttls_gets_nothing(house: House) -> None:
    async with mail_server() as server:
        outcome = await send(house, server.port, smtp_security="starttls")
    assert (outcome.is_delivered, outcome.status, outcome.is_permanent) == (False, "unsupported", True)
    assert not server.mails


@pytest.mark.parametrize(
    ("command", "answer", "is_permanent"),
    [
        ("RCPT", "550 5.1.1 No such person", True),
        ("RCPT", "450 4.2.1 Try later", False),
        ("DATA", "554 5.7.1 Spam", True),
        ("DATA", "452 4.3.1 Disk full", False),
    ],
)
async def test_a_refusal_for_good_is_told_from_one_for_now(
    house: House, command: str, answer: str, is_permanent: bool
) -> None:
    async with mail_server() as server:
        server.answers[command] = answer
        outcome = await send(house, server.port)
    assert not outcome.is_delivered
    assert (outcome.status, outcome.is_permanent) == (answer[:3], is_permanent)
    assert answer[4:] in outcome.detail


async def test_a_server_that_says_nothing_costs_ten_seconds_at_most(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("plantwright.notifications.channels.email.TOTAL_SECONDS", 0.3)

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with serving(silent) as port:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(send(house, port), 5)


@pytest.mark.parametrize("greeting", [b"HTTP/1.1 200 OK\r\n\r\n", b"\x00\xff\xfe\r\n", b"", b"220 ok\r\n"])
async def test_a_server_that_lies_or_breaks_off_is_no_delivery(house: House, greeting: bytes) -> None:
    async def lying(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(greeting)
        await writer.drain()

    async with serving(lying) as port:
        outcome = await send(house, port)
    assert (outcome.is_delivered, outcome.is_permanent) == (False, False)


async def test_a_server_that_never_says_goodbye_has_the_mail_all_the_same(house: House) -> None:
    async with mail_server() as server:
        server.answers["DATA"] = "250 taken\r\n421 closing"
        assert (await send(house, server.port)).is_delivered


async def test_nobody_there_is_an_error_of_the_connection(house: House) -> None:
    with pytest.raises(OSError, match=r".+"):
        await send(house, 1)


async def test_without_tls_only_to_listed_networks(house: House) -> None:
    outbound = house.outbound("10.0.0.0/8", leads_to="93.184.215.14")
    with pytest.raises(ValidationFailed, match="TLS") as refused:
        await OWN.check(config(25), outbound)
    assert refused.value.path == ("smtp_security",)
    with pytest.raises(ValidationFailed, match="TLS"):
        await OWN.send(config(25), message(), outbound)


async def test_a_private_address_is_refused(house: House) -> None:
    with pytest.raises(ValidationFailed) as refused:
        await OWN.check(config(25, smtp_security="tls"), house.outbound("", leads_to="10.1.2.3"))
    assert refused.value.path == ("smtp_host",)


async def test_the_operators_server_is_used_when_none_is_entered(house: House) -> None:
    async with mail_server() as server:
        operator = SmtpServer("127.0.0.1", server.port, "none", "alerts@operator.example", is_trusted=True)
        channel = EmailChannel(operator, INSTALLATION)
        await channel.check(EmailConfig("shift@plant.example"), house.outbound(""))
        assert (await channel.send(EmailConfig("shift@plant.example"), message(), house.outbound(""))).is_delivered
    assert server.mails[0]["From"] == "alerts@operator.example"


async def test_without_any_server_it_says_what_to_do(house: House) -> None:
    with pytest.raises(ValidationFailed, match="PLANTWRIGHT_SMTP_URL"):
        await OWN.check(EmailConfig("shift@plant.example"), house.outbound())


@pytest.mark.parametrize(
    "address",
    [
        "",
        "shift",
        "a@b@c",
        "a b@plant.example",
        "a@plant.example,b@plant.example",
        "A <a@plant.example>",
        "a@plant.example\r\nBcc: x@y.example",
        "schicht@wörk.example",
        "a" * 250 + "@plant.example",
    ],
)
async def test_what_is_no_address_is_refused(house: House, address: str) -> None:
    with pytest.raises(ValidationFailed) as refused:
        await OWN.check(config(25, email=address), house.outbound())
    assert refused.value.path == ("email",)


async def test_a_login_needs_both_and_a_server_needs_a_sender(house: House) -> None:
    for changes, path in (({"smtp_username": "plant"}, "smtp_username"), ({"from_address": None}, "from_address")):
        with pytest.raises(ValidationFailed) as refused:
            await OWN.check(config(25, **changes), house.outbound())
        assert refused.value.path == (path,)
