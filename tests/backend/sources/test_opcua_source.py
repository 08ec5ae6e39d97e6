"""From first contact to stored readings of a secured OPC UA server, and what goes wrong on the way."""

from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from tests.agent.opcua_server import PASSWORD, USER, certificates
from tests.agent.opcua_server import Plant as OpcUaPlant
from tests.backend.sources.conftest import Doors, Log, Workers
from tests.backend.sources.waiting import until

TAGS = [{"tag": "ns=2;s=temperature", "metricName": "temperature", "unit": "celsius", "scale": 2, "offset": 1}]
CERTIFICATE = "{ fingerprint subject applicationUri pem }"
TEST = (
    "test { isSuccessful steps { name outcome message } tags { tag metricName unit value quality time problem } "
    f"offers {{ securityMode securityPolicy userTokens }} serverCertificate {CERTIFICATE} isServerConfirmed "
    f"clientCertificate {CERTIFICATE} }}"
)


def settings(plant: OpcUaPlant, **changes: Any) -> dict[str, Any]:
    return {"endpointUrl": plant.url, "username": USER, "password": PASSWORD, "timeoutSeconds": 3, **changes}


async def look(doors: Doors, plant: OpcUaPlant, **changes: Any) -> dict[str, Any]:
    answer = await doors.call("testIngestSource", {"opcUa": settings(plant, **changes), "tags": TAGS}, TEST)
    assert answer["__typename"] == "TestIngestSourceSuccess", answer
    test: dict[str, Any] = answer["test"]
    return test


def outcomes(test: dict[str, Any]) -> dict[str, str]:
    return {step["name"]: step["outcome"] for step in test["steps"]}


def message(test: dict[str, Any], step: str) -> str:
    return next(str(one["message"]) for one in test["steps"] if one["name"] == step)


async def trusted(doors: Doors, plant: OpcUaPlant, folder: Path) -> str:
    """What two people do: one confirms the server's certificate, the other lets the server trust ours."""
    test = await look(doors, plant)
    await trust(test, plant, folder)
    return str(test["serverCertificate"]["fingerprint"])


async def trust(test: dict[str, Any], plant: OpcUaPlant, folder: Path) -> None:
    certificate = x509.load_pem_x509_certificate(test["clientCertificate"]["pem"].encode())
    (folder / "trusted" / "plantwright.der").write_bytes(certificate.public_bytes(Encoding.DER))
    await plant.stop()
    await plant.start()


async def test_first_contact_leads_step_by_step_to_a_value(doors: Doors, opcua: OpcUaPlant, tmp_path: Path) -> None:
    first = await look(doors, opcua)
    assert outcomes(first) == {
        "RESOLVED": "PASSED",
        "REACHED": "PASSED",
        "SECURED": "FAILED",
        "AUTHENTICATED": "SKIPPED",
        "READ": "SKIPPED",
    }
    assert "nobody has confirmed" in message(first, "SECURED")
    server = x509.load_der_x509_certificate((tmp_path / "server.der").read_bytes())
    assert first["serverCertificate"]["pem"].encode() == server.public_bytes(Encoding.PEM)
    assert not first["isServerConfirmed"]
    assert first["offers"] == [
        {
            "securityMode": "SignAndEncrypt",
            "securityPolicy": "Basic256Sha256",
            "userTokens": first["offers"][0]["userTokens"],
        }
    ]

    fingerprint = first["serverCertificate"]["fingerprint"]
    second = await look(doors, opcua, serverFingerprint=fingerprint)
    assert second["isServerConfirmed"]
    assert "does not trust this tenant's certificate" in message(second, "SECURED")
    assert second["clientCertificate"] == first["clientCertificate"]

    await trust(second, opcua, tmp_path)
    await opcua.write("temperature", 20.0)
    third = await look(doors, opcua, serverFingerprint=":".join([fingerprint[:32], fingerprint[32:]]).upper())
    assert set(outcomes(third).values()) == {"PASSED"}, third
    assert third["isSuccessful"]
    assert [(tag["value"], tag["quality"], tag["problem"]) for tag in third["tags"]] == [(41.0, 0, None)]


