"""What becomes a reading, what does not and why, whose clock counts, and what a status code makes of a value."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from asyncua import ua
from asyncua.ua.status_codes import StatusCodes
from plantwright_agent.inputs.opcua.intake import Intake
from plantwright_agent.samples import Gap, RawSample

from tests.agent.opcua_server import Plant
from tests.agent.opcua_support import config, node, subscribed, values
from tests.agent.peer import free_port
from tests.agent.support import buffered, until

pytestmark = pytest.mark.asyncio(loop_scope="module")

KIND = ua.VariantType
NUMBERS: dict[str, tuple[Any, ua.VariantType]] = {
    "boolean": (True, KIND.Boolean),
    "sbyte": (-8, KIND.SByte),
    "byte": (200, KIND.Byte),
    "int16": (-300, KIND.Int16),
    "uint16": (60_000, KIND.UInt16),
    "int32": (-70_000, KIND.Int32),
    "uint32": (4_000_000_000, KIND.UInt32),
    "int64": (-(2**53), KIND.Int64),
    "uint64": (2**53, KIND.UInt64),
    "float": (0.5, KIND.Float),
    "double": (61.25, KIND.Double),
}
REFUSED: dict[str, tuple[Any, str]] = {
    "text": (ua.Variant("on", KIND.String), "holds text (String); only numbers and booleans become readings"),
    "label": (ua.Variant(ua.LocalizedText("on"), KIND.LocalizedText), "holds text (LocalizedText)"),
    "moment": (ua.Variant(datetime(2026, 1, 1, tzinfo=UTC), KIND.DateTime), "holds a date and time"),
    "bytes": (ua.Variant(b"\x01", KIND.ByteString), "holds bytes"),
    "range": (ua.Variant(ua.Range(0, 9), KIND.ExtensionObject), "holds a structure (Range); read the nodes below it"),
    "array": (ua.Variant([1.5, 2.5, 3.5], KIND.Double), "holds an array of 3 Double; name one of them, for example"),
    "names": (ua.Variant(["a", "b"], KIND.String), "holds an array of String"),
}


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def plant(pki: Path) -> AsyncIterator[Plant]:
    made = Plant(pki, free_port())
    await made.start()
    for name, (value, kind) in NUMBERS.items():
        await made.add(name, value, kind)
    for name, (variant, _) in REFUSED.items():
        await made.add(name, variant)
    yield made
    await made.stop()


@pytest.mark.parametrize("mode", ["subscribe", "poll"])
async def test_every_kind_of_number_becomes_a_reading(folder: Path, pki: Path, plant: Plant, mode: str) -> None:
    nodes = [node(name) for name in NUMBERS]
    async with subscribed(folder, config(pki, plant.url, nodes=nodes, mode=mode, poll_interval=0.1)):
        await until(lambda: len(buffered(folder)) == len(NUMBERS))
    found = {item["metric_name"]: item["value"] for item in buffered(folder)}
    assert found == {name: float(value) for name, (value, _) in NUMBERS.items()}


@pytest.mark.parametrize("mode", ["subscribe", "poll"])
@pytest.mark.parametrize("name", REFUSED)
async def test_what_is_no_number_is_refused_with_a_way_out(
    folder: Path, pki: Path, plant: Plant, mode: str, name: str
) -> None:
    nodes = [node("double"), node(name)]
    async with subscribed(folder, config(pki, plant.url, nodes=nodes, mode=mode, poll_interval=0.1)) as source:
        await until(lambda: values(folder, "double"))
        await until(lambda: source.health.state == "recoverable")
        assert (source.health.error or "").startswith(f"node ns=2;s={name}: {REFUSED[name][1]}")
    assert not values(folder, name)


@pytest.mark.parametrize("mode", ["subscribe", "poll"])
async def test_one_element_of_an_array(folder: Path, pki: Path, plant: Plant, mode: str) -> None:
    nodes = [node("array", element=2), {"node_id": "ns=2;s=array", "metric_name": "first", "element": 0}]
    async with subscribed(folder, config(pki, plant.url, nodes=nodes, mode=mode, poll_interval=0.1)) as source:
        await until(lambda: len(buffered(folder)) == 2)
        await until(lambda: source.health.state == "ok")
    assert {item["raw_tag"]: item["value"] for item in buffered(folder)} == {"ns2_sarray[2]": 3.5, "ns2_sarray[0]": 1.5}


@pytest.mark.parametrize(
    ("name", "element", "reason"),
    [("array", 3, "has no element 3; it has 3"), ("double", 0, "holds one Double and no array; leave element out")],
)
async def test_an_element_that_is_not_there(
    folder: Path, pki: Path, plant: Plant, name: str, element: int, reason: str
) -> None:
    nodes = [node("int16"), node(name, element=element)]
    async with subscribed(folder, config(pki, plant.url, nodes=nodes)) as source:
        await until(lambda: source.health.state == "recoverable")
        assert reason in (source.health.error or "")


async def test_a_node_that_becomes_a_number_is_taken_again(pki: Path) -> None:
    intake, now = Intake(config(pki, "opc.tcp://plc:4840"), "M"), ua.DateTime.now(UTC)
    intake.take(0, ua.DataValue(ua.Variant("starting", KIND.String)), now)
    assert intake.refusals().startswith("node ns=2;s=temperature: holds text")
    intake.take(0, ua.DataValue(ua.Variant(3.0), SourceTimestamp=now), now)
    assert intake.refusals() == ""
    assert [sample.value for sample in intake.drain()[0]] == [3.0]


async def test_a_bad_status_with_a_value_keeps_the_value_as_bad(pki: Path) -> None:
    intake, now = Intake(config(pki, "opc.tcp://plc:4840"), "M"), ua.DateTime.now(UTC)
    status = ua.StatusCode(ua.UInt32(StatusCodes.BadOutOfService))
    intake.take(0, ua.DataValue(ua.Variant(12.0), status, now), now)
    assert [(sample.value, sample.quality) for sample in intake.drain()[0]] == [(12.0, "bad")]


@pytest.mark.parametrize("hours", [1, -1])
async def test_a_server_whose_clock_is_an_hour_off_is_said_and_its_times_are_kept(
    folder: Path, pki: Path, plant: Plant, hours: int
) -> None:
    """Only the source's clock is off here: the server takes over what a controller sends."""
    moment = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=hours)
    async with subscribed(folder, config(pki, plant.url)) as source:
        await until(lambda: len(buffered(folder)) >= 2)
        await plant.write_at("temperature", 33.0 + hours, moment)
        await until(lambda: 33.0 + hours in values(folder, "temperature"))
        if hours > 0:
            await until(lambda: "ahead of this machine's clock" in (source.health.error or ""))
    [found] = [item for item in buffered(folder) if item["value"] == 33.0 + hours]
    assert datetime.fromisoformat(found["timestamp"]) == moment


