"""Who shares frames with whom, and that shared frames are what each would have got alone."""

import asyncio
import time
from contextlib import AsyncExitStack
from typing import Any

import pytest
from plantwright.identity.models import Role

from tests.backend.graphql.live.conftest import LiveServer
from tests.factories import MadeTenant, TenantFactory
from tests.integration.plant import METRIC, Sender
from tests.integration.subscriber import Subscriber

READINGS = """
subscription Readings($machine: ID!, $since: String, $rate: Float! = 10, $metrics: [String!]) {
  readings(machineId: $machine, since: $since, maxRate: $rate, metrics: $metrics) {
    cursor series { metric unit times values }
  }
}"""
INTRICATE = """
query Other { viewer { user { id } } }
subscription Live($machine: ID!, $since: String, $plain: Boolean!, $wide: Boolean! = true) {
  live: readings(machineId: $machine, since: $since, maxRate: 10) { ...Frame place: cursor @skip(if: $plain) }
}
fragment Frame on ReadingsFrame { __typename machineId series { ...Columns ... on Series { resolution } } }
fragment Columns on Series { name: metric times values unit @include(if: $wide) }
"""


def now_ms() -> int:
    return time.time_ns() // 1_000_000


async def values_of(subscriber: Subscriber, count: int) -> list[float]:
    """The next so many values, from as many frames as it takes."""
    values: list[float] = []
    while len(values) < count:
        for series in (await subscriber.data())["readings"]["series"]:
            values += series["values"]
    return values


async def send(sender: Sender, value: float) -> None:
    answer = await sender.send([now_ms()], [value])
    assert answer.status_code == 207, answer.text


async def test_a_frame_is_made_once_however_many_get_it(live: LiveServer, tenant: MadeTenant) -> None:
    sender = await live.sender(tenant)
    async with AsyncExitStack() as stack:
        subscribers = [await stack.enter_async_context(live.subscriber(tenant)) for _ in range(5)]
        for number, subscriber in enumerate(subscribers):
            await subscriber.subscribe(READINGS, {"machine": str(sender.machine.id)}, key=f"key {number} \u2603")
        await live.wait_for_members(5)
        [group] = live.groups.groups
        await send(sender, 0)
        for subscriber in subscribers:
            assert await values_of(subscriber, 1) == [0]
        made = group.frames_made
        for value in (1.0, 2.0, 3.0):
            await send(sender, value)
            messages = [await subscriber.next() for subscriber in subscribers]
            assert [message["id"] for message in messages] == [f"key {number} \u2603" for number in range(5)]
            payloads = [message["payload"] for message in messages]
            assert payloads[0]["data"]["readings"]["series"][0]["values"] == [value]
            assert payloads == [payloads[0]] * 5
        assert group.frames_made == made + 3


@pytest.mark.parametrize(
    ("variables", "document", "is_shared"),
    [
        ({}, READINGS, True),
        ({"since": "0"}, READINGS, True),
        ({"rate": 5.0}, READINGS, False),
        ({"metrics": [METRIC]}, READINGS, False),
        ({}, READINGS.replace("unit", ""), False),
        ({}, READINGS.replace("since: $since", 'since: "0"').replace("$since: String,", ""), False),
    ],
    ids=["same", "other cursor", "other rate", "metrics named", "other fields", "cursor in the document"],
)
async def test_what_is_shared(
    live: LiveServer, tenant: MadeTenant, variables: dict[str, Any], document: str, *, is_shared: bool
) -> None:
    sender = await live.sender(tenant)
    machine = {"machine": str(sender.machine.id)}
    async with live.subscriber(tenant) as one, live.subscriber(tenant) as other:
        await one.subscribe(READINGS, machine)
        await other.subscribe(document, machine | variables)
        await live.wait_for_members(2)
        assert len(live.groups.groups) == (1 if is_shared else 2)
        await send(sender, 7)
        assert await values_of(one, 1) == await values_of(other, 1) == [7]


async def test_roles_do_not_share(live: LiveServer, tenant: MadeTenant) -> None:
    sender = await live.sender(tenant)
    machine = {"machine": str(sender.machine.id)}
    async with live.subscriber(tenant) as viewer, live.subscriber(tenant, Role.ADMIN) as admin:
        await viewer.subscribe(READINGS, machine)
        await admin.subscribe(READINGS, machine)
        await live.wait_for_members(2)
        assert {group.key.role for group in live.groups.groups} == {Role.VIEWER, Role.ADMIN}


