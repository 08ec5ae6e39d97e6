"""No query, mutation or subscription of one tenant shows or changes anything of another."""

import asyncio
import json
from typing import Any

import pytest
from graphql import GraphQLSchema
from graphql import build_schema as parse_schema
from plantwright.graphql.printing import print_sorted
from plantwright.identity.models import Role

from tests.conftest import Databases
from tests.graphql_client import GraphQLClient
from tests.integration.subscriber import connected
from tests.isolation import identity_world, notifications_world
from tests.isolation.documents import document_of
from tests.isolation.world import SUBSCRIPTION, Property, assert_nothing_of, fingerprint

SCHEMA: GraphQLSchema = parse_schema(print_sorted())
QUERIES = dict(SCHEMA.query_type.fields) if SCHEMA.query_type else {}
MUTATIONS = {
    name: field
    for name, field in (SCHEMA.mutation_type.fields if SCHEMA.mutation_type else {}).items()
    if name not in identity_world.PERSONAL
}
SUBSCRIPTIONS = dict(SCHEMA.subscription_type.fields) if SCHEMA.subscription_type else {}
WINDOW = {"from": "2020-01-01T00:00:00Z", "to": "2026-01-01T00:00:00Z"}
MONTH = {"from": "2026-01-01T00:00:00Z", "to": "2026-01-31T00:00:00Z"}


def query_variables(name: str, theirs: Property) -> dict[str, Any]:
    """Everything that can name something names something of the other tenant."""
    machine = str(theirs.machine.id)
    named: dict[str, dict[str, Any]] = {
        "machine": {"id": machine},
        "machineReference": {"machineId": machine},
        "machineChart": {"machineId": machine},
        "machineChartTrial": {"machineId": machine, "maxPoints": 100, "settings": None, **MONTH},
        "detectionTrial": {"metricId": str(theirs.metric.id), "maxPoints": 100, "settings": None, **MONTH},
        "alert": {"id": str(theirs.alert.id)},
        **theirs.notifications.queries(),
        **theirs.rule.queries(),
        "alertTriage": {"id": str(theirs.alert.id)},
        "alertPerformance": {"site": None},
        "runningCondition": {"machineId": machine},
        "workOrder": {"id": str(theirs.work_order.id)},
        "machineHealthHistory": {"machineId": machine, "maxPoints": 100, **WINDOW},
        "machineAnomalies": {"machineId": machine},
        "fleetHealth": {"worst": 5},
        "readings": {"machineId": machine, "metrics": None, "maxPoints": 100, **WINDOW},
        "readingsExport": {"machineId": machine, "metrics": None, "format": "CSV", **WINDOW},
        "alerts": {"first": 50, "filter": {"machineId": machine}},
        "workOrders": {"first": 100, "filter": {"machineId": machine}},
        "auditRecords": {"first": 100, "filter": {"machineId": machine}},
        "agent": {"id": str(theirs.agent.id)},
        "agents": {"first": 100, "filter": {"search": theirs.agent.name}},
        "ingestSource": {"id": str(theirs.source.id)},
        "ingestSources": {"first": 100, "filter": {"machineId": machine}},
        "escalationPolicy": {"id": str(theirs.escalation.policy.id)},
        "onCallRotation": {"id": str(theirs.escalation.rotation.id)},
        "escalations": {"alertId": str(theirs.alert.id)},
        "sessions": {"userId": str(theirs.tenant.admin_id)},
        "machines": {"first": 100, "filter": {"search": theirs.machine.identifier}, "orderBy": "NAME"},
    }
    return named.get(name, {})


