"""Slack, Microsoft Teams and Telegram: what they are sent."""

from typing import Any

import orjson
import pytest
from plantwright.notifications.channels.slack import SlackChannel, SlackConfig
from plantwright.notifications.channels.teams import TeamsChannel, TeamsConfig
from plantwright.notifications.channels.telegram import TelegramChannel, TelegramConfig

from tests.agent.tls import HOST
from tests.backend.notifications.channels.http_receiver import http_receiver
from tests.backend.notifications.channels.receiving import House, message

TOKEN = "123456:ABC-def_7"


async def test_slack_gets_text_blocks_and_a_button(house: House) -> None:
    async with http_receiver(house.tls) as receiver:
        config = SlackConfig(f"https://{HOST}:{receiver.port}/services/T/B/x")
        outcome = await SlackChannel().send(config, message(text="a < b & <!channel>"), house.outbound())
    assert outcome.is_delivered
    body = orjson.loads(receiver.requests[0].body)
    assert body["text"] == "Critical: P-101 temperature"
    [attachment] = body["attachments"]
    header, section, actions = attachment["blocks"]
    assert header["text"] == {"type": "plain_text", "text": "Critical: P-101 temperature"}
    assert section["text"] == {"type": "mrkdwn", "text": "a &lt; b &amp; &lt;!channel&gt;"}
    assert actions["elements"][0]["url"] == "https://plant.example/alerts/1"
    assert attachment["color"] == "#c62828"


async def test_slack_bodies_keep_to_the_limits_of_blocks(house: House) -> None:
    async with http_receiver(house.tls) as receiver:
        config = SlackConfig(f"https://{HOST}:{receiver.port}/")
        long = message(subject="s" * 200, text="t" * 8_000, link=None, severity=None)
        await SlackChannel().send(config, long, house.outbound())
    header, section = orjson.loads(receiver.requests[0].body)["blocks"]
    assert (len(header["text"]["text"]), len(section["text"]["text"])) == (150, 3_000)


async def test_teams_gets_a_message_with_one_adaptive_card(house: House) -> None:
    async with http_receiver(house.tls) as receiver:
        receiver.status = 202
        config = TeamsConfig(f"https://{HOST}:{receiver.port}/workflows/1/triggers/manual/paths/invoke?sig=x")
        outcome = await TeamsChannel().send(config, message(text="p_101 is *hot*\n\nSince 14:02."), house.outbound())
    assert outcome.is_delivered
    body = orjson.loads(receiver.requests[0].body)
    assert receiver.requests[0].target.endswith("?sig=x")
    assert body["type"] == "message"
    [attachment] = body["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    card: dict[str, Any] = attachment["content"]
    assert (card["type"], card["version"]) == ("AdaptiveCard", "1.4")
    assert [block["text"] for block in card["body"]] == [
        "Critical: P-101 temperature",
        r"p\_101 is \*hot\*",
        "Since 14:02.",
    ]
    assert card["actions"] == [
        {"type": "Action.OpenUrl", "title": "Open alert", "url": "https://plant.example/alerts/1"}
    ]


async def test_telegram_gets_plain_text_with_the_link(house: House) -> None:
    async with http_receiver(house.tls) as receiver:
        receiver.body = orjson.dumps({"ok": True, "result": {"text": "t" * 5_000}})
        config = TelegramConfig(TOKEN, "-1001", base_url=f"https://{HOST}:{receiver.port}/")
        outcome = await TelegramChannel().send(config, message(text="t" * 5_000), house.outbound())
    assert outcome.is_delivered
    [asked] = receiver.requests
    assert asked.target == f"/bot{TOKEN}/sendMessage"
    body = orjson.loads(asked.body)
    assert body["chat_id"] == "-1001"
    assert len(body["text"]) == 4_096
    assert body["text"].endswith("\nhttps://plant.example/alerts/1")
    assert "parse_mode" not in body


@pytest.mark.parametrize(
    ("answer", "seconds"),
    [
        (b'{"ok":false,"error_code":429,"parameters":{"retry_after":35}}', 35.0),
        (b'{"ok":false,"error_code":429}', None),
        (b"<html>", None),
        (b'{"parameters":{"retry_after":"soon"}}', None),
    ],
)
async def test_telegram_says_in_the_body_when_to_come_again(house: House, answer: bytes, seconds: float | None) -> None:
    async with http_receiver(house.tls) as receiver:
        receiver.status, receiver.body = 429, answer
        config = TelegramConfig(TOKEN, "@plant", base_url=f"https://{HOST}:{receiver.port}")
        outcome = await TelegramChannel().send(config, message(), house.outbound())
    assert (outcome.is_delivered, outcome.retry_after) == (False, seconds)


async def test_a_token_never_shows_in_what_is_told(house: House) -> None:
    async with http_receiver(house.tls) as receiver:
        config = TelegramConfig(TOKEN, "@plant", base_url=f"https://other.example:{receiver.port}")
        outcome = await TelegramChannel().send(config, message(), house.outbound())
    assert not outcome.is_delivered
    assert TOKEN not in outcome.detail + outcome.response
