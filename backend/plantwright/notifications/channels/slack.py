"""Slack, by an incoming webhook (https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks)."""

import re
from collections.abc import Mapping
from typing import Any, ClassVar, Final

import msgspec

from plantwright.core.outbound import Outbound
from plantwright.notifications.channels.answers import object_of, refused, unless_page
from plantwright.notifications.channels.contract import Message, Outcome
from plantwright.notifications.channels.http import json_of, post
from plantwright.notifications.channels.words import open_alert

_LONGEST_HEADER: Final = 150
_LONGEST_SECTION: Final = 3_000
_ERROR = re.compile(r"[a-z]+(_[a-z]+)+")
_COLOURS: Final[Mapping[str | None, str]] = {"critical": "#c62828", "warning": "#ef6c00", "info": "#1565c0"}


class SlackConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    webhook_url: str


class SlackChannel:
    type: ClassVar[str] = "slack"
    Config: ClassVar = SlackConfig
    secret_fields: ClassVar[frozenset[str]] = frozenset({"webhook_url"})
    generated_fields: ClassVar[frozenset[str]] = frozenset()

    async def check(self, config: SlackConfig, outbound: Outbound) -> None:
        await outbound.check_url(config.webhook_url, "webhook_url")

    async def send(self, config: SlackConfig, message: Message, outbound: Outbound) -> Outcome:
        return _judged(await post(outbound, config.webhook_url, json_of(_body(message)), message))


def _judged(outcome: Outcome) -> Outcome:
    """Delivered is answered with `ok`. Errors are one word such as `invalid_payload`; compatibles say them with status
    200 too, and workflows `{"ok": false, "error": …}`.
    """
    if not outcome.is_delivered:
        return outcome
    answer = object_of(outcome.response)
    if answer is not None and (answer.get("ok") is False or answer.get("success") is False):
        return refused(outcome, answer.get("error") or "not ok")
    if _ERROR.fullmatch(outcome.response.strip()):
        return refused(outcome, outcome.response.strip())
    return unless_page(outcome)


def _body(message: Message) -> dict[str, Any]:
    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": {"type": "plain_text", "text": message.subject[:_LONGEST_HEADER]}},
        {"type": "section", "text": {"type": "mrkdwn", "text": _escaped(message.text)[:_LONGEST_SECTION]}},
    ]
    if message.link is not None:
        button = {
            "type": "button",
            "url": message.link,
            "text": {"type": "plain_text", "text": open_alert(message.language)},
        }
        blocks.append({"type": "actions", "elements": [button]})
    colour = _COLOURS.get(message.severity)
    if colour is None:
        return {"text": _escaped(message.subject), "blocks": blocks}
    return {"text": _escaped(message.subject), "attachments": [{"color": colour, "blocks": blocks}]}


def _escaped(text: str) -> str:
    """Slack's own three: what looks like a mention or a link from outside stays text."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
