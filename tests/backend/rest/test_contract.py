"""The table against the committed schema, and the OpenAPI document against the table."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from graphql import FieldNode, GraphQLSchema, OperationDefinitionNode, build_schema, parse, validate
from plantwright.graphql.readings.export import EXPORT_PATH
from plantwright.rest.openapi import describe
from plantwright.rest.route import RestRoute
from plantwright.rest.routes import ROUTES

SCHEMA = Path(__file__).parents[3] / "schema.graphql"


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    return build_schema(SCHEMA.read_text())


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    return describe(ROUTES)


def documents(route: RestRoute) -> list[str]:
    return [document for document in (route.document, route.skip_document) if document is not None]


def operations(route: RestRoute) -> Iterator[OperationDefinitionNode]:
    for document in documents(route):
        yield from (node for node in parse(document).definitions if isinstance(node, OperationDefinitionNode))


def root_fields(kind: str) -> set[str]:
    return {
        field.name.value
        for route in ROUTES
        for operation in operations(route)
        if operation.operation.value == kind
        for field in operation.selection_set.selections
        if isinstance(field, FieldNode)
    }


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_each_document_is_one_valid_operation(schema: GraphQLSchema, route: RestRoute) -> None:
    for document in documents(route):
        assert validate(schema, parse(document)) == []
    assert len(list(operations(route))) == len(documents(route))


def test_each_query_and_mutation_has_a_route(schema: GraphQLSchema) -> None:
    """Subscriptions are exempt: they need a WebSocket."""
    assert schema.query_type
    assert schema.mutation_type
    assert root_fields("query") == set(schema.query_type.fields)
    assert root_fields("mutation") == set(schema.mutation_type.fields)


# What they ask about does not fit into a query string.
ASKED_WITH_A_BODY = {
    "/alert-rules/check",
    "/alert-rules/trial",
    "/machines/{machine_id}/chart/trial",
    "/metrics/{metric_id}/detection/trial",
}


def test_only_reading_methods_run_queries() -> None:
    for route in ROUTES:
        kinds = {operation.operation.value for operation in operations(route)}
        reads = route.method == "GET" or route.path in ASKED_WITH_A_BODY
        assert kinds == ({"query"} if reads else {"mutation"}), route.path


def test_no_two_routes_claim_the_same_request() -> None:
    claims = [(route.method, route.path) for route in ROUTES]
    assert len(claims) == len(set(claims))


def test_fixed_paths_come_before_those_with_a_placeholder_there() -> None:
    paths = [route.path for route in ROUTES]
    assert paths.index("/alerts/stats") < paths.index("/alerts/{alert_id}")


def test_every_route_is_described_once(described: dict[str, Any]) -> None:
    found = {(method.upper(), path) for path, methods in described["paths"].items() for method in methods}
    assert found == {("GET", EXPORT_PATH), *((route.method, f"/api/v1{route.path}") for route in ROUTES)}
    names = [operation["operationId"] for methods in described["paths"].values() for operation in methods.values()]
    assert len(names) == len(set(names))


def test_every_reference_leads_somewhere(described: dict[str, Any]) -> None:
    schemas = described["components"]["schemas"]
    targets = set(references(described))
    assert targets == {f"#/components/schemas/{name}" for name in schemas}


def test_path_parameters_are_described(described: dict[str, Any]) -> None:
    parameters = described["paths"]["/api/v1/machines/{machine_id}/readings"]["get"]["parameters"]
    assert [(one["name"], one["in"], one["required"]) for one in parameters] == [
        ("machine_id", "path", True),
        ("from", "query", True),
        ("to", "query", True),
        ("metrics", "query", False),
        ("max_points", "query", False),
    ]


def test_bounds_and_names_are_those_of_the_parser(described: dict[str, Any]) -> None:
    update = described["components"]["schemas"]["WorkOrderUpdate"]
    assert update["required"] == ["expected_version"]
    assert update["additionalProperties"] is False
    page_size = next(
        one for one in described["paths"]["/api/v1/alerts"]["get"]["parameters"] if one["name"] == "page_size"
    )
    assert page_size["schema"] == {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}


def test_only_what_comes_before_a_login_needs_no_token(described: dict[str, Any]) -> None:
    public = [
        path
        for path, methods in described["paths"].items()
        for operation in methods.values()
        if operation["security"] == []
    ]
    assert sorted(public) == [
        "/api/v1/auth/invitations/accept",
        "/api/v1/auth/login",
        "/api/v1/auth/refresh",
        "/api/v1/auth/register",
    ]


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for part in node.values():
            yield from references(part)
    elif isinstance(node, list):
        for part in node:
            yield from references(part)


def integers(described: Any, place: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every integer of a JSON schema, with where it stands."""
    if isinstance(described, dict):
        if described.get("type") == "integer" and "enum" not in described:
            yield place, described
        for name, part in described.items():
            yield from integers(part, f"{place}/{name}")
    elif isinstance(described, list):
        for part in described:
            yield from integers(part, place)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_no_whole_number_goes_in_that_graphql_cannot_take(route: RestRoute) -> None:
    inputs = [model.model_json_schema(mode="validation") for model in (route.body, route.query) if model is not None]
    limit = 2**31
    unbounded = [
        place
        for place, found in integers(inputs)
        if not (-limit <= found.get("minimum", -limit - 1) and found.get("maximum", limit) < limit)
    ]
    assert unbounded == []


def test_what_is_open_to_all_is_how_one_gets_in() -> None:
    assert {route.path for route in ROUTES if route.is_public} == {
        "/auth/login",
        "/auth/register",
        "/auth/refresh",
        "/auth/invitations/accept",
    }
