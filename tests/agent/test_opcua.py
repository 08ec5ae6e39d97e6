"""OPC UA against a real secured server: values, quality, refusals, and a restart of the server."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from asyncua import ua
from asyncua.ua.status_codes import StatusCodes
from plantwright_agent.errors import PermanentInputError, RetryableInputError
from plantwright_agent.inputs.opcua.input import OpcUa
from plantwright_agent.inputs.opcua.values import overflowed, quality
from plantwright_agent.secret import Secret

from tests.agent.opcua_server import Plant
from tests.agent.opcua_support import NODES, config, subscribed, values
from tests.agent.support import buffered, rows, until

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_values_arrive_with_source_time_unit_machine_and_quality(folder: Path, pki: Path, plant: Plant) -> None:
    moment = ua.DateTime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    async with subscribed(folder, config(pki, plant.url)) as source:
        await until(lambda: source.health.state == "ok")
        await until(lambda: len(buffered(folder)) >= 2)
        uncertain = ua.StatusCode(ua.UInt32(StatusCodes.UncertainLastUsableValue))
        await plant.write("temperature", ua.DataValue(ua.Variant(61.5), uncertain, moment))
        await plant.write("level", 250.0)
        await until(lambda: values(folder, "level")[-1:] == [2.5] and 61.5 in values(folder, "temperature"))
    found = {item["value"]: item for item in buffered(folder)}
    assert found[61.5] == {
        "machine_identifier": "PUMP-1",
        "timestamp": "2026-01-02T03:04:05Z",
        "metric_name": "temperature",
        "value": 61.5,
        "unit": "celsius",
        "raw_tag": "ns2_stemperature",
        "quality": "uncertain",
    }
    assert found[2.5]["machine_identifier"] == "TANK-1"


async def test_every_change_between_two_publishings_arrives_in_order(folder: Path, pki: Path, plant: Plant) -> None:
    async with subscribed(folder, config(pki, plant.url)):
        await until(lambda: len(buffered(folder)) >= 2)
        for number in range(1, 61):
            await plant.write("temperature", float(number))
        await until(lambda: values(folder, "temperature")[-1:] == [60.0])
    assert values(folder, "temperature") == [float(number) for number in range(61)]


async def test_a_state_without_a_value_leaves_a_gap(folder: Path, pki: Path, plant: Plant) -> None:
    async with subscribed(folder, config(pki, plant.url)):
        await until(lambda: len(buffered(folder)) >= 2)
        bad = ua.StatusCode(ua.UInt32(StatusCodes.BadSensorFailure))
        await plant.write("temperature", ua.DataValue(ua.Variant(None), bad, ua.DateTime.now(UTC)))
        await plant.write("level", float("nan"))
        await until(lambda: len(rows(folder, "SELECT 1 FROM gap")) == 2)
    assert sorted(rows(folder, "SELECT tag, reason FROM gap")) == [
        ("ns2_slevel", "not a finite number"),
        ("ns2_stemperature", "no value: BadSensorFailure"),
    ]


async def test_a_server_restart_is_survived_with_a_gap(folder: Path, pki: Path, plant: Plant) -> None:
    async with subscribed(folder, config(pki, plant.url)) as source:
        await until(lambda: len(buffered(folder)) >= 2)
        await plant.stop()
        await until(lambda: source.health.state == "recoverable")
        down_at = datetime.now(UTC).timestamp() * 1000
        await plant.start()
        await until(lambda: source.health.state == "ok", within=40)
        await plant.write("temperature", 2.0)
        await until(lambda: 2.0 in values(folder, "temperature"))
    [(start, end)] = rows(folder, "SELECT start_ms, end_ms FROM gap WHERE reason LIKE 'the source%'")
    assert start <= down_at <= end


@pytest.mark.parametrize(
    ("change", "error", "reason"),
    [
        ({"password": Secret("battery staple")}, PermanentInputError, "refuses: BadUserAccessDenied"),
        ({"nodes": [{"node_id": "ns=2;s=nowhere", "metric_name": "x"}]}, PermanentInputError, "BadNodeIdUnknown"),
        ({"endpoint": "opc.tcp://127.0.0.1:1/plant"}, RetryableInputError, "cannot connect"),
    ],
)
async def test_a_refusal_is_permanent_and_silence_is_not(
    pki: Path, plant: Plant, change: dict[str, Any], error: type[Exception], reason: str
) -> None:
    source = OpcUa(config(pki, plant.url, **change), "PUMP-1")
    with pytest.raises(error, match=reason) as caught:
        await source.start()
    assert "battery" not in str(caught.value)
    await source.stop()


async def test_a_client_the_server_does_not_trust_is_refused(pki: Path, plant: Plant) -> None:
    stranger = {"certificate": pki / "stranger.der", "private_key": pki / "stranger.pem"}
    source = OpcUa(config(pki, plant.url, **stranger), "PUMP-1")
    with pytest.raises((PermanentInputError, RetryableInputError)):
        await source.start()
    await source.stop()


async def test_a_server_with_another_certificate_is_not_talked_to(pki: Path, plant: Plant) -> None:
    source = OpcUa(config(pki, plant.url, server_certificate=pki / "stranger.der", timeout=1), "PUMP-1")
    with pytest.raises((PermanentInputError, RetryableInputError)):
        await source.start()
    await source.stop()


async def test_one_unknown_node_is_named_and_the_others_go_on(folder: Path, pki: Path, plant: Plant) -> None:
    nodes = [*NODES, {"node_id": "ns=2;s=nowhere", "metric_name": "x"}]
    async with subscribed(folder, config(pki, plant.url, nodes=nodes)) as source:
        await until(lambda: len(buffered(folder)) >= 2)
        await until(lambda: source.health.state == "recoverable")
        assert source.health.error == "node ns=2;s=nowhere: BadNodeIdUnknown: the server has no such node"


async def test_stopping_an_input_that_never_started_is_safe(pki: Path) -> None:
    await OpcUa(config(pki, "opc.tcp://127.0.0.1:1"), "M").stop()


async def test_status_codes_map_to_three_qualities() -> None:
    codes = (0, StatusCodes.GoodClamped, StatusCodes.UncertainInitialValue, StatusCodes.BadOutOfService)
    assert [quality(ua.StatusCode(ua.UInt32(code))) for code in codes] == ["good", "good", "uncertain", "bad"]
    assert quality(None) == "good"
    assert overflowed(ua.StatusCode(ua.UInt32(0x480)))
    assert not overflowed(ua.StatusCode(ua.UInt32(0)))
