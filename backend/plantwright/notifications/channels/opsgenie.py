"""Opsgenie, and what takes its alert API: Jira Service Management under
`https://api.atlassian.com/jsm/ops/integration` and other compatibles, by their `base_url`.
"""

from typing import Any, ClassVar, Final
from urllib.parse import quote

import msgspec

from plantwright.core.errors import ValidationFailed
from plantwright.core.outbound import Outbound
from plantwright.notifications.channels.answers import object_of, refused
from plantwright.notifications.channels.contract import Message, Outcome
from plantwright.notifications.channels.http import json_of, post

_LONGEST_MESSAGE: Final = 130
_LONGEST_DESCRIPTION: Final = 15_000
_LONGEST_KEY: Final = 256
_PRIORITIES: Final = {"critical": "P1", "warning": "P3", "info": "P5"}
_ACTIONS: Final = {"alert.acknowledged": "acknowledge", "alert.cleared": "close"}


class OpsgenieConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    api_key: str
    base_url: str = "https://api.opsgenie.com"


class OpsgenieChannel:
    type: ClassVar[str] = "opsgenie"
    Config: ClassVar = OpsgenieConfig
    secret_fields: ClassVar[frozenset[str]] = frozenset({"api_key"})
    generated_fields: ClassVar[frozenset[str]] = frozenset()

    async def check(self, config: OpsgenieConfig, outbound: Outbound) -> None:
        is_key = config.api_key.isascii() and config.api_key.isprintable() and " " not in config.api_key
        if not is_key or not 1 <= len(config.api_key) <= _LONGEST_KEY:
            raise ValidationFailed("api_key must be the key of an API integration.", ["api_key"])
        await outbound.check_url(config.base_url, "base_url")

    async def send(self, config: OpsgenieConfig, message: Message, outbound: Outbound) -> Outcome:
        path, body = _request(message)
        url = f"{config.base_url.rstrip('/')}/v2/alerts{path}"
        headers = {"Authorization": f"GenieKey {config.api_key}"}
        return _judged(await post(outbound, url, json_of(body), message, headers))


def _judged(outcome: Outcome) -> Outcome:
    """A request that was taken is answered with 202 and a `requestId`; what is made of it is worked out later. One that
    was not has `errors` or a `code`, and a compatible service may answer nothing.
    """
    if not outcome.is_delivered or not outcome.response.strip():
        return outcome
    answer = object_of(outcome.response)
    if answer is None:
        return refused(outcome, "nothing that is an answer to a request")
    if answer.get("errors") or "code" in answer or answer.get("success") is False:
        return refused(outcome, answer.get("message") or answer.get("errors") or answer.get("code"))
    return outcome


def _request(message: Message) -> tuple[str, dict[str, Any]]:
    action = _ACTIONS.get(message.event)
    if action is not None:
        alias = quote(message.dedup_key, safe="")
        return f"/{alias}/{action}?identifierType=alias", {"source": "Plantwright", "note": message.text}
    alert = message.payload.get("alert") or {}
    details = {name: str(value) for name, value in alert.items() if value is not None}
    return "", {
        "message": message.subject[:_LONGEST_MESSAGE],
        "alias": message.dedup_key,
        "description": "\n\n".join(filter(None, (message.text, message.link)))[:_LONGEST_DESCRIPTION],
        "priority": _PRIORITIES.get(message.severity or "info", "P5"),
        "entity": alert.get("machine_name") or "Plantwright",
        "source": "Plantwright",
        "details": details,
    }
