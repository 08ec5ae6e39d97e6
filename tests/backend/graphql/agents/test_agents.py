"""Agents through GraphQL: lists, gaps page by page, names, removal, and the alert about one."""

from typing import Any
from uuid import uuid4

import pytest
from plantwright.alerts.consumer import AlertConsumer
from plantwright.identity.models import Role
from plantwright.journal.consumers import run_consumer
from plantwright.journal.service import Journal
from starlette.applications import Starlette

from tests.backend.agents.making import Plant, at, document, gap, make_plant, source
from tests.backend.graphql.test_query_counts import counted
from tests.conftest import Databases
from tests.factories import MadeTenant
from tests.graphql_client import GraphQLClient

AGENTS = """
query Agents($first: Int!, $after: String, $filter: AgentFilter) {
  agents(first: $first, after: $after, filter: $filter) {
    totalCount pageInfo { hasNextPage endCursor }
    nodes { id name ownName state stateSince silentSince buffer { depth maxBytes } uplink { state lastPush }
            sources { name state lastError } } } }"""
GAPS = """
query Gaps($id: ID!, $after: String) {
  agent(id: $id) { gaps(first: 2, after: $after) {
    totalCount pageInfo { hasNextPage endCursor } nodes { source tag reason start end count } } } }"""
ALERTS = """
query Alerts($filter: AlertFilter) {
  alerts(filter: $filter) { nodes { cause metric unit value threshold machine { id } agent { id name state } } } }"""
RENAME = """
mutation Rename($input: AgentRenameInput!) {
  agentRename(input: $input) { __typename ... on AgentRenameSuccess { agent { name ownName } }
                               ... on UserError { code path } } }"""
REMOVE = """
mutation Remove($input: AgentRemoveInput!) {
  agentRemove(input: $input) { __typename ... on AgentRemoveSuccess { id } ... on UserError { code path } } }"""


@pytest.fixture
async def plant(databases: Databases, journal: Journal, tenant: MadeTenant) -> Plant:
    return await make_plant(databases, journal, tenant)


