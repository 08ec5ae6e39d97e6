"""Media types and status codes of answers (GraphQL over HTTP, draft of August 2026, sections 6.3 and 6.4)."""

from collections.abc import Mapping
from typing import Any

RESPONSE_MEDIA_TYPE = "application/graphql-response+json"
PLAIN_MEDIA_TYPE = "application/json"

_STATUS = {"UNAUTHENTICATED": 401, "PERMISSION_DENIED": 403, "UNAVAILABLE": 503, "INTERNAL": 500}
_SYNTAX = "Syntax Error"


def media_type_for(accept: str | None) -> str:
    """The one that the caller prefers; the newer one when nothing is said against it."""
    weights = dict(_weight(item) for item in (accept or "*/*").lower().split(","))
    whichever = max(weights.get("*/*", 0.0), weights.get("application/*", 0.0))
    newer = weights.get(RESPONSE_MEDIA_TYPE, whichever)
    return PLAIN_MEDIA_TYPE if weights.get(PLAIN_MEDIA_TYPE, 0.0) > newer else RESPONSE_MEDIA_TYPE


def _weight(item: str) -> tuple[str, float]:
    media_type, *parameters = (part.strip() for part in item.split(";"))
    quality = next((part[2:] for part in parameters if part.startswith("q=")), "1")
    try:
        return media_type, float(quality)
    except ValueError:
        return media_type, 0.0


def status_of(answer: Mapping[str, Any], media_type: str) -> int:
    """2xx when there is data, else what the first error says.

    Under `application/json` a client takes anything but 2xx for the word of something on the way, so what is wrong with
    the document itself has 200 there.
    """
    errors = answer.get("errors") or []
    codes = [error.get("extensions", {}).get("code") for error in errors]
    if "UNAUTHENTICATED" in codes:
        return 401
    if not errors or answer.get("data") is not None:
        return 200
    if codes[0] in _STATUS:
        return _STATUS[codes[0]]
    if media_type == PLAIN_MEDIA_TYPE:
        return 200
    return 400 if codes[0] is None and str(errors[0]["message"]).startswith(_SYNTAX) else 422


def without_idle_data(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    """An answer to what never ran has errors that stand at no field, and no `data`."""
    errors = answer.get("errors") or []
    has_run = answer.get("data") is not None or not errors or any("path" in error for error in errors)
    return answer if has_run else {name: part for name, part in answer.items() if name != "data"}
