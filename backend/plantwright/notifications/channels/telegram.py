"""Telegram, by the Bot API (https://core.telegram.org/bots/api#sendmessage)."""

import re
from dataclasses import replace
from typing import ClassVar, Final

import msgspec

from plantwright.core.errors import ValidationFailed
from plantwright.core.outbound import Outbound
from plantwright.notifications.channels.answers import LONGEST_SAID, refused
from plantwright.notifications.channels.contract import Message, Outcome
from plantwright.notifications.channels.http import json_of, post

_TOKEN = re.compile(r"\d{1,20}:[A-Za-z0-9_-]{1,100}")
_CHAT = re.compile(r"-?\d{1,20}|@[A-Za-z0-9_]{1,64}")
_OK = re.compile(r'"ok"\s*:\s*true')
_LONGEST_TEXT: Final = 4_096


class TelegramConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`chat_id` is a number, or `@name` of a public channel."""

    bot_token: str
    chat_id: str
    base_url: str = "https://api.telegram.org"


class _Parameters(msgspec.Struct):
    retry_after: float | None = None


class _Answer(msgspec.Struct):
    description: str = ""
    parameters: _Parameters = msgspec.field(default_factory=_Parameters)


class TelegramChannel:
    type: ClassVar[str] = "telegram"
    Config: ClassVar = TelegramConfig
    secret_fields: ClassVar[frozenset[str]] = frozenset({"bot_token"})
    generated_fields: ClassVar[frozenset[str]] = frozenset()

    async def check(self, config: TelegramConfig, outbound: Outbound) -> None:
        if not _TOKEN.fullmatch(config.bot_token):
            raise ValidationFailed("bot_token must look like 123456:ABC-def, as @BotFather gives it.", ["bot_token"])
        if not _CHAT.fullmatch(config.chat_id):
            raise ValidationFailed("chat_id must be a number, or @name of a public channel.", ["chat_id"])
        await outbound.check_url(config.base_url, "base_url")

    async def send(self, config: TelegramConfig, message: Message, outbound: Outbound) -> Outcome:
        url = f"{config.base_url.rstrip('/')}/bot{config.bot_token}/sendMessage"
        link = f"\n{message.link}" if message.link else ""
        text = f"{message.subject}\n\n{message.text}"[: _LONGEST_TEXT - len(link)] + link
        body = {"chat_id": config.chat_id, "text": text, "link_preview_options": {"is_disabled": True}}
        return _judged(await post(outbound, url, json_of(body), message))


def _judged(outcome: Outcome) -> Outcome:
    """Every answer has `ok`; without it being true nothing was sent, whatever the status. The beginning is enough: a
    long message comes back whole, and more than is read.
    """
    if outcome.is_delivered and _OK.search(outcome.response):
        return outcome
    try:
        answer = msgspec.json.decode(outcome.response, type=_Answer)
    except (msgspec.DecodeError, UnicodeEncodeError):
        answer = _Answer()
    if outcome.is_delivered:
        outcome = refused(outcome, answer.description or "nothing that is an answer of a bot server")
    elif answer.description:
        outcome = replace(outcome, detail=f"Telegram says: {answer.description[:LONGEST_SAID]}")
    if outcome.retry_after is not None:
        return outcome
    return replace(outcome, retry_after=answer.parameters.retry_after)
