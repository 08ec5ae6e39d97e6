"""PagerDuty, and what takes its Events API v2 (https://developer.pagerduty.com/docs/events-api-v2-overview)."""

from typing import Any, ClassVar, Final

import msgspec

from plantwright.core.errors import ValidationFailed
from plantwright.core.outbound import Outbound
from plantwright.notifications.channels.answers import object_of, refused
from plantwright.notifications.channels.contract import Message, Outcome
from plantwright.notifications.channels.http import json_of, post
from plantwright.notifications.channels.words import open_alert

_LONGEST_SUMMARY: Final = 1_024
_LONGEST_KEY: Final = 64
_ACTIONS: Final = {"alert.acknowledged": "acknowledge", "alert.cleared": "resolve"}


class PagerDutyConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`routing_key` is the integration key of a service; `base_url` is another one for the EU and for compatibles."""

    routing_key: str
    base_url: str = "https://events.pagerduty.com"


class PagerDutyChannel:
    type: ClassVar[str] = "pagerduty"
    Config: ClassVar = PagerDutyConfig
    secret_fields: ClassVar[frozenset[str]] = frozenset({"routing_key"})
    generated_fields: ClassVar[frozenset[str]] = frozenset()

    async def check(self, config: PagerDutyConfig, outbound: Outbound) -> None:
        if not config.routing_key.isalnum() or len(config.routing_key) > _LONGEST_KEY:
            raise ValidationFailed("routing_key must be the integration key: letters and digits.", ["routing_key"])
        await outbound.check_url(config.base_url, "base_url")

    async def send(self, config: PagerDutyConfig, message: Message, outbound: Outbound) -> Outcome:
        url = f"{config.base_url.rstrip('/')}/v2/enqueue"
        return _judged(await post(outbound, url, json_of(_body(config.routing_key, message)), message))


def _judged(outcome: Outcome) -> Outcome:
    """An event that was taken is answered with `status: success`; a compatible service may answer nothing."""
    if not outcome.is_delivered or not outcome.response.strip():
        return outcome
    answer = object_of(outcome.response)
    if answer is None:
        return refused(outcome, "nothing that is an answer to an event")
    errors = answer.get("errors")
    if errors or answer.get("status") != "success":
        said = [str(one) for one in errors] if isinstance(errors, list) else []
        return refused(outcome, ", ".join(said) or answer.get("message") or answer.get("status") or "no success")
    return outcome


def _body(routing_key: str, message: Message) -> dict[str, Any]:
    action = _ACTIONS.get(message.event, "trigger")
    body: dict[str, Any] = {"routing_key": routing_key, "event_action": action, "dedup_key": message.dedup_key}
    if action != "trigger":
        return body
    alert = message.payload.get("alert") or {}
    body["payload"] = {
        "summary": message.subject[:_LONGEST_SUMMARY],
        "source": alert.get("machine_name") or "Plantwright",
        "severity": message.severity or "info",
        "timestamp": message.payload.get("timestamp"),
        "component": alert.get("metric_name"),
        "custom_details": {"text": message.text, "delivery_id": str(message.delivery_id), "alert": alert},
    }
    if message.link is not None:
        body["links"] = [{"href": message.link, "text": open_alert(message.language)}]
    return body
