"""Making and changing sources through the API: who may, what is refused, what is written down."""

import json
from typing import Any

import asyncpg
import pytest
from plantwright.identity.models import Role, Tier
from sqlalchemy import event

from tests.agent.modbus_plant import Plant as ModbusPlant
from tests.backend.sources.conftest import SOURCE, Doors, modbus_settings
from tests.factories import MachineFactory, TenantFactory

SECRET = "Correct-Horse-Battery"
OPC_UA = {"endpointUrl": "opc.tcp://127.0.0.1:4840/x", "username": "reader", "password": SECRET}
MODBUS = {"host": "127.0.0.1"}
WHOLE = "source { ...S }"


async def journaled(owner: asyncpg.Connection, doors: Doors) -> list[tuple[str, dict[str, Any]]]:
    rows = await owner.fetch(
        "SELECT action, payload FROM audit_record WHERE tenant_id = $1 AND resource_type = 'ingest_source' "
        "ORDER BY sequence",
        doors.tenant.id,
    )
    return [(row["action"], json.loads(row["payload"])) for row in rows]


async def test_a_password_is_taken_and_never_given(doors: Doors, owner: asyncpg.Connection) -> None:
    source = await doors.create(opcUa=OPC_UA, tags=[{"tag": "ns=2;s=a", "metricName": "a"}])
    assert source["opcUa"]["hasPassword"] is True
    assert source["name"].endswith("OPC UA")
    assert SECRET not in json.dumps(source)
    facts = await journaled(owner, doors)
    assert [action for action, _ in facts] == ["ingest_source.created", "ingest_source.tags_changed"]
    assert SECRET not in json.dumps(facts)
    row = await owner.fetchrow("SELECT s::text AS text, credentials FROM ingest_source s")
    assert SECRET not in row["text"]
    assert SECRET.encode() not in row["credentials"]


async def test_each_change_is_in_the_journal(doors: Doors, owner: asyncpg.Connection, modbus: ModbusPlant) -> None:
    source = await doors.modbus(modbus, name="press")
    one = {"id": source["id"]}
    updated = await doors.call("updateIngestSource", {**one, "expectedVersion": 1, "name": "drill"}, WHOLE)
    assert updated["source"]["name"] == "drill"
    again = await doors.call("updateIngestSource", {**one, "expectedVersion": 2, "name": "drill"}, WHOLE)
    assert again["source"]["version"] == 2
    for verb in ("pause", "pause", "resume"):
        await doors.call(f"{verb}IngestSource", one, WHOLE)
    await doors.call("deleteIngestSource", one, "id")
    facts = await journaled(owner, doors)
    assert [action.removeprefix("ingest_source.") for action, _ in facts] == [
        "created",
        "tags_changed",
        "updated",
        "paused",
        "resumed",
        "deleted",
    ]
    assert facts[2][1]["changes"] == {"name": {"old": "press", "new": "drill"}}


async def test_a_change_to_what_somebody_else_changed_is_a_conflict(doors: Doors, modbus: ModbusPlant) -> None:
    source = await doors.modbus(modbus)
    change = {"id": source["id"], "expectedVersion": 1, "pollIntervalSeconds": 7}
    first = await doors.call("updateIngestSource", change, WHOLE)
    assert first["source"]["pollIntervalSeconds"] == 7
    second = await doors.call("updateIngestSource", {**change, "pollIntervalSeconds": 9}, WHOLE)
    assert (second["__typename"], second["path"]) == ("Conflict", ["expectedVersion"])


