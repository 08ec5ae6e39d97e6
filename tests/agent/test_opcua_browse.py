"""Browsing a real server, level by level."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from asyncua import ua
from plantwright_agent.errors import PermanentInputError, RetryableInputError
from plantwright_agent.inputs.opcua.browse import BrowsedNode, browse
from plantwright_agent.inputs.opcua.trust import UntrustedServerError

from tests.agent.opcua_server import NAMESPACE, Plant
from tests.agent.opcua_support import config, subscribed, values
from tests.agent.peer import free_port
from tests.agent.support import until

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def plant(pki: Path) -> AsyncIterator[Plant]:
    made = Plant(pki, free_port())
    await made.start()
    hall = await made.folder("Hall 1")
    pump = await made.folder("Pump", parent=hall)
    speed = await made.add("Speed", 1480.0, parent=pump)
    unit = ua.EUInformation(NamespaceUri="urn:u", UnitId=1, DisplayName=ua.LocalizedText("rpm"))
    await speed.add_property(made.index, "nothing", 1)
    await speed.add_property(
        ua.NodeId(ua.Int32(0), ua.Int16(made.index)), ua.QualifiedName("EngineeringUnits", 0), unit
    )
    await made.add("Mode", ua.Variant("auto", ua.VariantType.String), parent=pump)
    await made.add("Curve", ua.Variant([1.0, 2.0], ua.VariantType.Double), parent=pump)
    for number in range(30):
        await made.add(f"x{number}", float(number), parent=hall)
    yield made
    await made.stop()


def by_name(nodes: list[BrowsedNode]) -> dict[str, BrowsedNode]:
    return {node.name: node for node in nodes}


async def test_a_level_shows_what_a_person_needs_to_pick(pki: Path, plant: Plant) -> None:
    top = by_name(await browse(config(pki, plant.url), None))
    assert top["Hall 1"].node_class == "Object"
    hall = by_name(await browse(config(pki, plant.url), top["Hall 1"].node_id))
    pump = by_name(await browse(config(pki, plant.url), hall["Pump"].stable_node_id))
    assert pump["Speed"] == BrowsedNode(
        node_id="ns=2;s=Speed",
        stable_node_id=f"nsu={NAMESPACE};s=Speed",
        path="Objects/2:Hall 1/2:Pump/2:Speed",
        name="Speed",
        node_class="Variable",
        data_type="Double",
        value="1480.0",
        unit="rpm",
        is_readable=True,
        why_not="",
    )
    assert (pump["Mode"].is_readable, pump["Mode"].value) == (False, "auto")
    assert "holds text" in pump["Mode"].why_not
    assert "holds an array of 2 Double" in pump["Curve"].why_not


async def test_what_browsing_names_can_be_read(folder: Path, pki: Path, plant: Plant) -> None:
    speed = by_name(await browse(config(pki, plant.url), "ns=2;s=Pump"))["Speed"]
    nodes = [
        {"node_id": speed.node_id, "metric_name": "a"},
        {"node_id": speed.stable_node_id, "metric_name": "b"},
        {"path": speed.path, "metric_name": "c"},
    ]
    async with subscribed(folder, config(pki, plant.url, nodes=nodes)):
        await until(lambda: all(values(folder, name) == [1480.0] for name in "abc"))


async def test_no_more_than_the_limit(pki: Path, plant: Plant) -> None:
    assert len(await browse(config(pki, plant.url), "ns=2;s=Hall 1", limit=7)) == 7


async def test_a_parent_that_is_not_there(pki: Path, plant: Plant) -> None:
    with pytest.raises(PermanentInputError, match="has no node ns=2;s=gone"):
        await browse(config(pki, plant.url), "ns=2;s=gone")
    with pytest.raises(PermanentInputError, match="not a node id"):
        await browse(config(pki, plant.url), "gone")
    with pytest.raises(PermanentInputError, match="no namespace urn:gone"):
        await browse(config(pki, plant.url), "nsu=urn:gone;s=a")


async def test_browsing_trusts_no_one_by_itself(pki: Path, plant: Plant, tmp_path: Path) -> None:
    settings = config(pki, plant.url, server_certificate=None, trust_dir=tmp_path)
    with pytest.raises(UntrustedServerError, match='trust opcua "press"'):
        await browse(settings, None, source="press")


async def test_a_server_that_is_not_there(pki: Path) -> None:
    with pytest.raises(RetryableInputError, match="cannot connect"):
        await browse(config(pki, "opc.tcp://127.0.0.1:1"), None)
