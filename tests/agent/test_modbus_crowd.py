"""A hundred dead devices beside a live one: the dead ones slow nobody."""

import asyncio
import resource
import socket
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, field

import pytest
from plantwright_agent.inputs.modbus_tcp.config import ModbusConfig
from plantwright_agent.inputs.modbus_tcp.input import ModbusTcp
from plantwright_agent.samples import Collected
from plantwright_agent.supervision.supervisor import SourceTask

from tests.agent.modbus_plant import ONE, config, registers_frame, rogue
from tests.agent.support import until

TAGS = 10_000
POLLS = 8


@dataclass
class Counting:
    """A sink that counts samples and gaps and remembers when each poll of a source was whole."""

    samples: Counter[str] = field(default_factory=Counter)
    gaps: Counter[str] = field(default_factory=Counter)

    async def add(self, stream: str, collected: Collected) -> None:
        self.samples[stream] += len(collected.samples)
        self.gaps[stream] += len(collected.gaps)

    async def wait_for_room(self) -> None:
        return


@asynccontextmanager
async def sources(sink: Counting, settings: dict[str, ModbusConfig]) -> AsyncIterator[dict[str, SourceTask]]:
    def build(name: str) -> SourceTask:
        return SourceTask(name, lambda: ModbusTcp(settings[name], "M"), sink, live=True)

    built = {name: build(name) for name in settings}
    running = [asyncio.create_task(source.run()) for source in built.values()]
    try:
        yield built
    finally:
        await asyncio.gather(*(source.stop() for source in built.values()))
        await asyncio.wait_for(asyncio.gather(*running), 20)


def live(request: bytes) -> bytes:
    """125 registers of whatever is asked, all from their address on."""
    start, count = int.from_bytes(request[8:10], "big"), int.from_bytes(request[10:12], "big")
    return registers_frame(request, *range(start, start + count))


@contextmanager
def closed_port() -> Iterator[int]:
    """A port that refuses, and that nobody else can take meanwhile."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


def cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


@pytest.mark.timeout(180)
async def test_a_hundred_dead_devices_slow_nobody() -> None:
    """Refused, silent, full and out of reach: the live device is polled in its rhythm all the same."""
    sink = Counting()
    registers = [{"address": number, "metric_name": f"m{number}"} for number in range(TAGS)]
    async with AsyncExitStack() as stack:
        port = await stack.enter_async_context(rogue(live))
        mute = [await stack.enter_async_context(rogue(lambda _: None)) for _ in range(34)]
        closed = [stack.enter_context(closed_port()) for _ in range(33)]
        full = stack.enter_context(closing(socket.create_server(("127.0.0.1", 0), backlog=0)))
        stack.enter_context(closing(socket.create_connection(full.getsockname())))
        dead = {
            **{f"refused-{number}": config(closed_port, ONE) for number, closed_port in enumerate(closed)},
            **{f"mute-{number}": config(mute_port, ONE) for number, mute_port in enumerate(mute)},
            **{f"gone-{number}": config(502, ONE, host=f"192.0.2.{number + 1}") for number in range(16)},
            **{f"nameless-{number}": config(502, ONE, host=f"plc-{number}.invalid") for number in range(16)},
            "full": config(full.getsockname()[1], ONE),
        }
        assert len(dead) == 100
        settings = dead | {"live": config(port, registers, poll_interval=1.0, timeout=2.0)}
        began, cpu = time.monotonic(), cpu_seconds()
        running = await stack.enter_async_context(sources(sink, settings))
        await until(lambda: sink.samples["live"] >= POLLS * TAGS, within=60)
        took, used = time.monotonic() - began, cpu_seconds() - cpu
        assert running["live"].health.state == "ok"
        assert [name for name in dead if running[name].health.state != "recoverable"] == []
    print(f"{POLLS} polls of {TAGS} tags in {took:.1f} s, {used / took:.0%} of one core, servers included")  # noqa: T201
    assert sink.gaps["live"] == 0
    assert sink.samples["live"] >= POLLS * TAGS
    assert [name for name in dead if not sink.gaps[name]] == []
