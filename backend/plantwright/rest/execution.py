"""Runs the operation of a route; pages are cut out of connections by walking their cursors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import strawberry
import structlog
from graphql import GraphQLError

from plantwright.graphql.connection import MAX_PAGE
from plantwright.graphql.context import Context
from plantwright.rest.answers import Refusal, is_known, refusal_of
from plantwright.rest.route import RestRoute
from plantwright.rest.shapes import PageParameters

log = structlog.get_logger()

MAX_REACH = 10_000


@dataclass(frozen=True, slots=True)
class Operations:
    """The operations that one request may run."""

    schema: strawberry.Schema
    context: Context

    async def run(self, document: str, variables: Mapping[str, Any]) -> Any:
        """The value of the root field, or all of them by name when there are several.

        Raises:
            Refusal: the operation failed, or answered with an error member of its union.
        """
        result = await self.schema.execute(document, variable_values=dict(variables), context_value=self.context)
        if result.errors:
            raise _refusal_of_errors(result.errors)
        data = result.data or {}
        value = next(iter(data.values())) if len(data) == 1 else data
        if isinstance(value, dict) and is_known(value.get("code")):
            raise refusal_of(value["code"], value["message"], value.get("retryAfterSeconds"))
        return value


async def run_one(operations: Operations, route: RestRoute, variables: Mapping[str, Any]) -> Any:
    """
    Raises:
        Refusal: 404 when the result is null, or as the operation says.
    """
    value = await operations.run(route.document, variables)
    if value is None:
        raise Refusal(404, route.not_found)
    return route.result(value)


async def run_page(
    operations: Operations, route: RestRoute, variables: Mapping[str, Any], page: PageParameters
) -> tuple[list[Any], int]:
    """The items of a page, and how many there are on all pages.

    Raises:
        Refusal: 400 when the page lies too deep, or as the operation says.
    """
    if page.page * page.page_size > MAX_REACH:
        raise Refusal(400, f"Pages reach as far as item {MAX_REACH:,}: narrow the list with its filters.")
    start = (page.page - 1) * page.page_size
    if route.skip_document is None:
        everything = await operations.run(route.document, variables)
        return everything[start : start + page.page_size], len(everything)
    after, skipped = await _skip(operations, route.skip_document, variables, start)
    if skipped < start:
        return [], skipped
    found = await operations.run(route.document, {**variables, "first": page.page_size, "after": after})
    return found["nodes"], found["totalCount"]


async def _skip(
    operations: Operations, document: str, variables: Mapping[str, Any], count: int
) -> tuple[str | None, int]:
    """The cursor after `count` items, and how many items there were up to it."""
    after: str | None = None
    skipped = 0
    while skipped < count:
        first = min(MAX_PAGE, count - skipped)
        found = await operations.run(document, {**variables, "first": first, "after": after})
        edges = found["edges"]
        skipped += len(edges)
        after = edges[-1]["cursor"] if edges else after
        if len(edges) < first:
            break
    return after, skipped


def _refusal_of_errors(errors: Sequence[GraphQLError]) -> Refusal:
    extensions = errors[0].extensions or {}
    code = extensions.get("code")
    if isinstance(code, str) and is_known(code):
        return refusal_of(code, errors[0].message)
    if code == "INTERNAL":
        return Refusal(500, errors[0].message)
    # The schema refused what the table let through: a fault of the table.
    correlation_id = uuid4().hex
    log.error("rest_operation_refused", correlation_id=correlation_id, error=errors[0].message)
    return internal_refusal(correlation_id)


def internal_refusal(correlation_id: str) -> Refusal:
    """A fault of ours, of which the caller learns nothing but the id that stands in the log."""
    return Refusal(500, f"Something went wrong on our side. Quote {correlation_id} when you report it.")