async def test_a_wrong_password_is_told_apart(doors: Doors, opcua: OpcUaPlant, tmp_path: Path) -> None:
    fingerprint = await trusted(doors, opcua, tmp_path)
    test = await look(doors, opcua, serverFingerprint=fingerprint, password="wrong")
    assert outcomes(test) == {
        "RESOLVED": "PASSED",
        "REACHED": "PASSED",
        "SECURED": "PASSED",
        "AUTHENTICATED": "FAILED",
        "READ": "SKIPPED",
    }
    assert "password" in message(test, "AUTHENTICATED")
    assert "wrong" not in message(test, "RESOLVED")


async def test_an_unknown_node_is_named(doors: Doors, opcua: OpcUaPlant, tmp_path: Path) -> None:
    fingerprint = await trusted(doors, opcua, tmp_path)
    tags = [*TAGS, {"tag": "ns=2;s=nothing", "metricName": "nothing"}]
    answer = await doors.call(
        "testIngestSource", {"opcUa": settings(opcua, serverFingerprint=fingerprint), "tags": tags}, TEST
    )
    test = answer["test"]
    assert outcomes(test)["READ"] == "FAILED"
    assert "ns=2;s=nothing" in message(test, "READ")
    assert [tag["problem"] is None for tag in test["tags"]] == [True, False]


async def test_it_is_read_until_the_server_shows_another_certificate(
    doors: Doors, opcua: OpcUaPlant, workers: Workers, log: Log, tmp_path: Path
) -> None:
    fingerprint = await trusted(doors, opcua, tmp_path)
    await opcua.write("temperature", 20.0)
    source = await doors.create(opcUa=settings(opcua, serverFingerprint=fingerprint), pollIntervalSeconds=1, tags=TAGS)
    assert source["opcUa"]["hasPassword"] is True
    await workers.start()

    async def is_stored() -> bool:
        return [row["value"] for row in await log.readings("temperature")] == [41.0]

    await until(is_stored)

    await opcua.stop()
    await certificates(tmp_path, "other")
    other = OpcUaPlant(tmp_path, int(opcua.url.rsplit(":", 1)[1].split("/")[0]), certificate="other")
    await other.start()
    try:

        async def is_stopped() -> bool:
            return bool((await doors.get(source["id"]))["status"]["state"] == "PERMANENT")

        await until(is_stopped, 40)
        status = (await doors.get(source["id"]))["status"]
        assert "another certificate than the confirmed one" in status["lastError"]
        assert fingerprint in status["lastError"]
        assert other.sessions == []
    finally:
        await other.stop()
        await opcua.start()


async def test_a_level_is_browsed(doors: Doors, opcua: OpcUaPlant, tmp_path: Path) -> None:
    fingerprint = await trusted(doors, opcua, tmp_path)
    folder = await opcua.folder("press")
    await opcua.add("force", 7.5, parent=folder)
    selection = "nodes { nodeId name nodeClass dataType value unit isReadable whyNot }"
    entered = {"opcUa": settings(opcua, serverFingerprint=fingerprint)}
    top = await doors.call("browseIngestSource", entered, selection)
    assert {"press", "temperature", "level"} <= {node["name"] for node in top["nodes"]}
    inside = await doors.call("browseIngestSource", {**entered, "nodeId": "ns=2;s=press"}, selection)
    assert [(node["nodeId"], node["value"], node["isReadable"]) for node in inside["nodes"]] == [
        ("ns=2;s=force", "7.5", True)
    ]
    unknown = await doors.call("browseIngestSource", {**entered, "nodeId": "ns=2;s=nothing"}, selection)
    assert (unknown["__typename"], unknown["code"]) == ("ValidationFailed", "VALIDATION_FAILED")


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"securityMode": "NONE"}, ["opcUa", "securityMode"]),
        ({"endpointUrl": "http://127.0.0.1"}, ["opcUa", "endpointUrl"]),
        ({"serverFingerprint": "abc"}, ["opcUa", "serverFingerprint"]),
        ({"timeoutSeconds": 600}, ["opcUa", "timeoutSeconds"]),
        ({"username": None}, ["opcUa", "username"]),
    ],
)
async def test_what_the_input_would_refuse_is_refused_with_its_place(
    doors: Doors, opcua: OpcUaPlant, changes: dict[str, Any], path: list[str]
) -> None:
    answer = await doors.call("testIngestSource", {"opcUa": settings(opcua, **changes)}, TEST)
    assert (answer["__typename"], answer["path"]) == ("ValidationFailed", path), answer