async def test_a_list_is_walked_by_its_cursors(plant: Plant, graphql: GraphQLClient, tenant: MadeTenant) -> None:
    for name in ("c", "a", "b"):
        await plant.hear(document(name=name, sources=[source(state="permanent", last_error="no")]))
    seen: list[str] = []
    after = None
    for _ in range(2):
        page = (await graphql.data(tenant, AGENTS, {"first": 2, "after": after}))["agents"]
        seen += [node["name"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
    assert (seen, page["totalCount"], page["pageInfo"]["hasNextPage"]) == (["a", "b", "c"], 3, False)
    assert page["nodes"][0]["sources"] == [{"name": "press", "state": "PERMANENT", "lastError": "no"}]
    assert page["nodes"][0]["uplink"] == {"state": "OK", "lastPush": "2026-03-01T11:59:58+00:00"}


async def test_lists_are_narrowed_by_state_and_name(plant: Plant, graphql: GraphQLClient, tenant: MadeTenant) -> None:
    silent = await plant.hear(document(name="hall-3"))
    await plant.sweep(at(200))
    await plant.hear(document(name="hall-4", sources=[source(state="recoverable")]), at(200))

    async def names(**chosen: Any) -> list[str]:
        page = (await graphql.data(tenant, AGENTS, {"first": 9, "filter": chosen}, Role.VIEWER))["agents"]
        return [node["name"] for node in page["nodes"]]

    assert await names(state=["SILENT"]) == ["hall-3"]
    assert await names(state=["SILENT", "DEGRADED"]) == ["hall-3", "hall-4"]
    assert await names(search="4") == ["hall-4"]
    assert await names(search="hall", state=["ONLINE"]) == []
    page = (await graphql.data(tenant, AGENTS, {"first": 1}))["agents"]
    assert page["nodes"][0]["stateSince"] == page["nodes"][0]["silentSince"] == at(200).isoformat()
    assert page["nodes"][0]["id"] == str(silent.id)


async def test_what_a_list_cannot_do_is_said(plant: Plant, graphql: GraphQLClient, tenant: MadeTenant) -> None:
    del plant
    token = await graphql.login(tenant)
    for variables in ({"first": 0}, {"first": 1, "after": "x"}, {"first": 1, "filter": {"search": "x" * 201}}):
        body = (await graphql.send(AGENTS, variables, token)).json()
        assert body["errors"][0]["extensions"]["code"] == "VALIDATION_FAILED"


async def test_gaps_come_newest_first_page_by_page(plant: Plant, graphql: GraphQLClient, tenant: MadeTenant) -> None:
    gaps = [gap(number, tag=f"t{number}", end=f"2026-03-01T11:0{number}:00Z") for number in range(1, 4)]
    agent = await plant.hear(document(gaps=gaps))
    first = (await graphql.data(tenant, GAPS, {"id": str(agent.id)}))["agent"]["gaps"]
    assert [node["tag"] for node in first["nodes"]] == ["t3", "t2"]
    assert (first["totalCount"], first["pageInfo"]["hasNextPage"]) == (3, True)
    after = first["pageInfo"]["endCursor"]
    second = (await graphql.data(tenant, GAPS, {"id": str(agent.id), "after": after}))["agent"]["gaps"]
    assert [node["tag"] for node in second["nodes"]] == ["t1"]
    assert second["nodes"][0]["count"] == 1


async def test_an_admin_names_and_removes(plant: Plant, graphql: GraphQLClient, tenant: MadeTenant) -> None:
    agent = await plant.hear(document())
    named = {"id": str(agent.id), "name": " Press hall "}
    renamed = (await graphql.data(tenant, RENAME, {"input": named}))["agentRename"]
    assert renamed["agent"] == {"name": "Press hall", "ownName": "hall-3"}
    too_long = (await graphql.data(tenant, RENAME, {"input": {**named, "name": "x" * 101}}))["agentRename"]
    assert (too_long["code"], too_long["path"]) == ("VALIDATION_FAILED", ["name"])
    refused = (await graphql.data(tenant, RENAME, {"input": named}, Role.OPERATOR))["agentRename"]
    assert refused["code"] == "PERMISSION_DENIED"
    removed = (await graphql.data(tenant, REMOVE, {"input": {"id": str(agent.id)}}))["agentRemove"]
    assert removed["id"] == str(agent.id)
    for gone in (str(agent.id), str(uuid4()), "no id"):
        answer = (await graphql.data(tenant, REMOVE, {"input": {"id": gone}}))["agentRemove"]
        assert answer["code"] == "NOT_FOUND"


async def test_an_alert_shows_its_agent_as_long_as_there_is_one(
    plant: Plant, graphql: GraphQLClient, tenant: MadeTenant, databases: Databases, journal: Journal
) -> None:
    agent = await plant.hear(document())
    await plant.sweep(at(240))
    await run_consumer(databases.worker, tenant.id, AlertConsumer(journal))

    async def shown(**chosen: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await graphql.data(tenant, ALERTS, {"filter": chosen}))["alerts"]["nodes"]
        return found

    [alert] = await shown(agentId=str(agent.id))
    assert alert == {
        "cause": "AGENT_SILENT",
        "metric": None,
        "unit": "s",
        "value": 240.0,
        "threshold": 3.0,
        "machine": None,
        "agent": {"id": str(agent.id), "name": "hall-3", "state": "SILENT"},
    }
    assert await shown(agentId=str(uuid4())) == []
    assert len(await shown(cause=["AGENT_SILENT"])) == 1
    await plant.remove(agent.id)
    assert (await shown())[0]["agent"] is None


async def test_a_list_costs_the_same_however_long_it_is(
    api: Starlette, plant: Plant, graphql: GraphQLClient, tenant: MadeTenant, databases: Databases, journal: Journal
) -> None:
    token = await graphql.login(tenant)
    counts = []
    for second in (0, 1000):
        for _ in range(4):
            await plant.hear(document(), at(second))
        await plant.sweep(at(second + 500))
        await run_consumer(databases.worker, tenant.id, AlertConsumer(journal))
        with counted(api.state.services) as statements:
            await graphql.send(AGENTS, {"first": 100}, token)
            await graphql.send(ALERTS, {}, token)
        counts.append(len(statements))
    assert counts[0] == counts[1], statements
