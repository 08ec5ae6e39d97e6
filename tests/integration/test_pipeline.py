"""From a reading over HTTP to an alert in a subscription, through real processes."""

import asyncio
import time

import httpx
from plantwright.journal.service import Journal
from plantwright.readings.repository import settled_position
from sqlalchemy import text

from tests.conftest import Databases
from tests.factories import MachineFactory, MadeTenant
from tests.graphql_client import GraphQLClient
from tests.integration.plant import METRIC, Sender
from tests.integration.subscriber import connected
from tests.stack import Stack

ALERTS = """
subscription Alerts($since: BigInt) {
  alerts(since: $since) {
    cursor action
    alert { id severity state cause occurrences message metric unit value machine { id status healthScore } }
  }
}"""
READINGS = """
subscription Readings($machine: ID!, $since: String) {
  readings(machineId: $machine, since: $since) { cursor machineId series { metric times values } }
}"""
CONSUMED = "SELECT position FROM consumer_cursor WHERE consumer = 'detection'"


async def token_of(stack: Stack, tenant: MadeTenant) -> str:
    async with httpx.AsyncClient(base_url=stack.url) as client:
        return await GraphQLClient(client).login(tenant)


async def wait_until_judged(databases: Databases, tenant: MadeTenant) -> None:
    """Until the detectors have passed everything that is stored now."""

    async with databases.app.reading(tenant.id) as work:
        stored = (await work.execute(text("SELECT max(flush_id) FROM segment"))).scalar_one()
    async with asyncio.timeout(60):
        while True:
            async with databases.app.reading(tenant.id) as work:
                position = (await work.execute(text(CONSUMED))).scalar_one_or_none()
                await settled_position(work)
            if position is not None and position >= stored:
                return
            await asyncio.sleep(0.05)


async def test_a_spike_becomes_an_alert_within_two_seconds(
    stack: Stack, databases: Databases, journal: Journal, tenant: MadeTenant, make_machine: MachineFactory
) -> None:
    """The quickest of three counts, since there may be other work. A lost wake-up call would slow all three."""
    senders = [await Sender.make(stack.url, databases, journal, tenant, make_machine) for _ in range(3)]
    for sender in senders:
        await sender.send_normal()
    await wait_until_judged(databases, tenant)
    seconds = []
    async with connected(stack.websocket_url, await token_of(stack, tenant)) as subscriber:
        await subscriber.subscribe(ALERTS)
        await asyncio.sleep(0.5)
        for sender in senders:
            answer = await sender.send_spike()
            accepted = time.monotonic()
            assert answer.json() == {"accepted_count": 1, "rejected_count": 0, "errors": []}
            event = (await subscriber.data(30))["alerts"]
            seconds.append(time.monotonic() - accepted)
            assert event["action"] == "alert.raised"
            alert = event["alert"]
            found = (alert["cause"], alert["metric"], alert["unit"], alert["value"])
            assert found == ("RATE_OF_CHANGE", METRIC, "mm/s", 9.0)
            assert alert["machine"]["id"] == str(sender.machine.id)
    assert min(seconds) < 2


async def test_alerts_missed_during_a_break_come_first_after_it(
    stack: Stack, databases: Databases, journal: Journal, tenant: MadeTenant, make_machine: MachineFactory
) -> None:
    sender = await Sender.make(stack.url, databases, journal, tenant, make_machine)
    await sender.send_normal()
    await wait_until_judged(databases, tenant)
    await sender.send_spike()
    await wait_until_judged(databases, tenant)
    token = await token_of(stack, tenant)
    async with connected(stack.websocket_url, token) as subscriber:
        await subscriber.subscribe(ALERTS, {"since": 0})
        first = (await subscriber.data())["alerts"]
    async with connected(stack.websocket_url, token) as subscriber:
        await subscriber.subscribe(ALERTS, {"since": first["cursor"] - 1})
        again = (await subscriber.data())["alerts"]
    assert (again["cursor"], again["action"]) == (first["cursor"], "alert.raised")


async def test_readings_arrive_as_columns_and_resume_without_loss(
    stack: Stack, databases: Databases, journal: Journal, tenant: MadeTenant, make_machine: MachineFactory
) -> None:
    sender = await Sender.make(stack.url, databases, journal, tenant, make_machine)
    token = await token_of(stack, tenant)
    machine = {"machine": str(sender.machine.id)}
    async with connected(stack.websocket_url, token) as subscriber:
        await subscriber.subscribe(READINGS, machine)
        await asyncio.sleep(0.5)
        await sender.send([1_000 + time.time_ns() // 1_000_000], [1.5])
        frame = (await subscriber.data())["readings"]
        assert frame["series"][0]["values"] == [1.5]
    now = time.time_ns() // 1_000_000
    await sender.send([now - 2000, now - 1000], [2.5, 3.5])
    async with connected(stack.websocket_url, token) as subscriber:
        await subscriber.subscribe(READINGS, machine | {"since": frame["cursor"]})
        resumed = (await subscriber.data())["readings"]
    assert resumed["series"][0]["values"] == [2.5, 3.5]
    assert resumed["series"][0]["times"] == [now - 2000, now - 1000]
