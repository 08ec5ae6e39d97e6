"""Answers and refusals as JSON."""

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from pydantic_core import ErrorDetails
from starlette.responses import Response

from plantwright.core import errors

UNPROCESSABLE = 422
_STATUS = {
    kind.code: kind.http_status
    for kind in (
        errors.ValidationFailed,
        errors.PermissionDenied,
        errors.NotFound,
        errors.Conflict,
        errors.Unauthenticated,
        errors.InvalidCredentials,
        errors.TooManyAttempts,
        errors.Unavailable,
    )
}
_RETRY_SECONDS = {errors.Unavailable.code: 1}


class Refusal(Exception):
    """The request is answered with a fault: `detail` is text, or a list of faults of the input."""

    def __init__(self, status: int, detail: Any, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = headers or {}


def is_known(code: object) -> bool:
    return code in _STATUS


def refusal_of(code: str, message: str, retry_after_seconds: int | None = None) -> Refusal:
    """A domain error by its code."""
    seconds = retry_after_seconds or _RETRY_SECONDS.get(code)
    headers = {} if seconds is None else {"retry-after": str(seconds)}
    if code == errors.Unauthenticated.code:
        headers["www-authenticate"] = "Bearer"
    return Refusal(_STATUS[code], message, headers)


def refusal_of_error(error: errors.DomainError) -> Refusal:
    return refusal_of(error.code, error.message, getattr(error, "retry_after_seconds", None))


def refusal_of_shape(place: str, faults: Iterable[ErrorDetails]) -> Refusal:
    """Input of the wrong shape, as FastAPI words it."""
    detail = [{"loc": [place, *fault["loc"]], "msg": fault["msg"], "type": fault["type"]} for fault in faults]
    return Refusal(UNPROCESSABLE, detail)


def json_answer(status: int, content: Any, headers: Mapping[str, str] | None = None) -> Response:
    body = orjson.dumps(content, option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_UTC_Z)
    return Response(body, status, headers, "application/json")


def fault_answer(refusal: Refusal) -> Response:
    return json_answer(refusal.status, {"detail": refusal.detail}, refusal.headers)
