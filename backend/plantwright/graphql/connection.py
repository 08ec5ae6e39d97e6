"""Relay connections with keyset cursors (GraphQL Cursor Connections Specification)."""

import base64
import binascii
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import orjson
import strawberry

from plantwright.core.clock import iso_utc
from plantwright.core.errors import ValidationFailed

MAX_PAGE = 100

Row = TypeVar("Row")


@strawberry.type
class PageInfo:
    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


def require_page(first: int) -> int:
    """
    Raises:
        ValidationFailed: not between 1 and 100.
    """
    if not 1 <= first <= MAX_PAGE:
        raise ValidationFailed(f"first is between 1 and {MAX_PAGE}.", ["first"])
    return first


def encode_cursor(*keys: Any) -> str:
    plain = [iso_utc(key) if isinstance(key, datetime) else str(key) if isinstance(key, UUID) else key for key in keys]
    return base64.urlsafe_b64encode(orjson.dumps(plain)).decode().rstrip("=")


def decode_cursor(cursor: str | None, *kinds: type) -> tuple[Any, ...] | None:
    """The sort keys of a cursor, checked one by one since a cursor comes from outside.

    Raises:
        ValidationFailed: not one of our cursors, or one of another list.
    """
    if cursor is None:
        return None
    try:
        keys = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        return tuple(_decode_key(key, kind) for key, kind in zip(keys, kinds, strict=True))
    except (ValueError, TypeError, binascii.Error, UnicodeEncodeError) as error:
        message = "This cursor does not belong to this list. Start again without `after`."
        raise ValidationFailed(message, ["after"]) from error


def _decode_key(key: Any, kind: type) -> Any:
    if kind is UUID:
        return UUID(key)
    if kind is datetime:
        return datetime.fromisoformat(key)
    if type(key) is not kind:
        raise TypeError
    return key


def cut_page(
    rows: Sequence[Row], first: int, cursor_of: Callable[[Row], str], *, after: str | None
) -> tuple[list[tuple[str, Row]], PageInfo]:
    """The rows of a page with their cursors; `rows` holds one more than `first` when another page follows."""
    page = [(cursor_of(row), row) for row in rows[:first]]
    info = PageInfo(
        has_next_page=len(rows) > first,
        has_previous_page=after is not None,
        start_cursor=page[0][0] if page else None,
        end_cursor=page[-1][0] if page else None,
    )
    return page, info