async def test_the_time_of_arrival_can_be_taken_instead(folder: Path, pki: Path, plant: Plant) -> None:
    before = datetime.now(UTC)
    async with subscribed(folder, config(pki, plant.url, timestamp="arrival")) as source:
        await until(lambda: len(buffered(folder)) >= 2)
        await plant.write_at("temperature", 44.0, before + timedelta(hours=1))
        await until(lambda: 44.0 in values(folder, "temperature"))
        await until(lambda: source.health.state == "ok")
    [found] = [item for item in buffered(folder) if item["value"] == 44.0]
    assert before <= datetime.fromisoformat(found["timestamp"]) <= datetime.now(UTC)


async def test_a_clock_off_by_more_than_five_minutes_is_told_both_ways(pki: Path) -> None:
    intake = Intake(config(pki, "opc.tcp://plc:4840"), "M")
    assert intake.clock_trouble(299.0) == ""
    assert intake.clock_trouble(3600.0).startswith("the server's clock, by 1 h 0 min, is ahead of this machine's clock")
    assert intake.clock_trouble(-600.0).startswith("the server's clock, by 10 min, is behind this machine's clock")


async def test_values_that_come_faster_than_they_are_stored_leave_a_gap(pki: Path) -> None:
    intake, now = Intake(config(pki, "opc.tcp://plc:4840"), "M"), ua.DateTime.now(UTC)
    for number in range(50_010):
        intake.take(0, ua.DataValue(ua.Variant(float(number)), SourceTimestamp=now), now)
    samples: list[RawSample] = []
    gaps: list[Gap] = []
    while not intake.is_empty:
        some, more = intake.drain()
        samples += some
        gaps += more
    assert [sample.value for sample in samples] == [float(number) for number in range(50_000)]
    assert [gap.reason for gap in gaps] == ["values came faster than they could be stored"]


async def test_values_the_server_threw_away_leave_a_gap_of_the_tag(pki: Path) -> None:
    intake, now = Intake(config(pki, "opc.tcp://plc:4840"), "M"), ua.DateTime.now(UTC)
    intake.take(0, ua.DataValue(ua.Variant(1.0), ua.StatusCode(ua.UInt32(0x480)), SourceTimestamp=now), now)
    samples, gaps = intake.drain()
    assert (len(samples), [gap.tag for gap in gaps]) == (1, ["ns2_stemperature"])


async def test_a_value_of_a_moment_is_taken_once(pki: Path) -> None:
    intake, now = Intake(config(pki, "opc.tcp://plc:4840"), "M"), ua.DateTime.now(UTC)
    for value, moment in ((1.0, now), (1.0, now), (2.0, now), (2.0, now + timedelta(seconds=1))):
        intake.take(0, ua.DataValue(ua.Variant(value), SourceTimestamp=moment), now)
    assert [sample.value for sample in intake.drain()[0]] == [1.0, 2.0, 2.0]


async def test_many_refused_nodes_are_told_in_few_words(pki: Path) -> None:
    intake, now = (
        Intake(config(pki, "opc.tcp://plc:4840", nodes=[node(f"n{i}") for i in range(9)]), "M"),
        datetime.now(UTC),
    )
    for index in range(9):
        intake.take(index, ua.DataValue(ua.Variant("x", KIND.String)), now)
    assert intake.refusals().count("node ns=2") == 5
    assert intake.refusals().endswith("and 4 more nodes")
