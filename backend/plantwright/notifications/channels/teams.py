"""Microsoft Teams, by the webhook of a workflow: a message with one adaptive card.

The connectors that took other cards are retired; the trigger "When a Teams webhook request is received" takes this
(https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using).
"""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

import msgspec

from plantwright.core.outbound import Outbound
from plantwright.notifications.channels.answers import object_of, refused, unless_page
from plantwright.notifications.channels.contract import Message, Outcome
from plantwright.notifications.channels.http import json_of, post
from plantwright.notifications.channels.words import open_alert

# The newest that Teams draws everywhere.
_CARD_VERSION: Final = "1.4"
_FAILED: Final = "Webhook message delivery failed"
_COLOURS: Final[Mapping[str | None, str]] = {"critical": "Attention", "warning": "Warning", "info": "Accent"}


class TeamsConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    webhook_url: str


class TeamsChannel:
    type: ClassVar[str] = "teams"
    Config: ClassVar = TeamsConfig
    secret_fields: ClassVar[frozenset[str]] = frozenset({"webhook_url"})
    generated_fields: ClassVar[frozenset[str]] = frozenset()

    async def check(self, config: TeamsConfig, outbound: Outbound) -> None:
        await outbound.check_url(config.webhook_url, "webhook_url")

    async def send(self, config: TeamsConfig, message: Message, outbound: Outbound) -> Outcome:
        return _judged(await post(outbound, config.webhook_url, json_of(_body(message)), message))


def _judged(outcome: Outcome) -> Outcome:
    """A workflow answers 202 and nothing; one that fails names an `error`, and connectors told of theirs with 200."""
    if not outcome.is_delivered:
        return outcome
    answer = object_of(outcome.response)
    if answer is not None and answer.get("error"):
        error = answer["error"]
        return refused(outcome, error.get("message") or error.get("code") if isinstance(error, dict) else error)
    if outcome.response.startswith(_FAILED):
        return refused(outcome, outcome.response)
    return unless_page(outcome)


def _body(message: Message) -> dict[str, Any]:
    lines = [line for line in message.text.splitlines() if line.strip()]
    card: dict[str, Any] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": _CARD_VERSION,
        "msteams": {"width": "Full"},
        "body": [
            {
                "type": "TextBlock",
                "text": _escaped(message.subject),
                "weight": "Bolder",
                "size": "Medium",
                "wrap": True,
                "color": _COLOURS.get(message.severity, "Default"),
            },
            *({"type": "TextBlock", "text": _escaped(line), "wrap": True, "spacing": "Small"} for line in lines),
        ],
    }
    if message.link is not None:
        card["actions"] = [{"type": "Action.OpenUrl", "title": open_alert(message.language), "url": message.link}]
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [attachment]}


def _escaped(text: str) -> str:
    """Text blocks read Markdown: a name with underscores or a bracket stays as it is."""
    return "".join(f"\\{character}" if character in r"\`*_[]~" else character for character in text)
