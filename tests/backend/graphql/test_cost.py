"""What an operation would cost at most: counted by hand, refused before it runs, told with the answer."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import strawberry
from graphql import DocumentNode, FragmentDefinitionNode, OperationDefinitionNode, parse
from plantwright.graphql.cost import count_objects, most_objects
from plantwright.graphql.limits import MAX_COST
from plantwright.graphql.schema import build_schema
from plantwright.rest.routes import ROUTES

from tests.factories import MachineFactory, MadeTenant
from tests.graphql_client import GraphQLClient

FRONTEND = Path(__file__).parents[3] / "frontend" / "src"
TEMPLATE = re.compile(r"graphql\(\s*`(.*?)`", re.DOTALL)


@strawberry.interface
class Named:
    name: str


@strawberry.type
class Machine(Named):
    plant: "Plant"


@strawberry.type
class Plant(Named):
    tags: list[str]
    machines: list[Machine]

    @strawberry.field
    def next(self, first: int = 5) -> "PlantConnection":
        raise NotImplementedError


@strawberry.type
class PlantEdge:
    node: Plant


@strawberry.type
class PageInfo:
    has_next_page: bool


@strawberry.type
class PlantConnection:
    nodes: list[Plant]
    edges: list[PlantEdge]
    page_info: PageInfo


@strawberry.type
class Query:
    plant: Plant | None

    @strawberry.field
    def plants(self, first: int = 10) -> PlantConnection:
        raise NotImplementedError

    @strawberry.field
    def recent(self, first: int = 3) -> list[Plant]:
        raise NotImplementedError


SCHEMA = strawberry.Schema(Query)._schema


def cost(document: str, operation: str | None = None, **variables: Any) -> int:
    return most_objects(SCHEMA, parse(document), operation, variables)


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ("{ plant { name tags } }", 1),
        ("{ plants { nodes { name } } }", 1 + 10),
        ("{ plants(first: 4) { nodes { name } pageInfo { hasNextPage } } }", 1 + 4 + 1),
        ("{ plants(first: 4) { edges { node { name } } } }", 1 + 4 * 2),
        ("{ plants(first: 4) { nodes { machines { name } } } }", 1 + 4 * (1 + 5)),
        ("{ plants(first: 4) { nodes { next(first: 3) { nodes { name } } } } }", 1 + 4 * (1 + 1 + 3)),
        ("{ recent { name } }", 3),
        ("{ recent(first: 7) { machines { plant { name } } } }", 7 * (1 + 5 * 2)),
        ("{ a: plant { name } b: plant { name } }", 2),
        ("{ plant { ...P } } fragment P on Plant { machines { name } }", 1 + 5),
        ("{ plant { ... on Plant { machines { name } } ... { machines { name } } } }", 1 + 5 + 5),
        ("{ plants(first: -5) { nodes { name } } }", 1 + 1),
    ],
)
def test_the_most_objects_an_answer_may_have(document: str, expected: int) -> None:
    assert cost(document) == expected


def test_the_size_of_a_page_may_be_a_variable() -> None:
    document = "query Q($n: Int! = 6) { plants(first: $n) { nodes { name } } }"
    assert cost(document) == 1 + 6
    assert cost(document, n=40) == 1 + 40
    assert cost(document, n="forty") == 1 + 5


def test_only_the_named_operation_counts() -> None:
    document = "query A { plant { name } } query B { plants(first: 9) { nodes { name } } }"
    assert cost(document, "A") == 1
    assert cost(document, "B") == 10
    assert cost(document, "C") == 0


def test_objects_of_an_answer_are_counted_and_numbers_are_not() -> None:
    answer = {"a": [{"x": 1}, None, {"y": {"z": [1.0, 2.0]}}], "b": np.zeros(9), "c": [[{"d": 1}]]}
    assert count_objects(answer) == 5
    assert count_objects(None) == 0


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_no_route_comes_near_the_limit_with_the_longest_page(route: Any) -> None:
    assert most_objects(build_schema()._schema, parse(route.document), None, {"first": 100}) <= MAX_COST / 2


def documents_of_the_frontend() -> dict[str, DocumentNode]:
    """By the name of the operation, each with all fragments there are."""
    operations: list[OperationDefinitionNode] = []
    fragments: list[FragmentDefinitionNode] = []
    for file in sorted(FRONTEND.rglob("*.ts*")):
        for text in TEMPLATE.findall(file.read_text()):
            for node in parse(text).definitions:
                operations += [node] if isinstance(node, OperationDefinitionNode) else []
                fragments += [node] if isinstance(node, FragmentDefinitionNode) else []
    return {node.name.value: DocumentNode(definitions=(node, *fragments)) for node in operations if node.name}


def test_no_page_comes_near_the_limit() -> None:
    schema = build_schema()._schema
    documents = documents_of_the_frontend()
    assert len(documents) > 100
    costs = {name: most_objects(schema, document, name, {"first": 100}) for name, document in documents.items()}
    assert {name: found for name, found in costs.items() if found > MAX_COST / 2} == {}


RULES = "fragment R on AlertRuleConnection { nodes { id firing { since } troubles { reason } } }"
# Each of the ten: a connection and a hundred rules, with about five firings and five troubles each.
WIDE = "{ " + " ".join(f"a{i}: alertRules(first: 100) {{ ...R }}" for i in range(10)) + " }" + RULES


async def test_what_could_become_too_large_is_refused_before_it_runs(
    graphql: GraphQLClient, tenant: MadeTenant
) -> None:
    answer = await graphql.send(WIDE, token=await graphql.login(tenant))
    assert answer.status_code == 422, answer.text
    (error,) = answer.json()["errors"]
    assert error["extensions"]["code"] == "COST_LIMIT_EXCEEDED"
    assert "asks for up to 11,010 objects at once" in error["message"]


async def test_an_answer_tells_what_it_cost(
    graphql: GraphQLClient, tenant: MadeTenant, make_machine: MachineFactory
) -> None:
    await make_machine(tenant)
    answer = await graphql.send(
        "{ machines(first: 30) { nodes { id metrics { name } } } }", token=await graphql.login(tenant)
    )
    # One connection, thirty machines with about five metrics each; there is one machine with one metric.
    assert answer.json()["extensions"]["cost"] == {"requested": 1 + 30 * 6, "actual": 4, "limit": MAX_COST}
