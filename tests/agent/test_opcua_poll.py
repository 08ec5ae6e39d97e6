"""Polling: what it reads, how much at once, and the servers it is for."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from asyncua import ua
from asyncua.common.utils import ServiceError
from asyncua.server.subscription_service import SubscriptionService
from asyncua.ua.object_ids import ObjectIds
from asyncua.ua.status_codes import StatusCodes
from asyncua.ua.uaerrors import UaError
from plantwright_agent.errors import PermanentInputError, RetryableInputError
from plantwright_agent.inputs.opcua.input import OpcUa
from plantwright_agent.inputs.opcua.limits import Limits, in_chunks

from tests.agent.opcua_server import Plant
from tests.agent.opcua_support import config, node, subscribed, values
from tests.agent.peer import free_port
from tests.agent.support import buffered, until

pytestmark = pytest.mark.asyncio(loop_scope="module")

MANY = 250


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def server(pki: Path) -> AsyncIterator[Plant]:
    """Takes at most 40 nodes in a read and 30 in a call for monitored items, and says so."""
    made = Plant(pki, free_port())
    await made.start()
    for number in range(MANY):
        await made.add(f"n{number}", float(number))
    limits = {
        ObjectIds.Server_ServerCapabilities_OperationLimits_MaxNodesPerRead: 40,
        ObjectIds.Server_ServerCapabilities_OperationLimits_MaxMonitoredItemsPerCall: 30,
    }
    for number, most in limits.items():
        value = ua.DataValue(ua.Variant(most, ua.VariantType.UInt32))
        await made.server.write_attribute_value(ua.NodeId(ua.Int32(number)), value)
    yield made
    await made.stop()


@pytest.fixture
def sizes(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> dict[str, list[int]]:
    """How many nodes the server was asked for at once."""
    from asyncua.server.internal_session import InternalSession  # noqa: PLC0415 - only looked at here

    seen: dict[str, list[int]] = {"read": [], "monitor": []}
    read, monitor = InternalSession.read, SubscriptionService.create_monitored_items

    async def counted_read(self: InternalSession, parameters: ua.ReadParameters) -> Any:
        seen["read"].append(len(parameters.NodesToRead))
        return await read(self, parameters)

    async def counted_monitor(self: SubscriptionService, parameters: ua.CreateMonitoredItemsParameters) -> Any:
        seen["monitor"].append(len(parameters.ItemsToCreate))
        return await monitor(self, parameters)

    monkeypatch.setattr(InternalSession, "read", counted_read)
    monkeypatch.setattr(SubscriptionService, "create_monitored_items", counted_monitor)
    return seen


async def arrived(folder: Path, metric: str, value: float) -> None:
    await until(lambda: values(folder, metric)[-1:] == [value])


async def test_changes_arrive_and_what_has_not_changed_does_not_come_twice(
    folder: Path, pki: Path, plant: Plant
) -> None:
    await plant.write_at("level", 0.0, datetime.now(UTC))
    async with subscribed(folder, config(pki, plant.url, mode="poll", poll_interval=0.1)) as source:
        for number in range(1, 6):
            await plant.write("temperature", float(number))
            await arrived(folder, "temperature", float(number))
        await until(lambda: source.health.state == "ok")
    assert len(values(folder, "level")) == 1


async def test_the_deadband_of_a_polled_node_is_kept_by_the_agent(folder: Path, pki: Path, plant: Plant) -> None:
    nodes = [node("temperature", deadband=1.0), node("level")]
    async with subscribed(folder, config(pki, plant.url, nodes=nodes, mode="poll", poll_interval=0.1)):
        await until(lambda: len(buffered(folder)) == 2)
        for number in (0.5, 1.0, 1.5, 2.0, 2.6):
            await plant.write("temperature", number)
            await plant.write("level", number)
            await arrived(folder, "level", number)
        await until(lambda: values(folder, "temperature")[-1:] == [2.6])
    assert values(folder, "temperature") == [0.0, 1.5, 2.6]


async def test_the_deadband_of_a_subscribed_node_is_kept_by_the_server(folder: Path, pki: Path, plant: Plant) -> None:
    nodes = [node("temperature", deadband=1.0), node("level")]
    async with subscribed(folder, config(pki, plant.url, nodes=nodes)):
        await until(lambda: len(buffered(folder)) == 2)
        for number in (0.5, 1.6, 2.0, 4.0):
            await plant.write("temperature", number)
            await plant.write("level", number)
        await until(lambda: values(folder, "level")[-1:] == [4.0])
        await until(lambda: values(folder, "temperature")[-1:] == [4.0])
    assert values(folder, "temperature") == [0.0, 1.6, 4.0]


@pytest.mark.parametrize(("mode", "kind", "most"), [("poll", "read", 40), ("subscribe", "monitor", 30)])
async def test_a_server_is_never_asked_for_more_than_it_takes(
    folder: Path, pki: Path, plant: Plant, sizes: dict[str, list[int]], mode: str, kind: str, most: int
) -> None:
    nodes = [node(f"n{number}") for number in range(MANY)]
    async with subscribed(folder, config(pki, plant.url, nodes=nodes, mode=mode, poll_interval=60)):
        await until(lambda: len(buffered(folder)) == MANY)
    assert max(sizes[kind]) == most
    assert sorted(item["value"] for item in buffered(folder)) == [float(number) for number in range(MANY)]


@pytest.mark.parametrize(
    ("code", "error", "advice"),
    [
        (
            StatusCodes.BadTooManySubscriptions,
            RetryableInputError,
            "no room for a subscription; close one, or use mode",
        ),
        (StatusCodes.BadServiceUnsupported, PermanentInputError, 'has no subscriptions; use mode = "poll"'),
    ],
)
async def test_a_server_without_subscriptions_points_to_polling(
    pki: Path, plant: Plant, monkeypatch: pytest.MonkeyPatch, code: int, error: type[Exception], advice: str
) -> None:
    async def refuse(*_: object, **__: object) -> None:
        raise ServiceError(code)

    monkeypatch.setattr(SubscriptionService, "create_subscription", refuse)
    source = OpcUa(config(pki, plant.url), "M")
    with pytest.raises(error, match=advice):
        await source.start()
    await source.stop()
    polled = OpcUa(config(pki, plant.url, mode="poll"), "M")
    await polled.start()
    await polled.stop()


async def test_a_server_that_says_too_much_is_asked_for_less() -> None:
    sizes: list[int] = []

    async def ask(chunk: list[int]) -> list[int]:
        sizes.append(len(chunk))
        if len(chunk) > 60:
            raise ua.uaerrors.BadTooManyOperations
        return [number * 2 for number in chunk]

    limits = Limits()
    assert await in_chunks(limits, "read", range(250), ask) == [number * 2 for number in range(250)]
    assert limits.read == 31
    assert max(sizes[4:], default=0) <= 31


async def test_a_server_that_answers_too_little_is_not_believed() -> None:
    async def ask(chunk: list[int]) -> list[int]:
        return chunk[:-1]

    with pytest.raises(UaError, match="gave 9 answers to 10 questions"):
        await in_chunks(Limits(), "read", range(10), ask)


async def test_one_operation_that_is_too_much_is_an_error() -> None:
    async def ask(_: list[int]) -> list[int]:
        raise ua.uaerrors.BadResponseTooLarge

    with pytest.raises(ua.uaerrors.BadResponseTooLarge):
        await in_chunks(Limits(), "read", range(10), ask)


async def test_a_server_that_goes_away_is_noticed_while_polling(folder: Path, pki: Path) -> None:
    plant = Plant(pki, free_port())
    await plant.start()
    async with subscribed(folder, config(pki, plant.url, mode="poll", poll_interval=0.1, timeout=1)) as source:
        await until(lambda: source.health.state == "ok")
        await plant.stop()
        await until(lambda: source.health.state == "recoverable")
        await plant.start()
        await plant.write("temperature", 4.0)
        await until(lambda: values(folder, "temperature")[-1:] == [4.0], within=40)
    await plant.stop()
