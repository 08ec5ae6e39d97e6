"""What the tests of the running plant share."""

import asyncio
from collections.abc import Awaitable, Callable

from plantwright.demo.fault_store import FaultStore
from plantwright.demo.faults import make_fault

WAIT_SECONDS = 6.0
NOON_MS = 1_768_392_000_000


def drop_link(store: FaultStore, machine: str) -> None:
    store.start(make_fault(machine, "dropped_link", NOON_MS))


def restore_link(store: FaultStore, machine: str) -> None:
    store.clear(make_fault(machine, "dropped_link", NOON_MS))


async def wait_until(condition: Callable[[], Awaitable[bool]]) -> None:
    """Ask until it is so; fails after WAIT_SECONDS."""
    async with asyncio.timeout(WAIT_SECONDS):
        while not await condition():  # noqa: ASYNC110 - what is waited for happens outside this loop
            await asyncio.sleep(0.1)