def mutation_input(name: str, theirs: Property) -> dict[str, Any]:
    source = str(theirs.source.id)
    inputs: dict[str, dict[str, Any]] = {
        **theirs.rule.inputs(),
        "machineCreate": {"name": "x", "identifier": theirs.machine.identifier, "protocol": "CSV"},
        "machineUpdate": {"id": str(theirs.machine.id), "name": "stolen"},
        "alertAcknowledge": {"id": str(theirs.alert.id), "note": "stolen"},
        "workOrderCreate": {"alertId": str(theirs.alert.id), "title": "stolen"},
        "workOrderUpdate": {"id": str(theirs.work_order.id), "expectedVersion": 1, "title": "stolen"},
        "settingsUpdate": {"anomalyWeight": 0.9},
        "machineReferenceVouch": {"machineId": str(theirs.machine.id), **MONTH},
        "machineReferenceRestart": {"machineId": str(theirs.machine.id)},
        "machineChartUpdate": {"machineId": str(theirs.machine.id), "settings": {"enabled": False}},
        "metricDetectionUpdate": {"metricId": str(theirs.metric.id), "detection": {"enabled": False}},
        "apiKeyCreate": {"name": "x"},
        "apiKeyRevoke": {"id": str(theirs.key.id)},
        "runStorageCleanup": {},
        "agentRename": {"id": str(theirs.agent.id), "name": "stolen"},
        "agentRemove": {"id": str(theirs.agent.id)},
        "pushSubscribe": SUBSCRIPTION,
        "pushUnsubscribe": {"endpoint": theirs.browser.config["endpoint"]},
        "pushTest": {"id": str(theirs.browser.id)},
        "setNotificationLanguage": {"language": "DE"},
        "createIngestSource": {"machineId": str(theirs.machine.id), "modbusTcp": {"host": "10.0.0.1"}},
        "updateIngestSource": {"id": source, "expectedVersion": 1, "name": "stolen"},
        "pauseIngestSource": {"id": source},
        "resumeIngestSource": {"id": source},
        "deleteIngestSource": {"id": source},
        "setTagMappings": {"sourceId": source, "mappings": []},
        "testIngestSource": {"id": source},
        "browseIngestSource": {"id": source},
        "probeIngestSource": {"id": source},
        **escalation_inputs(theirs),
        **theirs.aside.inputs(),
        **theirs.notifications.inputs(),
        **theirs.identity.inputs(),
    }
    return inputs[name]


def escalation_inputs(theirs: Property) -> dict[str, dict[str, Any]]:
    own, person = theirs.escalation, str(theirs.tenant.operator_id)
    layer = {"participantIds": [person], "start": "2026-03-02T08:00"}
    quiet = {"scope": "CHANNEL", "channelId": str(own.pager_id)}
    times = {"startsAt": "2099-01-01T00:00:00Z", "endsAt": "2099-01-02T00:00:00Z"}
    return {
        "escalationPolicyCreate": {"name": "x", "waitMinutes": 5, "channelId": str(own.pager_id)},
        "escalationPolicyUpdate": {"id": str(own.policy.id), "name": "stolen"},
        "escalationPolicyDelete": {"id": str(own.policy.id)},
        "onCallRotationCreate": {"name": "x", "timeZone": "UTC", "layers": [layer]},
        "onCallRotationUpdate": {"id": str(own.rotation.id), "name": "stolen"},
        "onCallRotationDelete": {"id": str(own.rotation.id)},
        "onCallOverrideCreate": {"rotationId": str(own.rotation.id), "userId": person, **times},
        "onCallOverrideDelete": {"id": str(own.override.id)},
        "quietHoursSet": {
            **quiet,
            "timeZone": "UTC",
            "windows": [{"weekdays": [1], "start": "20:00", "end": "06:00"}],
        },
        "quietHoursRemove": quiet,
    }


# They name one thing, and are null when there is none.
OF_ONE = {
    "escalationPolicy",
    "escalations",
    "onCallRotation",
    "machine",
    "machineAnomalies",
    "machineHealthHistory",
    "alert",
    "alertTriage",
    "runningCondition",
    "workOrder",
    "readings",
    "readingsExport",
    "detectionTrial",
    "machineReference",
    "machineChart",
    "machineChartTrial",
    "agent",
    "ingestSource",
    "notificationChannel",
    "notificationDelivery",
}
# These make something of the caller's own; they name nothing that could be another's.
MAKES_OWN = {
    "machineCreate",
    "settingsUpdate",
    "apiKeyCreate",
    "runStorageCleanup",
    "pushSubscribe",
    "setNotificationLanguage",
    "alertSettingsUpdate",
    *notifications_world.MAKES_OWN,
    *identity_world.MAKES_OWN,
}
# Whoever is signed in may, with what is their own.
ANYBODY = {
    "alertAcknowledge": "Success",
    "alertsAcknowledge": "Success",
    "alertComment": "Success",
    "alertOpen": "Success",
    "alertJudge": "Success",
    "pushSubscribe": "Success",
    "pushUnsubscribe": "NotFound",
    "pushTest": "NotFound",
    **identity_world.ANYBODY,
    "setNotificationLanguage": "Success",
}


@pytest.mark.parametrize("name", sorted(QUERIES))
async def test_a_query_shows_nothing_of_another_tenant(
    name: str, graphql: GraphQLClient, mine: Property, theirs: Property
) -> None:
    variables = query_variables(name, theirs)
    answer = await graphql.send(
        document_of(SCHEMA, "query", name, QUERIES[name]), variables, await graphql.login(mine.tenant)
    )
    body = answer.json()
    assert "errors" not in body, body
    assert_nothing_of(theirs, answer.text, variables)
    if name in OF_ONE:
        assert body["data"][name] is None
    elif "edges" in (body["data"][name] or {}):
        assert body["data"][name]["edges"] == []


