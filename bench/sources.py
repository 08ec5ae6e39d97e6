"""What polling many devices costs the server: `plantwright sources` against simulated Modbus TCP devices.

The last line is one JSON object. `polled_within_s`: from the start of the process until every source is polled.
`readings_per_second`: stored. `share_of_core`, `mb`: of the one process that polls. `transactions_per_second`,
`statements_per_second`: on PostgreSQL, the latter counted in its log for a few seconds. `taken_over_within_s`: from
`kill -9` of the process until a second one, started a moment before, has every source. Devices, database and processes
share the machine's cores.
"""

import argparse
import asyncio
import contextlib
import json
import multiprocessing
import os
import socket
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
from agent_process import cpu_seconds, memory_bytes
from plant import Plant, make_tenant_with_key, running_servers
from plantwright.core.database import Database
from plantwright.core.vault import Purpose, Vault
from plantwright.journal.service import Journal
from plantwright.sources import service
from plantwright.sources.addresses import DeviceGuard, parse_networks
from plantwright.sources.configuration import Device
from plantwright.sources.models import SourceProtocol
from plantwright.sources.tags import TagDraft
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

NETWORKS = "127.0.0.0/8"
LONGEST_WAIT = 180.0
COUNTING_SECONDS = 5.0
SETTINGS = {
    "unit_id": 1,
    "timeout": 3.0,
    "request_pause": 0.0,
    "max_registers": 125,
    "max_gap": 0,
    "poll_interval": 1.0,
}
POLLED = "SELECT count(*) FROM ingest_source_runtime WHERE lease_until > now() AND state = 'ok' AND holder <> $1"
NOBODY = "00000000-0000-0000-0000-000000000000"


def serve(devices: int, tags: int, found: "multiprocessing.Queue[list[int]]") -> None:
    """As many devices, each with a port of its own, in one process."""

    async def run() -> None:
        ports = free_ports(devices)
        for port in ports:
            data = [SimData(0, values=[0] * tags, datatype=DataType.REGISTERS)]
            await ModbusTcpServer(SimDevice(1, simdata=data), address=("127.0.0.1", port)).listen()
        found.put(ports)
        await asyncio.Event().wait()

    asyncio.run(run())


def free_ports(count: int) -> list[int]:
    """All different: each is held until the last is found."""
    with contextlib.ExitStack() as held:
        probes = [held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [int(probe.getsockname()[1]) for probe in probes]


async def make_sources(plant: Plant, owner: asyncpg.Connection, ports: list[int], tags: int) -> None:
    tenant_id, actor_id = await owner.fetchrow("SELECT tenant_id, id FROM user_account")
    [machine_id] = await owner.fetchrow("SELECT id FROM machine")
    database, journal = Database(plant.settings.role_url("app")), Journal(plant.settings.audit_key_material())
    tools = service.Tools(
        journal, Vault(Purpose.SOURCES, plant.settings.key_material()), DeviceGuard(parse_networks(NETWORKS))
    )
    for number, port in enumerate(ports):
        drafts = [TagDraft(f"holding:{tag}", f"m{number}_{tag}", "mm/s", scale=0.1) for tag in range(tags)]
        device = Device(SourceProtocol.MODBUS_TCP, f"127.0.0.1:{port}", SETTINGS)
        async with database.transaction(tenant_id) as work:
            await service.create(work, tools, actor_id, machine_id=machine_id, device=device, tags=drafts)
    await database.close()


@contextmanager
def polling(plant: Plant) -> Generator[subprocess.Popen[bytes]]:
    environment = os.environ | plant.environment | {"PLANTWRIGHT_SOURCE_NETWORKS": NETWORKS}
    process = subprocess.Popen([sys.executable, "-m", "plantwright.cli", "sources"], env=environment)
    try:
        yield process
    finally:
        process.kill()
        process.wait(20)


async def until_polled(owner: asyncpg.Connection, sources: int, other_than: str = NOBODY) -> float:
    """Seconds until somebody else than this holder polls every source."""
    began = time.monotonic()
    while await owner.fetchval(POLLED, other_than) < sources:
        if time.monotonic() - began > LONGEST_WAIT:
            raise RuntimeError(f"not every source is polled after {LONGEST_WAIT:.0f} s")
        await asyncio.sleep(0.2)
    return time.monotonic() - began


async def measure(owner: asyncpg.Connection, log: Path, pid: int, seconds: float) -> dict[str, float]:
    before = [await stored(owner), await transactions(owner), cpu_seconds(pid)]
    began = time.monotonic()
    await asyncio.sleep(seconds)
    after = [await stored(owner), await transactions(owner), cpu_seconds(pid)]
    lasted = time.monotonic() - began
    readings, committed, spent = ((new - old) / lasted for old, new in zip(before, after, strict=True))
    return {
        "readings_per_second": round(readings),
        "share_of_core": round(spent, 3),
        "mb": round(memory_bytes(pid) / 1e6, 1),
        "transactions_per_second": round(committed, 1),
        "statements_per_second": round(await statements(owner, log), 1),
    }


async def stored(owner: asyncpg.Connection) -> float:
    return float(await owner.fetchval('SELECT coalesce(sum(cardinality("values")), 0) FROM segment'))


async def transactions(owner: asyncpg.Connection) -> float:
    counted = "SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()"
    return float(await owner.fetchval(counted))


async def statements(owner: asyncpg.Connection, log: Path) -> float:
    """A second, of everybody, for as long as every statement is logged."""
    await owner.execute("ALTER SYSTEM SET log_statement = 'all'")
    await owner.execute("SELECT pg_reload_conf()")
    await asyncio.sleep(1)
    before = logged(log)
    await asyncio.sleep(COUNTING_SECONDS)
    counted = logged(log) - before
    await owner.execute("ALTER SYSTEM RESET log_statement")
    await owner.execute("SELECT pg_reload_conf()")
    return counted / COUNTING_SECONDS


def logged(log: Path) -> int:
    """Statements in the log of PostgreSQL."""
    lines = log.read_bytes().splitlines()
    return sum(b"LOG:  execute " in line or b"LOG:  statement: " in line for line in lines)


async def run(plant: Plant, ports: list[int], tags: int, seconds: float) -> dict[str, float]:
    owner = await asyncpg.connect(plant.settings.owner_url())
    try:
        await make_sources(plant, owner, ports, tags)
        with polling(plant) as first:
            figures = {"polled_within_s": round(await until_polled(owner, len(ports)), 1)}
            figures |= await measure(owner, plant.services.data_dir / "logs" / "postgres.log", first.pid, seconds)
            holder = str(await owner.fetchval("SELECT holder FROM ingest_source_runtime LIMIT 1"))
            with polling(plant):
                await asyncio.sleep(3)
                first.kill()
                figures["taken_over_within_s"] = round(await until_polled(owner, len(ports), holder), 1)
    finally:
        await owner.close()
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sources", type=int, default=200)
    parser.add_argument("--tags", type=int, default=20, help="of each source, once a second")
    parser.add_argument("--seconds", type=float, default=15.0, help="to watch")
    options = parser.parse_args()
    found: multiprocessing.Queue[list[int]] = multiprocessing.Queue()
    devices = multiprocessing.Process(target=serve, args=(options.sources, options.tags, found), daemon=True)
    devices.start()
    try:
        with running_servers() as plant:
            asyncio.run(make_tenant_with_key(plant, 1))
            print(json.dumps(asyncio.run(run(plant, found.get(timeout=60), options.tags, options.seconds))))
    finally:
        devices.terminate()
        devices.join()


if __name__ == "__main__":
    main()
