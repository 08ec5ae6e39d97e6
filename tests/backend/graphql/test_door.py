"""GraphQL over HTTP: what is refused before anything runs, and how answers look."""

from typing import Any

import httpx
import pytest
from plantwright.graphql.printing import print_sorted
from plantwright.identity.models import Role

from tests.factories import MachineFactory, MadeTenant
from tests.graphql_client import GraphQLClient

HEADERS = {"x-plantwright-client": "test"}
VIEWER = "{ viewer { user { email role } tenant { name } } }"


async def post(client: httpx.AsyncClient, query: str, **options: Any) -> httpx.Response:
    return await client.post("/graphql", json={"query": query}, headers=HEADERS, **options)


async def test_answers_have_the_media_type_of_graphql_over_http(graphql: GraphQLClient, tenant: MadeTenant) -> None:
    answer = await graphql.send(VIEWER, token=await graphql.login(tenant, Role.VIEWER))
    assert answer.headers["content-type"].startswith("application/graphql-response+json")
    assert answer.json()["data"]["viewer"]["user"] == {"email": tenant.email(Role.VIEWER), "role": "VIEWER"}


@pytest.mark.parametrize(
    ("request_options", "status"),
    [
        ({"method": "GET", "params": {"query": VIEWER}, "headers": HEADERS}, 405),
        ({"method": "POST", "json": {"query": VIEWER}}, 400),
        ({"method": "POST", "data": {"query": VIEWER}, "headers": HEADERS}, 415),
        ({"method": "POST", "content": "{", "headers": {**HEADERS, "content-type": "application/json"}}, 400),
        ({"method": "POST", "json": {"query": "#" * 100_001}, "headers": HEADERS}, 413),
        ({"method": "POST", "json": {}, "headers": HEADERS}, 400),
        ({"method": "POST", "json": [{"query": VIEWER}], "headers": HEADERS}, 400),
        ({"method": "POST", "json": {"query": "{"}, "headers": HEADERS}, 400),
        ({"method": "POST", "json": {"query": "{ nothing }"}, "headers": HEADERS}, 422),
        ({"method": "POST", "json": {"query": "{ __schema { types { name } } }"}, "headers": HEADERS}, 422),
    ],
)
async def test_bad_requests_are_refused(
    client: httpx.AsyncClient, request_options: dict[str, Any], status: int
) -> None:
    answer = await client.request(url="/graphql", **request_options)
    assert answer.status_code == status, answer.text
    assert "Traceback" not in answer.text


async def test_field_names_are_not_suggested(client: httpx.AsyncClient) -> None:
    answer = await post(client, "{ machine_s { id } }")
    assert "Did you mean" not in answer.text


DEEP = "{ alerts { nodes { " + "workOrder { alert { " * 5 + "id "
TOO_DEEP = DEEP + "}" * DEEP.count("{")
TOO_MANY_ALIASES = "{ " + " ".join(f"a{i}: viewer {{ user {{ id }} }}" for i in range(9)) + " }"
MANY_ALIASES_BELOW = "{ viewer { user { " + " ".join(f"a{i}: id" for i in range(20)) + " } } }"
TOO_MANY_TOKENS = "{ viewer { user { " + "id " * 2_100 + "} } }"
TOO_MANY_ROOTS = "{ " + "viewer { user { id } } " * 11 + " }"
TWO_LOGINS = (
    'mutation { a: login(input: {email: "a@b.example", password: "x"}) { __typename } '
    'b: login(input: {email: "a@b.example", password: "y"}) { __typename } }'
)
TOO_MANY_DIRECTIVES = "{ viewer { user { id " + "@include(if: true) " * 21 + "} } }"


@pytest.mark.parametrize(
    "document", [TOO_DEEP, MANY_ALIASES_BELOW, TOO_MANY_TOKENS, TOO_MANY_ROOTS, TWO_LOGINS, TOO_MANY_DIRECTIVES]
)
async def test_documents_beyond_the_limits_do_not_run(
    graphql: GraphQLClient, tenant: MadeTenant, document: str
) -> None:
    answer = await graphql.send(document, token=await graphql.login(tenant))
    # Of a document that is too long nothing is parsed.
    assert answer.status_code == (400 if document == TOO_MANY_TOKENS else 422), answer.text
    assert "data" not in answer.json()


async def test_documents_within_the_limits_run(graphql: GraphQLClient, tenant: MadeTenant) -> None:
    answer = await graphql.send(TOO_MANY_ALIASES, token=await graphql.login(tenant))
    assert answer.status_code == 200, answer.text


async def test_an_unexpected_error_shows_a_correlation_id_and_nothing_else(
    graphql: GraphQLClient, tenant: MadeTenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def explode(*_: object) -> None:
        raise RuntimeError("postgresql://owner:secret@db/plant")

    token = await graphql.login(tenant)
    monkeypatch.setattr("plantwright.identity.repository.list_users", explode)
    answer = await graphql.send("{ users { id } }", token=token)
    assert answer.status_code == 500
    error = answer.json()["errors"][0]
    assert error["extensions"]["code"] == "INTERNAL"
    assert error["extensions"]["correlationId"] in error["message"]
    assert "secret" not in answer.text


async def test_a_nul_character_is_a_clear_error(graphql: GraphQLClient, tenant: MadeTenant) -> None:
    search = "query S($text: String) { machines(filter: {search: $text}) { nodes { id } } }"
    answer = await graphql.send(search, {"text": "a\x00b"}, await graphql.login(tenant))
    assert answer.json()["errors"][0]["extensions"]["code"] == "VALIDATION_FAILED"
    assert "U+0000" in answer.json()["errors"][0]["message"]


@pytest.mark.parametrize("cursor", ["x", "W10", "WyJhIl0", "é", "A" * 500])
async def test_a_foreign_cursor_is_a_clear_error(graphql: GraphQLClient, tenant: MadeTenant, cursor: str) -> None:
    page = "query P($after: String) { machines(after: $after) { nodes { id } } }"
    answer = await graphql.send(page, {"after": cursor}, await graphql.login(tenant))
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["extensions"]["code"] == "VALIDATION_FAILED"


async def test_pages_follow_each_other_without_gap_or_repeat(
    graphql: GraphQLClient, tenant: MadeTenant, make_machine: MachineFactory
) -> None:
    made = {(await make_machine(tenant))[0].identifier for _ in range(7)}
    page = """query P($after: String, $order: MachineOrder!) {
      machines(first: 3, after: $after, orderBy: $order) {
        totalCount nodes { identifier } pageInfo { hasNextPage endCursor } } }"""
    for order in ("NAME", "HEALTH_WORST_FIRST"):
        seen: list[str] = []
        after = None
        while True:
            data = (await graphql.data(tenant, page, {"after": after, "order": order}))["machines"]
            assert data["totalCount"] == 7
            seen += [node["identifier"] for node in data["nodes"]]
            after = data["pageInfo"]["endCursor"]
            if not data["pageInfo"]["hasNextPage"]:
                break
        assert len(seen) == 7
        assert set(seen) == made


def test_every_field_and_type_of_ours_is_described_where_a_name_is_not_enough() -> None:
    printed = print_sorted()
    for phrase in ("docs/detectors.md", "docs/health.md", "docs/journal.md"):
        assert phrase in printed
