"""Media types and status codes: GraphQL over HTTP, sections 6.3 and 6.4. The public audits run as a browser test."""

from typing import Any

import httpx
import pytest
from plantwright.graphql.http_answers import (
    PLAIN_MEDIA_TYPE,
    RESPONSE_MEDIA_TYPE,
    media_type_for,
    status_of,
    without_idle_data,
)

from tests.factories import MadeTenant
from tests.graphql_client import GraphQLClient

SYNTAX = {"message": "Syntax Error: Expected Name, found <EOF>."}
UNKNOWN = {"message": "Cannot query field 'nothing' on type 'Query'."}


def of_code(code: str, **more: Any) -> dict[str, Any]:
    return {"message": "…", "extensions": {"code": code}, **more}


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, RESPONSE_MEDIA_TYPE),
        ("*/*", RESPONSE_MEDIA_TYPE),
        ("application/*", RESPONSE_MEDIA_TYPE),
        ("application/json", PLAIN_MEDIA_TYPE),
        ("application/json; charset=utf-8", PLAIN_MEDIA_TYPE),
        ("Application/JSON;q=0.5", PLAIN_MEDIA_TYPE),
        ("application/graphql-response+json, application/json;q=0.9", RESPONSE_MEDIA_TYPE),
        ("application/graphql-response+json;q=0.1, application/json", PLAIN_MEDIA_TYPE),
        ("application/json, */*;q=0.1", PLAIN_MEDIA_TYPE),
        ("application/json, */*", RESPONSE_MEDIA_TYPE),
        ("text/html", RESPONSE_MEDIA_TYPE),
        ("application/json;q=nonsense", RESPONSE_MEDIA_TYPE),
        ("", RESPONSE_MEDIA_TYPE),
    ],
)
def test_the_media_type_is_the_one_that_the_caller_prefers(accept: str | None, expected: str) -> None:
    assert media_type_for(accept) == expected


@pytest.mark.parametrize(
    ("answer", "newer", "plain"),
    [
        ({"data": {"a": 1}}, 200, 200),
        ({"data": {"a": None}, "errors": [of_code("NOT_FOUND", path=["a"])]}, 200, 200),
        ({"errors": [SYNTAX]}, 400, 200),
        ({"errors": [UNKNOWN]}, 422, 200),
        ({"errors": [of_code("COST_LIMIT_EXCEEDED")]}, 422, 200),
        ({"data": None, "errors": [of_code("VALIDATION_FAILED", path=["a"])]}, 422, 200),
        ({"data": None, "errors": [of_code("UNAUTHENTICATED", path=["a"])]}, 401, 401),
        ({"data": {"a": 1, "b": None}, "errors": [of_code("UNAUTHENTICATED", path=["b"])]}, 401, 401),
        ({"data": None, "errors": [of_code("PERMISSION_DENIED", path=["a"])]}, 403, 403),
        ({"data": None, "errors": [of_code("UNAVAILABLE", path=["a"])]}, 503, 503),
        ({"data": None, "errors": [of_code("INTERNAL", path=["a"])]}, 500, 500),
    ],
)
def test_the_status_says_what_happened(answer: dict[str, Any], newer: int, plain: int) -> None:
    assert status_of(answer, RESPONSE_MEDIA_TYPE) == newer
    assert status_of(answer, PLAIN_MEDIA_TYPE) == plain


def test_what_never_ran_has_no_data() -> None:
    assert "data" not in without_idle_data({"data": None, "errors": [UNKNOWN]})
    assert "data" in without_idle_data({"data": None, "errors": [of_code("INTERNAL", path=["a"])]})
    assert "data" in without_idle_data({"data": None})


async def test_a_caller_of_plain_json_gets_it(
    graphql: GraphQLClient, client: httpx.AsyncClient, tenant: MadeTenant
) -> None:
    headers = {
        "x-plantwright-client": "test",
        "accept": "application/json",
        "authorization": f"Bearer {await graphql.login(tenant)}",
    }
    good = await client.post("/graphql", json={"query": "{ viewer { user { role } } }"}, headers=headers)
    assert good.headers["content-type"].startswith("application/json")
    assert good.json()["data"]["viewer"]["user"] == {"role": "ADMIN"}
    wrong = await client.post("/graphql", json={"query": "{ nothing }"}, headers=headers)
    assert (wrong.status_code, list(wrong.json())) == (200, ["errors"])
