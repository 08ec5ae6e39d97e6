"""From a request to a checked call."""

from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Any, TypeVar, get_origin
from uuid import UUID

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from starlette.datastructures import QueryParams
from starlette.requests import Request

from plantwright.rest.answers import UNPROCESSABLE, Refusal, refusal_of_shape
from plantwright.rest.route import RestRoute
from plantwright.rest.shapes import Parameters, Payload

MAX_BODY = 100_000
Query = TypeVar("Query", bound=Parameters)

_TOO_LARGE = f"A body has at most {MAX_BODY:,} bytes."


def read_query(route: RestRoute, parameters: QueryParams) -> Parameters:
    """
    Raises:
        Refusal: 422, a parameter is missing, unknown or of the wrong shape.
    """
    return parse_query(route.query, parameters)


def parse_query(model: type[Query], parameters: QueryParams) -> Query:
    """
    Raises:
        Refusal: 422, a parameter is missing, unknown or of the wrong shape.
    """
    lists = {field.alias or name for name, field in model.model_fields.items() if _is_list(field)}
    given: dict[str, Any] = {name: parameters.getlist(name) for name in parameters}
    values = {name: texts if name in lists or len(texts) > 1 else texts[0] for name, texts in given.items()}
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise refusal_of_shape("query", error.errors()) from error


async def read_body(route: RestRoute, request: Request) -> Payload | None:
    """
    Raises:
        Refusal: 413, 415, 400 for what is no JSON, 422 for JSON of the wrong shape.
    """
    if route.body is None:
        return None
    raw = await receive_body(request, MAX_BODY, _TOO_LARGE)
    if raw and _media_type(request) != "application/json":
        raise Refusal(415, "Send application/json.")
    try:
        return route.body.model_validate_json(raw or b"{}")
    except ValidationError as error:
        faults = error.errors()
        if faults[0]["type"] == "json_invalid":
            raise Refusal(400, f"{faults[0]['msg']}.") from error
        raise refusal_of_shape("body", faults) from error


def to_variables(model: BaseModel | None, leave_out: Mapping[str, Any]) -> dict[str, Any]:
    """What was sent, and only that, under the names of the schema; without the fields of `leave_out`.

    Raises:
        Refusal: 422, text with a character that PostgreSQL cannot store or compare.
    """
    if model is None:
        return {}
    plain = _plain(model.model_dump(by_alias=True, exclude_unset=True, exclude=set(leave_out)))
    return dict(plain)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, str) and "\x00" in value:
        raise Refusal(UNPROCESSABLE, "Text must not hold the character U+0000.")
    return str(value) if isinstance(value, UUID) else value


def _is_list(field: FieldInfo) -> bool:
    return get_origin(field.annotation) is list


def _media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def receive_body(request: Request, most: int, refusal: str) -> bytes:
    """The whole body of at most `most` bytes; what says that it is longer is not even received.

    Raises:
        Refusal: it is longer; `refusal` is said to the caller.
    """
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length) > most:
        raise Refusal(413, refusal)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise Refusal(413, refusal)
    return bytes(body)
