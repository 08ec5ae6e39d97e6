"""A hundred devices that take a connection and then say nothing: what is alive goes on, and so do reload and stop."""

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.agent.peer import Peer
from tests.agent.support import until
from tests.agent.test_reload import Site, running, states

DEAD = 100
MODBUS = """
[[source]]
name = "d{number}"
machine_identifier = "D"
protocol = "modbus"
[source.modbus]
host = "127.0.1.{number}"
port = {port}
timeout = 1
registers = [{{ address = 0, metric_name = "x" }}]
"""
OPCUA = """
[[source]]
name = "d{number}"
machine_identifier = "D"
protocol = "opcua"
[source.opcua]
endpoint = "opc.tcp://127.0.1.{number}:{port}"
security_mode = "None"
timeout = 1
nodes = [{{ node_id = "ns=2;i=1", metric_name = "x" }}]
"""


@pytest.fixture
def silent_port() -> Iterator[int]:
    """Connections are taken by the system; nobody ever answers."""
    with socket.socket() as listener:
        listener.bind(("0.0.0.0", 0))  # noqa: S104 - each device has a loopback address of its own
        listener.listen(4 * DEAD)
        yield listener.getsockname()[1]


async def test_dead_devices_slow_nobody(tmp_path: Path, peer: Peer, silent_port: int) -> None:
    site = Site(tmp_path, peer.url)
    site.add("a")
    site.measure("a", 1.0)
    for number in range(DEAD):
        text = MODBUS if number % 2 else OPCUA
        site.sources[f"d{number}"] = text.format(number=number, port=silent_port)
    async with running(site):
        await until(lambda: list(states(site).values()).count("recoverable") == DEAD, within=60)
        for value in range(2, 12):
            site.measure("a", float(value))
            await asyncio.sleep(0.2)
        await until(lambda: peer.values("a") == [float(value) for value in range(1, 12)])
        site.add("b")
        site.measure("b", 1.0)
        del site.sources["d7"]
        site.write()
        await until(lambda: states(site).get("b") == "ok" and "d7" not in states(site))
        await until(lambda: peer.values("b") == [1.0])
    assert set(states(site).values()) == {"stopped"}
