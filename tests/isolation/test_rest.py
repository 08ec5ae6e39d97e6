"""No row of the REST table shows or changes anything of another tenant; new rows are tested by being there."""

from typing import Any

import httpx
import pytest
from plantwright.rest.route import RestRoute
from plantwright.rest.routes import ROUTES

from tests.conftest import Databases
from tests.graphql_client import GraphQLClient
from tests.isolation.world import SUBSCRIPTION, Property, assert_nothing_of, fingerprint

CHECKED = [route for route in ROUTES if not route.is_public and route.path != "/auth/logout"]
NAMED = [route for route in CHECKED if route.path_parameters]
# Their bodies name something of the other tenant.
NAMED_IN_THE_BODY = {
    "POST /work-orders",
    "POST /alert-rules",
    "POST /alert-rules/trial",
    "POST /alerts/bulk/acknowledge",
    "POST /out-of-service",
    "POST /ingest/opcua/sources",
    "POST /ingest/modbus/sources",
    "POST /sensor-data/tag-mappings",
    "POST /escalation-policies",
    "POST /on-call/rotations",
    "POST /notification-routes",
}
UNNAMED = [route for route in CHECKED if not route.path_parameters]


def title(route: RestRoute) -> str:
    return f"{route.method} {route.path}"


def path_of(route: RestRoute, theirs: Property) -> str:
    ids = {
        "machine_id": theirs.machine.id,
        "alert_id": theirs.alert.id,
        "work_order_id": theirs.work_order.id,
        "key_id": theirs.key.id,
        "metric_id": theirs.metric.id,
        "agent_id": theirs.agent.id,
        "source_id": theirs.source.id,
        "rule_id": theirs.rule.rule.id,
        "policy_id": theirs.escalation.policy.id,
        "rotation_id": theirs.escalation.rotation.id,
        "override_id": theirs.escalation.override.id,
        "channel_id": theirs.escalation.pager_id,
        "route_id": theirs.notifications.route.id,
        "delivery_id": theirs.notifications.delivery.id,
        "browser_id": theirs.browser.id,
        "shelf_id": theirs.aside.shelf.id,
        "out_of_service_id": theirs.aside.out_of_service.id,
        "user_id": theirs.tenant.viewer_id,
        "session_id": theirs.identity.session.id,
        "invitation_id": theirs.identity.invitation.id,
    }
    return route.full_path.format(**{name: ids[name] for name in route.path_parameters})


def query_of(route: RestRoute, theirs: Property) -> dict[str, str]:
    """Whatever can narrow by machine names the other tenant's."""
    fields = route.query.model_fields
    query = {"machine_id": str(theirs.machine.id)} if "machine_id" in fields else {}
    if "user_id" in fields:
        query["user_id"] = str(theirs.tenant.admin_id)
    if "language" in fields:
        query |= {"event": "alert.raised", "language": "en"}
    if route.path.endswith("/calendar"):
        query |= {"from": "2026-01-01T00:00:00Z", "to": "2026-01-10T00:00:00Z"}
    if route.path.endswith(("/readings", "/readings/export", "/health/history")):
        query |= {"from": "2020-01-01T00:00:00Z", "to": "2026-01-01T00:00:00Z"}
    return query


def body_of(route: RestRoute, theirs: Property) -> dict[str, Any] | None:
    machine = str(theirs.machine.id)
    bodies: dict[str, dict[str, Any]] = {
        "POST /settings/api-keys": {"name": "mine"},
        **theirs.rule.bodies(),
        "POST /machines": {"name": "mine", "machine_identifier": theirs.machine.identifier, "protocol": "csv"},
        "PATCH /machines/{machine_id}": {"name": "stolen"},
        "POST /alerts/{alert_id}/acknowledge": {"note": "stolen"},
        "POST /work-orders": {"alert_id": str(theirs.alert.id), "title": "stolen"},
        "PATCH /work-orders/{work_order_id}": {"title": "stolen", "expected_version": 1},
        "PATCH /settings": {"anomaly_weight": 0.9},
        "PATCH /agents/{agent_id}": {"name": "stolen"},
        "PATCH /metrics/{metric_id}/detection": {"enabled": False},
        "PATCH /machines/{machine_id}/chart": {"enabled": False},
        "POST /machines/{machine_id}/chart/trial": {"from": "2026-01-01T00:00:00Z", "to": "2026-01-31T00:00:00Z"},
        "PUT /machines/{machine_id}/reference": {"from": "2026-01-01T00:00:00Z", "to": "2026-01-31T00:00:00Z"},
        "POST /metrics/{metric_id}/detection/trial": {"from": "2026-01-01T00:00:00Z", "to": "2026-01-31T00:00:00Z"},
        "POST /ingest/opcua/sources": {"machine_id": machine, "endpoint_url": "opc.tcp://10.0.0.1"},
        "POST /ingest/modbus/sources": {"machine_id": machine, "host": "10.0.0.1"},
        "POST /sensor-data/tag-mappings": {"machine_id": machine, "mappings": []},
        "PUT /ingest/sources/{source_id}/tag-mappings": {"mappings": []},
        "PATCH /ingest/sources/{source_id}": {"name": "stolen", "expected_version": 1},
        "POST /ingest/sources/{source_id}/test": {},
        "POST /ingest/sources/{source_id}/browse": {},
        "POST /ingest/sources/{source_id}/probe": {},
        **escalation_bodies(theirs),
        **theirs.aside.bodies(),
        **theirs.notifications.bodies(),
        **theirs.identity.bodies(),
        "POST /push/subscribe": SUBSCRIPTION,
        "PUT /notification-language": {"language": "de"},
    }
    return None if route.body is None else bodies[title(route)]


