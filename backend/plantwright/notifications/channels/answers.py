"""An answer of 2xx that says no in its body: what services are documented to answer, and what stands in their way."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import orjson

from plantwright.notifications.channels.contract import Outcome

LONGEST_SAID: Final = 200
# A proxy that asks for a login, or a page of a portal, with status 200.
_PAGE = re.compile(r"\s*<(!doctype\s+html|html)\b", re.IGNORECASE)


def refused(outcome: Outcome, said: object) -> Outcome:
    """The answer was of 2xx, but the message did not arrive; it is tried again."""
    detail = f"The receiver answered {outcome.status}, but says: {str(said)[:LONGEST_SAID]}"
    return replace(outcome, is_delivered=False, detail=detail)


def unless_page(outcome: Outcome) -> Outcome:
    """A web page is no answer of a service."""
    if outcome.is_delivered and _PAGE.match(outcome.response):
        return refused(outcome, "a web page. Something between here and the service answers in its place.")
    return outcome


def object_of(text: str) -> Mapping[str, Any] | None:
    """None when it is no JSON object."""
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return found if isinstance(found, dict) else None