@pytest.mark.parametrize("name", sorted(QUERIES))
async def test_a_query_shows_the_owner_what_the_other_did_not_see(
    name: str, graphql: GraphQLClient, theirs: Property
) -> None:
    """Without this the test above would pass on a schema that shows nothing to anyone."""
    variables = query_variables(name, theirs)
    answer = await graphql.send(
        document_of(SCHEMA, "query", name, QUERIES[name]), variables, await graphql.login(theirs.tenant)
    )
    body = answer.json()
    assert "errors" not in body, body
    if name not in {
        "alertSettings",
        "alertFloods",
        "alertSites",
        "settings",
        "alertRuleCheck",
        "auditVerification",
        "storage",
        "ingestSourceSetup",
        "notificationChannelTypes",
        "notificationLanguage",
    }:
        assert any(marker in answer.text for marker in theirs.markers())


@pytest.mark.parametrize("name", sorted(QUERIES))
async def test_a_query_needs_a_person(name: str, graphql: GraphQLClient, theirs: Property) -> None:
    answer = await graphql.send(document_of(SCHEMA, "query", name, QUERIES[name]), query_variables(name, theirs))
    assert answer.status_code == 401
    assert answer.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert_nothing_of(theirs, answer.text, query_variables(name, theirs))


@pytest.mark.parametrize("name", sorted(MUTATIONS))
async def test_a_mutation_changes_nothing_of_another_tenant(
    name: str, graphql: GraphQLClient, databases: Databases, mine: Property, theirs: Property
) -> None:
    before = await fingerprint(databases, theirs.tenant)
    variables = {"input": mutation_input(name, theirs)}
    answer = await graphql.send(
        document_of(SCHEMA, "mutation", name, MUTATIONS[name]), variables, await graphql.login(mine.tenant)
    )
    body = answer.json()
    assert "errors" not in body, body
    result = body["data"][name]["__typename"]
    assert result.endswith("Success") if name in MAKES_OWN else result == "NotFound"
    assert_nothing_of(theirs, answer.text, variables)
    assert await fingerprint(databases, theirs.tenant) == before


@pytest.mark.parametrize("name", sorted(MUTATIONS))
@pytest.mark.parametrize("role", [None, Role.VIEWER])
async def test_a_mutation_needs_the_role(
    name: str, role: Role | None, graphql: GraphQLClient, databases: Databases, theirs: Property
) -> None:
    before = await fingerprint(databases, theirs.tenant)
    token = await graphql.login(theirs.tenant, role) if role else ""
    after_login = await fingerprint(databases, theirs.tenant)
    variables = {"input": mutation_input(name, theirs)}
    answer = await graphql.send(document_of(SCHEMA, "mutation", name, MUTATIONS[name]), variables, token)
    body = answer.json()
    if role is None:
        assert answer.status_code == 401
        assert await fingerprint(databases, theirs.tenant) == before
    elif name in ANYBODY:
        assert body["data"][name]["__typename"].endswith(ANYBODY[name])
    else:
        assert body["data"][name]["__typename"] == "PermissionDenied"
        assert await fingerprint(databases, theirs.tenant) == after_login


@pytest.mark.parametrize("name", sorted(SUBSCRIPTIONS))
async def test_a_subscription_shows_nothing_of_another_tenant(
    name: str, api_url: str, graphql: GraphQLClient, databases: Databases, mine: Property, theirs: Property
) -> None:
    variables: dict[str, Any] = {"since": 0}
    if name == "readings":
        variables = {"machineId": str(theirs.machine.id), "metrics": None, "since": "0", "maxRate": 4.0}
    seen: list[dict[str, Any]] = []
    async with connected(f"{api_url.replace('http', 'ws', 1)}/graphql", await graphql.login(mine.tenant)) as subscriber:
        await subscriber.subscribe(document_of(SCHEMA, "subscription", name, SUBSCRIPTIONS[name]), variables)
        try:
            while True:
                seen.append(await subscriber.next(1.5))
        except TimeoutError:
            pass
        await asyncio.sleep(0)
    assert_nothing_of(theirs, json.dumps(seen), variables)
    if name == "readings":
        assert "Machine not found" in json.dumps(seen)
    else:
        assert any(marker in json.dumps(seen) for marker in mine.markers())