async def test_a_stored_password_goes_nowhere_else(doors: Doors) -> None:
    source = await doors.create(opcUa=OPC_UA)
    kept = {key: value for key, value in OPC_UA.items() if key != "password"}
    same = {"id": source["id"], "expectedVersion": 1, "opcUa": {**kept, "timeoutSeconds": 9}}
    changed = await doors.call("updateIngestSource", same, WHOLE)
    assert changed["source"]["opcUa"]["hasPassword"] is True
    for other in (
        {"endpointUrl": "opc.tcp://127.0.0.1:4841/x"},
        {"username": "admin"},
        {"securityMode": "SIGN"},
        {"serverFingerprint": "ab" * 32},
    ):
        entered = {"id": source["id"], "opcUa": {**kept, **other}}
        for name, more in (("updateIngestSource", {"expectedVersion": 2}), ("testIngestSource", {})):
            answer = await doors.call(name, {**entered, **more}, "__typename")
            assert (answer["__typename"], answer["path"]) == ("ValidationFailed", ["opcUa", "password"]), answer


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({}, ["opcUa"]),
        ({"modbusTcp": MODBUS, "opcUa": OPC_UA}, ["modbusTcp"]),
        ({"modbusTcp": MODBUS, "pollIntervalSeconds": 0.1}, ["pollIntervalSeconds"]),
        ({"modbusTcp": {"host": "a/b"}}, ["modbusTcp", "host"]),
        ({"modbusTcp": {**MODBUS, "unitId": 300}}, ["modbusTcp", "unitId"]),
        ({"modbusTcp": {**MODBUS, "port": 70_000}}, ["address"]),
        ({"modbusTcp": MODBUS, "name": "x" * 65}, ["name"]),
        ({"modbusTcp": MODBUS, "tags": [{"tag": "register 7", "metricName": "a"}]}, ["tags", "0", "tag"]),
        (
            {"modbusTcp": MODBUS, "tags": [{"tag": "holding:1", "metricName": n} for n in "ab"]},
            ["tags", "0", "tag"],
        ),
        (
            {"modbusTcp": MODBUS, "tags": [{"tag": f"holding:{n}", "metricName": "a"} for n in (1, 2)]},
            ["tags", "0", "metricName"],
        ),
        (
            {
                "modbusTcp": MODBUS,
                "tags": [
                    {"tag": "holding:1", "metricName": "a"},
                    {"tag": "coil:1", "metricName": "b", "dataType": "FLOAT32"},
                ],
            },
            ["tags", "1", "dataType"],
        ),
        ({"opcUa": OPC_UA, "tags": [{"tag": "temperature", "metricName": "a"}]}, ["tags", "0", "tag"]),
    ],
)
async def test_bad_input_is_refused_with_its_place(doors: Doors, fields: dict[str, Any], path: list[str]) -> None:
    answer = await doors.call("createIngestSource", {"machineId": str(doors.machine.id), **fields}, WHOLE)
    assert (answer["__typename"], answer["path"]) == ("ValidationFailed", path), answer


@pytest.mark.parametrize("machine_id", ["nonsense", "01a1fe00-0000-7000-8000-000000000000"])
async def test_a_machine_has_to_be_there(doors: Doors, machine_id: str) -> None:
    answer = await doors.call("createIngestSource", {"machineId": machine_id, "modbusTcp": MODBUS}, WHOLE)
    assert (answer["__typename"], answer["path"]) == ("NotFound", ["machineId"])


async def test_mappings_are_for_a_source_or_for_the_only_one_of_a_machine(doors: Doors) -> None:
    neither = await doors.call("setTagMappings", {"mappings": []}, "__typename")
    assert (neither["__typename"], neither["path"]) == ("ValidationFailed", ["sourceId"])
    machine = {"machineId": str(doors.machine.id), "mappings": []}
    none = await doors.call("setTagMappings", machine, "__typename")
    assert (none["__typename"], none["path"]) == ("NotFound", ["machineId"])
    for _ in range(2):
        await doors.create(modbusTcp=MODBUS)
    several = await doors.call("setTagMappings", machine, "__typename")
    assert (several["__typename"], several["path"]) == ("ValidationFailed", ["sourceId"])


async def test_mappings_for_an_older_version_are_a_conflict(doors: Doors) -> None:
    source = await doors.create(modbusTcp=MODBUS, tags=[{"tag": "holding:1", "metricName": "a"}])
    mappings = [{"tag": "holding:2", "metricName": "b"}]
    seen = {"sourceId": source["id"], "expectedVersion": source["version"]}
    first = await doors.call("setTagMappings", {**seen, "mappings": mappings}, WHOLE)
    assert first["source"]["version"] == source["version"] + 1
    second = await doors.call("setTagMappings", {**seen, "mappings": []}, "__typename")
    assert (second["__typename"], second["path"]) == ("Conflict", ["expectedVersion"])
    last = await doors.call("setTagMappings", {"sourceId": source["id"], "mappings": mappings}, WHOLE)
    assert [tag["tag"] for tag in last["source"]["tags"]] == ["holding:2"]


async def test_a_name_is_used_once(doors: Doors) -> None:
    await doors.create(modbusTcp=MODBUS, name="press")
    answer = await doors.call(
        "createIngestSource", {"machineId": str(doors.machine.id), "modbusTcp": MODBUS, "name": "press"}, WHOLE
    )
    assert (answer["__typename"], answer["path"]) == ("Conflict", ["name"])
    names = [(await doors.create(modbusTcp=MODBUS))["name"] for _ in range(3)]
    assert len(set(names)) == 3