async def test_tenants_never_share(live: LiveServer, tenant: MadeTenant, make_tenant: TenantFactory) -> None:
    """The same document and variables: the owner is served, the other learns nothing, before and after."""
    stranger = await make_tenant()
    sender, own = await live.sender(tenant), await live.sender(stranger)
    machine = {"machine": str(sender.machine.id)}
    async with live.subscriber(tenant) as owner, live.subscriber(stranger) as other:
        await owner.subscribe(READINGS, machine)
        await live.wait_for_members(1)
        await other.subscribe(READINGS, machine)
        refusal = await other.next()
        assert refusal["payload"]["errors"][0]["extensions"]["code"] == "NOT_FOUND"
        assert (await other.next())["type"] == "complete"
        await other.subscribe(READINGS, {"machine": str(own.machine.id)}, key="own")
        await live.wait_for_members(2)
        assert {group.key.tenant_id for group in live.groups.groups} == {tenant.id, stranger.id}
        await send(sender, 1)
        await send(own, 2)
        assert await values_of(owner, 1) == [1]
        assert await values_of(other, 1) == [2]


async def test_fragments_aliases_and_directives_are_executed_as_alone(live: LiveServer, tenant: MadeTenant) -> None:
    sender = await live.sender(tenant)
    variables = {"machine": str(sender.machine.id), "plain": True}
    async with live.subscriber(tenant) as one, live.subscriber(tenant) as other, live.subscriber(tenant) as alone:
        for subscriber in (one, other):
            await subscriber.subscribe(INTRICATE, variables, operation="Live")
        await live.wait_for_members(2)
        [group] = live.groups.groups
        await send(sender, 1)
        first = [await one.data(), await other.data()]
        made = group.frames_made
        await send(sender, 2.5)
        shared = [await one.data(), await other.data()]
        assert group.frames_made == made + 1
        assert first[0] == first[1]
        assert shared[0] == shared[1]
        await alone.subscribe(INTRICATE, variables | {"since": "0"}, operation="Live")
        stored = await alone.data()
        [caught_up], [live_series] = stored["live"]["series"], shared[0]["live"]["series"]
        assert list(stored["live"]) == list(shared[0]["live"]) == ["__typename", "machineId", "series"]
        assert caught_up["values"] == [1, 2.5]
        assert caught_up | {"times": caught_up["times"][1:], "values": [2.5]} == live_series


@pytest.mark.parametrize("rate", [0, -1, 10.5, 1e300])
async def test_a_rate_out_of_bounds_is_refused(live: LiveServer, tenant: MadeTenant, rate: float) -> None:
    sender = await live.sender(tenant)
    async with live.subscriber(tenant) as subscriber:
        await subscriber.subscribe(READINGS, {"machine": str(sender.machine.id), "rate": rate})
        [error] = (await subscriber.next())["payload"]["errors"]
        assert error["message"] == "maxRate is in frames per second: above 0, at most 10."
        assert error["extensions"]["code"] == "VALIDATION_FAILED"
        assert (await subscriber.next())["type"] == "complete"
        assert live.groups.groups == []


async def test_a_slow_rate_gathers_many_commits_in_a_frame(live: LiveServer, tenant: MadeTenant) -> None:
    sender = await live.sender(tenant)
    async with live.subscriber(tenant) as subscriber:
        await subscriber.subscribe(READINGS, {"machine": str(sender.machine.id), "rate": 0.25})
        await live.wait_for_members(1)
        await send(sender, 0)
        assert await values_of(subscriber, 1) == [0]
        for value in range(1, 6):
            await send(sender, value)
        [series] = (await subscriber.data())["readings"]["series"]
        assert series["values"] == [1, 2, 3, 4, 5]


async def test_the_group_ends_with_its_last_subscriber(live: LiveServer, tenant: MadeTenant) -> None:
    sender = await live.sender(tenant)
    machine = {"machine": str(sender.machine.id)}
    async with live.subscriber(tenant) as stays:
        async with live.subscriber(tenant) as goes:
            await stays.subscribe(READINGS, machine)
            await goes.subscribe(READINGS, machine)
            await live.wait_for_members(2)
            [group] = live.groups.groups
        await live.wait_for_members(1)
        await send(sender, 1)
        assert await values_of(stays, 1) == [1]
        await stays.complete()
        await live.wait_until(lambda: live.groups.groups == [])
        await live.wait_until(group.task.done)
        assert group.task.cancelled()
        await asyncio.sleep(0)
        await stays.subscribe(READINGS, machine)
        await live.wait_for_members(1)
        assert live.groups.groups != [group]
