"""What 10,000 OPC UA nodes that change once a second cost the agent: CPU per value, memory, time to subscribe.

    .venv/bin/python -m bench.opcua [nodes] [seconds]

The server is a process of its own, signed and encrypted; only the agent's process is measured.
"""

import asyncio
import contextlib
import resource
import sys
import tempfile
import time
from datetime import UTC
from pathlib import Path

import msgspec
from asyncua import ua
from plantwright_agent.inputs.opcua.config import OpcUaConfig
from plantwright_agent.inputs.opcua.input import OpcUa
from plantwright_agent.secret import Secret

from tests.agent.opcua_server import PASSWORD, USER, Plant, certificates
from tests.agent.peer import free_port

SETTLE_SECONDS = 5.0


async def serve(folder: Path, port: int, count: int) -> None:
    plant = Plant(folder, port)
    await plant.start()
    for number in range(count):
        await plant.add(f"n{number}", 0.0)
    (folder / "ready").touch()
    value = 0.0
    while True:
        started, value = time.monotonic(), value + 1
        for number in range(count):
            moment = ua.DateTime.now(UTC)
            await plant.write(f"n{number}", ua.DataValue(ua.Variant(value), SourceTimestamp=moment))
            if number % 200 == 0:
                await asyncio.sleep(0)
        await asyncio.sleep(max(0.0, 1.0 - (time.monotonic() - started)))


async def measure(folder: Path, port: int, count: int, seconds: float, mode: str) -> str:
    nodes = [{"node_id": f"ns=2;s=n{number}", "metric_name": f"n{number}"} for number in range(count)]
    document = {
        "endpoint": f"opc.tcp://127.0.0.1:{port}/plant",
        "username": USER,
        "password": Secret(PASSWORD),
        "certificate": folder / "client.der",
        "private_key": folder / "client.pem",
        "server_certificate": folder / "server.der",
        "timeout": 60,
        "mode": mode,
        "poll_interval": 1,
        "nodes": nodes,
    }
    source = OpcUa(msgspec.convert(document, OpcUaConfig, dec_hook=lambda _, value: value), "BENCH")
    began, cpu = time.monotonic(), time.process_time()
    await source.start()
    startup = f"{time.monotonic() - began:.1f} s and {time.process_time() - cpu:.1f} s of CPU to start"
    taken = await _count(source, SETTLE_SECONDS)
    cpu, began = time.process_time(), time.monotonic()
    taken = await _count(source, seconds)
    spent, lasted = time.process_time() - cpu, time.monotonic() - began
    await source.stop()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    return (
        f"{mode}: {count} nodes, {startup}; {taken / lasted:.0f} values/s, {spent / max(taken, 1) * 1e6:.1f} µs of CPU"
        f" per value, {spent / lasted:.0%} of a core, at most {memory:.0f} MB"
    )


async def _count(source: OpcUa, seconds: float) -> int:
    taken = 0

    async def take() -> None:
        nonlocal taken
        async for collected in source.collect():
            taken += len(collected.samples)

    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(take(), seconds)
    return taken


async def main(count: int, seconds: float) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name), free_port()
        await certificates(folder)
        server = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bench.opcua", "serve", name, str(port), str(count)
        )
        try:
            while not (folder / "ready").exists():  # noqa: ASYNC110 - another process makes it
                await asyncio.sleep(0.2)
            for mode in ("subscribe", "poll"):
                print(await measure(folder, port, count, seconds, mode))
        finally:
            server.kill()
            await server.wait()


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        asyncio.run(serve(Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])))
    else:
        asyncio.run(main(int((sys.argv[1:2] or ["10000"])[0]), float((sys.argv[2:3] or ["20"])[0])))
