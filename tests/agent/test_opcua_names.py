"""Nodes by id, by namespace URI and by browse path; namespace indexes that move; names that lead nowhere yet."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from asyncua import ua
from asyncua.ua.status_codes import StatusCodes
from plantwright_agent.inputs.opcua import input as opcua_input
from plantwright_agent.inputs.opcua.names import UnknownNameError, node_id_of, step_text, steps_of, with_uri

from tests.agent.opcua_server import NAMESPACE, Plant
from tests.agent.opcua_support import config, node, subscribed, values
from tests.agent.peer import free_port
from tests.agent.support import buffered, until

pytestmark = pytest.mark.asyncio(loop_scope="module")

URIS = ["http://opcfoundation.org/UA/", "urn:server", "http://acme.com/plant/"]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def plant(pki: Path) -> AsyncIterator[Plant]:
    made = Plant(pki, free_port())
    await made.start()
    pump = await made.folder("Pump/1")
    await made.add("Temperature", 40.5, parent=pump)
    await made.add("twin", 1.0, parent=pump)
    for value in (1.0, 2.0):
        await made.server.nodes.objects.add_variable(2, "same", value)
    yield made
    await made.stop()


async def test_a_node_id_by_uri_is_turned_into_the_index_of_now() -> None:
    assert node_id_of("nsu=http://acme.com/plant/;s=Pump;1", URIS) == ua.NodeId(ua.String("Pump;1"), ua.Int16(2))
    assert node_id_of("ns=2;i=7", URIS) == ua.NodeId(ua.Int32(7), ua.Int16(2))
    assert node_id_of("i=85", URIS) == ua.NodeId(ua.Int32(85))
    assert with_uri(node_id_of("ns=2;s=a", URIS), URIS) == "nsu=http://acme.com/plant/;s=a"
    assert with_uri(node_id_of("i=85", URIS), URIS) == "i=85"
    assert with_uri(node_id_of("ns=9;s=a", URIS), URIS) == "ns=9;s=a"


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("Objects/2:Plant/2:Temperature", [("Objects", 0), ("Plant", 2), ("Temperature", 2)]),
        ("/Root/Objects", [("Objects", 0)]),
        ("Objects/{http://acme.com/plant/}Pump", [("Objects", 0), ("Pump", 2)]),
        ("Objects/2:A&/B&&C", [("Objects", 0), ("A/B&C", 2)]),
        ("Objects/2:Motor: hot", [("Objects", 0), ("Motor: hot", 2)]),
    ],
)
async def test_a_path_is_read_step_by_step(path: str, names: list[tuple[str, int]]) -> None:
    assert [(step.Name, step.NamespaceIndex) for step in steps_of(path, URIS)] == names


@pytest.mark.parametrize("name", ["plain", "A/B", "2:3", "{x}", "a&b"])
async def test_a_name_written_as_a_step_reads_back_as_itself(name: str) -> None:
    for index in (0, 2):
        step = ua.QualifiedName(name, index)
        assert steps_of(f"Objects/{step_text(step)}", URIS)[1:] == [step]


@pytest.mark.parametrize(
    ("name", "reason"),
    [("nsu=urn:gone;s=a", "no namespace urn:gone"), ("i=abc", "is not a node id"), ("ns=2", "is not a node id")],
)
async def test_a_bad_node_id_is_named(name: str, reason: str) -> None:
    with pytest.raises(UnknownNameError, match=reason):
        node_id_of(name, URIS)


async def test_a_bad_path_is_named_with_the_place() -> None:
    with pytest.raises(UnknownNameError, match="at character 9"):
        steps_of("Objects//x", URIS)
    with pytest.raises(UnknownNameError, match="no namespace urn:gone"):
        steps_of("Objects/{urn:gone}x", URIS)


@pytest.mark.parametrize("mode", ["subscribe", "poll"])
async def test_nodes_by_path_and_by_uri(folder: Path, pki: Path, plant: Plant, mode: str) -> None:
    nodes = [
        {"path": "Objects/2:Pump&/1/2:Temperature", "metric_name": "by-path"},
        {"path": f"Objects/{{{NAMESPACE}}}Pump&/1/{{{NAMESPACE}}}Temperature", "metric_name": "by-uri-path"},
        {"node_id": f"nsu={NAMESPACE};s=Temperature", "metric_name": "by-uri"},
    ]
    async with subscribed(folder, config(pki, plant.url, nodes=nodes, mode=mode, poll_interval=0.1)):
        await until(lambda: len(buffered(folder)) == 3)
    found = {item["metric_name"]: item for item in buffered(folder)}
    assert {name: item["value"] for name, item in found.items()} == {
        "by-path": 40.5,
        "by-uri-path": 40.5,
        "by-uri": 40.5,
    }
    assert found["by-path"]["raw_tag"] == "Objects/2:Pump&/1/2:Temperature"
    assert found["by-uri"]["raw_tag"] == f"nsu{NAMESPACE}_sTemperature"


@pytest.mark.parametrize("mode", ["subscribe", "poll"])
async def test_what_leads_nowhere_is_named_and_the_others_go_on(
    folder: Path, pki: Path, plant: Plant, mode: str
) -> None:
    nodes: list[dict[str, Any]] = [
        node("temperature"),
        {"path": "Objects/2:Pump&/2/2:Temperature", "metric_name": "a"},
        {"path": "Objects/2:same", "metric_name": "b"},
        {"node_id": "nsu=urn:gone;s=a", "metric_name": "c"},
        node("nowhere"),
        {"node_id": "i=85", "metric_name": "d"},
    ]
    async with subscribed(folder, config(pki, plant.url, nodes=nodes, mode=mode, poll_interval=0.1)) as source:
        await until(lambda: values(folder, "temperature"))
        await until(lambda: source.health.state == "recoverable")
        error = source.health.error or ""
    assert "node Objects/2:Pump&/2/2:Temperature: BadNoMatch: the path leads nowhere" in error
    assert "node Objects/2:same: leads to 2 nodes; name one of them by its node_id" in error
    assert "node nsu=urn:gone;s=a: the server has no namespace urn:gone" in error
    assert "node ns=2;s=nowhere: BadNodeIdUnknown: the server has no such node" in error
    assert "node i=85: BadAttributeIdInvalid: it is no variable" in error


@pytest.mark.parametrize("mode", ["subscribe", "poll"])
async def test_a_node_that_appears_later_is_found(
    folder: Path, pki: Path, plant: Plant, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opcua_input, "ASK_AGAIN_SECONDS", 0.2)
    late = f"late-{mode}"
    settings = config(pki, plant.url, nodes=[node("temperature"), node(late)], mode=mode, poll_interval=0.1)
    async with subscribed(folder, settings) as source:
        await until(lambda: source.health.state == "recoverable")
        await plant.add(late, 7.0)
        await until(lambda: values(folder, late) == [7.0])
        await until(lambda: source.health.state == "ok")
        assert source.health.restarts == 0


async def test_a_polled_node_that_is_made_anew_is_taken_up_again(folder: Path, pki: Path, plant: Plant) -> None:
    """A program was loaded into the controller: the same node id, but another node."""
    old = await plant.add("loaded", 1.0)
    settings = config(pki, plant.url, nodes=[node("temperature"), node("loaded")], mode="poll", poll_interval=0.1)
    async with subscribed(folder, settings) as source:
        await until(lambda: values(folder, "loaded")[-1:] == [1.0])
        await plant.server.delete_nodes([old])
        await until(lambda: "BadNodeIdUnknown" in (source.health.error or ""))
        await plant.add("loaded", 2.0)
        await until(lambda: values(folder, "loaded")[-1:] == [2.0])
        await until(lambda: source.health.state == "ok")
        assert source.health.restarts == 0


async def test_a_subscribed_node_the_server_has_lost_is_watched_anew_and_not_twice(
    folder: Path, pki: Path, plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opcua_input, "ASK_AGAIN_SECONDS", 0.2)
    lost = ua.DataValue(ua.Variant(), ua.StatusCode(ua.UInt32(StatusCodes.BadNodeIdUnknown)))
    await plant.add("swapped", 1.0)
    async with subscribed(folder, config(pki, plant.url, nodes=[node("temperature"), node("swapped")])) as source:
        await until(lambda: values(folder, "swapped") == [1.0])
        before = set(watched(plant))
        await plant.write("swapped", lost)
        await until(lambda: "BadNodeIdUnknown" in (source.health.error or ""))
        await until(lambda: set(watched(plant)) != before)
        await plant.write("swapped", 2.0)
        await until(lambda: source.health.state == "ok")
        assert len(watched(plant)) == 2
        assert values(folder, "swapped") == [1.0, 2.0]


def watched(plant: Plant) -> list[int]:
    """Monitored items of the server."""
    subscriptions = plant.server.iserver.subscription_service.subscriptions.values()
    return [item for one in subscriptions for item in one.monitored_item_srv._monitored_items]


async def test_a_namespace_that_moves_with_a_restart_is_followed(folder: Path, pki: Path) -> None:
    """The old index would be another node, of another machine perhaps."""
    plant = Plant(pki, free_port())
    await plant.start()
    nodes = [{"node_id": f"nsu={NAMESPACE};s=temperature", "metric_name": "temperature"}]
    async with subscribed(folder, config(pki, plant.url, nodes=nodes)) as source:
        await plant.write("temperature", 1.0)
        await until(lambda: values(folder, "temperature")[-1:] == [1.0])
        await plant.stop()
        plant.namespaces = ["urn:new:device"]
        await plant.start()
        decoy = ua.NodeId(ua.String("temperature"), ua.Int16(2))
        await plant.server.nodes.objects.add_variable(decoy, "2:decoy", 666.0)
        await plant.write("temperature", 2.0)
        await until(lambda: values(folder, "temperature")[-1:] == [2.0], within=40)
        await until(lambda: source.health.state == "ok")
    assert plant.index == 3
    assert 666.0 not in values(folder, "temperature")
    await plant.stop()
