"""One row of the table: an HTTP request onto a GraphQL operation, and its result onto an answer."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from plantwright.rest.shapes import Body, PageParameters, Parameters, Payload

PREFIX = "/api/v1"
_PLACEHOLDER = re.compile(r"{(\w+)}")


@dataclass(frozen=True, slots=True)
class Call:
    """A request that has been checked; `query` and `body` hold what was sent, under the names of the schema."""

    path: Mapping[str, str]
    query: Mapping[str, Any]
    body: Mapping[str, Any]


def no_variables(_call: Call) -> dict[str, Any]:
    return {}


def unchanged(result: Any) -> Any:
    return result


@dataclass(frozen=True, slots=True, kw_only=True)
class RestRoute:
    """
    Attributes:
        path: below the prefix; {placeholders} are path parameters.
        document: GraphQL text with one operation.
        skip_document: of a route over a connection: the operation that only walks its cursors.
        query: what the query string may hold; PageParameters make the answer a page.
        body: what the JSON body holds; None when there is none.
        answer: what is answered, or an item of the page; None for 204.
        variables: of the operation.
        result: the part of the operation's result that `answer` is read from.
        not_found: said when the result is null.
        is_public: whether nobody needs to be signed in.
    """

    method: str
    path: str
    summary: str
    document: str
    skip_document: str | None = None
    query: type[Parameters] = Parameters
    body: type[Payload] | None = None
    answer: type[Body] | None
    variables: Callable[[Call], dict[str, Any]] = no_variables
    result: Callable[[Any], Any] = unchanged
    not_found: str = "Not found."
    status: int = 200
    is_public: bool = False

    @property
    def is_list(self) -> bool:
        return issubclass(self.query, PageParameters)

    @property
    def path_parameters(self) -> list[str]:
        return _PLACEHOLDER.findall(self.path)

    @property
    def full_path(self) -> str:
        return PREFIX + self.path


def path_as(**names: str) -> Callable[[Call], dict[str, Any]]:
    """Variables from path parameters: `path_as(id="machine_id")`."""
    return lambda call: {variable: call.path[parameter] for variable, parameter in names.items()}


def body_as_input(**names: str) -> Callable[[Call], dict[str, Any]]:
    """The variable `input` from the body, and from path parameters: `body_as_input(id="machine_id")`."""
    from_path = path_as(**names)
    return lambda call: {"input": {**call.body, **from_path(call)}}


def query_as_filter(call: Call) -> dict[str, Any]:
    return {"filter": dict(call.query)}


def item(name: str) -> Callable[[Any], Any]:
    """The part of a result with this name."""
    return lambda result: result[name]