async def test_a_viewer_sees_and_changes_nothing(doors: Doors, owner: asyncpg.Connection, modbus: ModbusPlant) -> None:
    source = await doors.modbus(modbus)
    assert (await doors.get(source["id"]))["name"] == source["name"]
    one = {"id": source["id"]}
    calls: dict[str, dict[str, Any]] = {
        "createIngestSource": {"machineId": str(doors.machine.id), "modbusTcp": MODBUS},
        "updateIngestSource": {**one, "expectedVersion": 1, "name": "x"},
        "pauseIngestSource": one,
        "resumeIngestSource": one,
        "deleteIngestSource": one,
        "setTagMappings": {"sourceId": source["id"], "mappings": []},
        "testIngestSource": one,
        "browseIngestSource": one,
        "probeIngestSource": one,
    }
    before = await journaled(owner, doors)
    for name, entered in calls.items():
        answer = await doors.call(name, entered, "__typename", Role.VIEWER)
        assert answer["__typename"] == "PermissionDenied", name
    assert await journaled(owner, doors) == before
    assert modbus.requests == []


async def test_a_tier_has_room_for_so_many(
    doors: Doors, make_tenant: TenantFactory, make_machine: MachineFactory
) -> None:
    doors.tenant = await make_tenant(Tier.FREE)
    doors.machine, _ = await make_machine(doors.tenant, metrics={})
    for _ in range(2):
        await doors.create(modbusTcp=MODBUS)
    answer = await doors.call("createIngestSource", {"machineId": str(doors.machine.id), "modbusTcp": MODBUS}, WHOLE)
    assert answer["__typename"] == "ValidationFailed"
    assert "2 ingest sources, the most its tier allows" in answer["message"]


async def test_registers_are_tried_and_probed(doors: Doors, modbus: ModbusPlant) -> None:
    tags = [
        {"tag": "holding:2", "metricName": "pressure", "dataType": "FLOAT32", "scale": 10},
        {"tag": "holding:0.2", "metricName": "bit"},
        {"tag": "holding:900", "metricName": "missing"},
    ]
    answer = await doors.call(
        "testIngestSource",
        {"modbusTcp": modbus_settings(modbus), "tags": tags},
        "test { isSuccessful steps { name outcome } tags { metricName value problem } }",
    )
    test = answer["test"]
    assert [(tag["metricName"], tag["value"]) for tag in test["tags"]] == [
        ("pressure", 215.0),
        ("bit", 1.0),
        ("missing", None),
    ]
    assert test["tags"][2]["problem"]
    assert not test["isSuccessful"]
    probed = await doors.call(
        "probeIngestSource",
        {"modbusTcp": modbus_settings(modbus), "address": 20, "count": 2},
        "registers { address value problem }",
    )
    assert [(one["address"], one["value"]) for one in probed["registers"]] == [(20, 7), (21, None)]
    assert probed["registers"][1]["problem"]


async def test_a_third_look_at_once_has_to_wait(doors: Doors, modbus: ModbusPlant) -> None:
    doors.services.sources._looking[doors.tenant.id] = 2
    answer = await doors.call("testIngestSource", {"modbusTcp": modbus_settings(modbus)}, "test { isSuccessful }")
    assert answer["__typename"] == "TooManyAttempts"
    doors.services.sources._looking.clear()


async def test_a_device_that_is_off_says_where_it_stopped(doors: Doors, modbus: ModbusPlant) -> None:
    await modbus.stop()
    answer = await doors.call(
        "testIngestSource", {"modbusTcp": modbus_settings(modbus)}, "test { steps { name outcome message } }"
    )
    assert [step["outcome"] for step in answer["test"]["steps"]] == [
        "PASSED",
        "FAILED",
        "SKIPPED",
        "SKIPPED",
        "SKIPPED",
    ]
    assert "is the device on?" in answer["test"]["steps"][1]["message"]


async def test_a_list_costs_the_same_however_long_it_is(doors: Doors) -> None:
    document = "{ ingestSources(first: 100) { totalCount nodes { ...S machine { id } createdBy { id } } } }" + SOURCE
    asked: list[str] = []

    def note(*arguments: object) -> None:
        asked.append(str(arguments[2]))

    engine = doors.services.database.engine.sync_engine
    counts = []
    for _ in range(2):
        for number in range(3):
            await doors.create(modbusTcp=MODBUS, tags=[{"tag": f"holding:{number}", "metricName": f"m{number}"}])
        await doors.graphql.login(doors.tenant)
        asked.clear()
        event.listen(engine, "before_cursor_execute", note)
        try:
            data = await doors.graphql.data(doors.tenant, document)
        finally:
            event.remove(engine, "before_cursor_execute", note)
        assert data["ingestSources"]["nodes"][0]["tags"]
        counts.append(len(asked))
    assert data["ingestSources"]["totalCount"] == 6
    assert counts[0] == counts[1]
