"""The documented doors for legacy senders, with the documented names."""

from base64 import b64encode
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from plantwright.identity.models import Role

from tests.agent.modbus_plant import Plant as ModbusPlant
from tests.agent.opcua_server import certificates
from tests.backend.sources.conftest import Doors

DOCUMENTED = {
    "endpoint_url": "opc.tcp://127.0.0.1:4840",
    "security_mode": "SignAndEncrypt",
    "security_policy": "Basic256Sha256",
    "auth_type": "username",
    "username": "reader",
    "password": "Correct-Horse",
    "poll_interval_seconds": 5,
    "node_ids": ["ns=2;s=Temperature", "ns=2;i=1001"],
    "enabled": True,
}


@pytest.fixture
async def post(client: httpx.AsyncClient, doors: Doors) -> Any:
    token = await doors.graphql.login(doors.tenant, Role.OPERATOR)

    async def call(method: str, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
        return await client.request(method, f"/api/v1{path}", json=body, headers={"authorization": f"Bearer {token}"})

    return call


async def test_a_source_is_made_and_its_tags_are_mapped_as_documented(post: Any, doors: Doors) -> None:
    machine = {"machine_id": str(doors.machine.id)}
    made = await post("POST", "/ingest/opcua/sources", {**machine, **DOCUMENTED})
    assert made.status_code == 201, made.text
    source = made.json()
    assert source["opc_ua"] == {
        "endpoint_url": "opc.tcp://127.0.0.1:4840",
        "security_mode": "SignAndEncrypt",
        "security_policy": "Basic256Sha256",
        "username": "reader",
        "has_password": True,
        "user_certificate_fingerprint": None,
        "server_fingerprint": None,
        "mode": "poll",
        "timeout_seconds": 4.0,
    }
    assert [(tag["tag"], tag["metric_name"]) for tag in source["tags"]] == [
        ("ns=2;s=Temperature", "Temperature"),
        ("ns=2;i=1001", "ns2_i1001"),
    ]
    assert (source["poll_interval_seconds"], source["is_paused"]) == (5.0, False)
    mappings = [{"tag": "ns=2;s=Temperature", "metric_name": "temperature", "unit": "celsius"}]
    mapped = await post("POST", "/sensor-data/tag-mappings", {**machine, "mappings": mappings})
    assert mapped.status_code == 200, mapped.text
    assert [(tag["tag"], tag["metric_name"], tag["unit"]) for tag in mapped.json()["tags"]] == [
        ("ns=2;s=Temperature", "temperature", "celsius"),
        ("ns=2;i=1001", "ns2_i1001", ""),
    ]


@pytest.mark.parametrize("auth_type", ["certificate", None])
async def test_a_user_known_by_a_certificate(post: Any, doors: Doors, tmp_path: Path, auth_type: str | None) -> None:
    await certificates(tmp_path, "operator")
    certificate = (tmp_path / "operator.der").read_bytes()
    body = {
        "machine_id": str(doors.machine.id),
        "endpoint_url": "opc.tcp://127.0.0.1:4840",
        "user_certificate": b64encode(certificate).decode(),
        "user_private_key": (tmp_path / "operator.pem").read_text(),
        "enabled": False,
    }
    typed = {"auth_type": auth_type, "username": "left over"} if auth_type else {}
    made = await post("POST", "/ingest/opcua/sources", {**body, **typed})
    assert made.status_code == 201, made.text
    settings = made.json()["opc_ua"]
    fingerprint = x509.load_der_x509_certificate(certificate).fingerprint(hashes.SHA256()).hex()
    assert (settings["user_certificate_fingerprint"], settings["username"]) == (fingerprint, None)
    assert "private_key" not in made.text
    path = f"/ingest/sources/{made.json()['id']}"
    changes = {"endpoint_url": "opc.tcp://127.0.0.1:4840", "timeout_seconds": 2}
    kept = await post("PATCH", path, {"expected_version": 1, "opc_ua": changes})
    assert kept.json()["opc_ua"]["user_certificate_fingerprint"] == fingerprint
    changes |= {"user_certificate": None}
    nobody = await post("PATCH", path, {"expected_version": 2, "opc_ua": changes})
    assert nobody.json()["opc_ua"]["user_certificate_fingerprint"] is None


async def test_a_modbus_source_lives_and_dies_over_rest(post: Any, doors: Doors, modbus: ModbusPlant) -> None:
    body = {
        "machine_id": str(doors.machine.id),
        "host": "127.0.0.1",
        "port": modbus.port,
        "mappings": [{"tag": "holding:2", "metric_name": "pressure", "data_type": "float32"}],
        "enabled": False,
    }
    made = (await post("POST", "/ingest/modbus/sources", body)).json()
    path = f"/ingest/sources/{made['id']}"
    assert made["status"]["state"] == "paused"
    tested = await post("POST", f"{path}/test", {})
    assert [tag["value"] for tag in tested.json()["tags"]] == [21.5]
    probed = await post("POST", f"{path}/probe", {"table": "holding", "address": 20, "count": 1})
    assert probed.json() == {"registers": [{"address": 20, "value": 7, "problem": None}]}
    browsed = await post("POST", f"{path}/browse", {})
    assert browsed.status_code == 422
    changed = await post("PATCH", path, {"expected_version": 1, "poll_interval_seconds": 30})
    assert changed.json()["poll_interval_seconds"] == 30.0
    assert (await post("PATCH", path, {"expected_version": 1, "name": "x"})).status_code == 409
    assert (await post("POST", f"{path}/resume")).json()["status"]["state"] == "waiting"
    listed = (await post("GET", "/ingest/sources?protocol=modbus_tcp")).json()
    assert [one["id"] for one in listed["items"]] == [made["id"]]
    assert (await post("DELETE", path)).status_code == 204
    assert (await post("GET", path)).status_code == 404


async def test_the_setup_says_what_is_allowed(post: Any) -> None:
    setup = (await post("GET", "/ingest/setup")).json()
    assert setup == {
        "is_open": True,
        "message": None,
        "max_sources": 1_000,
        "max_tags": 1_000,
        "client_certificate": None,
    }