def escalation_bodies(theirs: Property) -> dict[str, dict[str, Any]]:
    own, person = theirs.escalation, str(theirs.tenant.operator_id)
    layer = {"participant_ids": [person], "start": "2026-03-02T08:00"}
    times = {"starts_at": "2099-01-01T00:00:00Z", "ends_at": "2099-01-02T00:00:00Z"}
    quiet = {"time_zone": "UTC", "windows": [{"weekdays": [1], "start": "20:00", "end": "06:00"}]}
    return {
        "POST /escalation-policies": {"name": "x", "wait_minutes": 5, "channel_id": str(own.pager_id)},
        "PUT /escalation-policies/{policy_id}": {"name": "stolen"},
        "POST /on-call/rotations": {"name": "x", "time_zone": "UTC", "layers": [layer]},
        "PUT /on-call/rotations/{rotation_id}": {"name": "stolen"},
        "POST /on-call/rotations/{rotation_id}/overrides": {"user_id": person, **times},
        "PUT /quiet-hours/mine": quiet,
        "PUT /quiet-hours/tenant": quiet,
        "PUT /notification-channels/{channel_id}/quiet-hours": quiet,
    }


async def call(client: httpx.AsyncClient, route: RestRoute, theirs: Property, token: str) -> httpx.Response:
    headers = {"authorization": f"Bearer {token}"} if token else {}
    query, body = query_of(route, theirs), body_of(route, theirs)
    path = path_of(route, theirs)
    if body is None:
        return await client.request(route.method, path, params=query, headers=headers)
    return await client.request(route.method, path, params=query, headers=headers, json=body)


def sent(route: RestRoute, theirs: Property) -> dict[str, Any]:
    return {"path": path_of(route, theirs), "query": query_of(route, theirs), "body": body_of(route, theirs)}


@pytest.mark.parametrize("route", NAMED, ids=title)
async def test_a_thing_of_another_tenant_is_not_found(
    route: RestRoute,
    client: httpx.AsyncClient,
    graphql: GraphQLClient,
    databases: Databases,
    mine: Property,
    theirs: Property,
) -> None:
    before = await fingerprint(databases, theirs.tenant)
    answer = await call(client, route, theirs, await graphql.login(mine.tenant))
    assert answer.status_code == 404, answer.text
    assert_nothing_of(theirs, answer.text, sent(route, theirs))
    assert await fingerprint(databases, theirs.tenant) == before


@pytest.mark.parametrize("route", UNNAMED, ids=title)
async def test_what_names_nothing_shows_and_changes_the_callers_own(
    route: RestRoute,
    client: httpx.AsyncClient,
    graphql: GraphQLClient,
    databases: Databases,
    mine: Property,
    theirs: Property,
) -> None:
    before = await fingerprint(databases, theirs.tenant)
    answer = await call(client, route, theirs, await graphql.login(mine.tenant))
    if title(route) in NAMED_IN_THE_BODY:
        assert answer.status_code == 404, answer.text
    else:
        assert answer.status_code in {200, 201, 202, 204}, answer.text
    assert_nothing_of(theirs, answer.text, sent(route, theirs))
    assert await fingerprint(databases, theirs.tenant) == before


@pytest.mark.parametrize("route", CHECKED, ids=title)
async def test_nobody_comes_in_without_a_token(
    route: RestRoute, client: httpx.AsyncClient, databases: Databases, theirs: Property
) -> None:
    before = await fingerprint(databases, theirs.tenant)
    answer = await call(client, route, theirs, "")
    assert answer.status_code == 401
    assert_nothing_of(theirs, answer.text, sent(route, theirs))
    assert await fingerprint(databases, theirs.tenant) == before


@pytest.mark.parametrize("route", [route for route in CHECKED if route.method == "GET"], ids=title)
async def test_the_owner_sees_what_the_other_did_not(
    route: RestRoute, client: httpx.AsyncClient, graphql: GraphQLClient, theirs: Property
) -> None:
    answer = await call(client, route, theirs, await graphql.login(theirs.tenant))
    assert answer.status_code == 200, answer.text
    if route.is_list or route.path == "/auth/me":
        assert any(marker in answer.text for marker in theirs.markers()), answer.text
