"""A real agent process that polls real Modbus TCP devices: its share of a core and its memory."""

import asyncio
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bodies import METRICS, machine_name, metric_name
from plant import Plant, running_api
from plantwright.embedded.ports import free_port
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

TAGS_PER_DEVICE = 500
SETTLE_SECONDS = 8.0
TICKS = os.sysconf("SC_CLK_TCK")


def serve(port: int, devices: int) -> None:
    async def run() -> None:
        registers = [number % 60_000 for number in range(TAGS_PER_DEVICE)]
        data = [SimData(0, values=registers, datatype=DataType.REGISTERS)]
        units = [SimDevice(unit, simdata=data) for unit in range(1, devices + 1)]
        server = ModbusTcpServer(units, address=("127.0.0.1", port))
        await server.serve_forever()

    asyncio.run(run())


def configuration(port: int, api: int, key: str, tags: int) -> str:
    parts = [f'[agent]\napi_key = "{key}"\napi_url = "http://127.0.0.1:{api}"\npush_interval = 5\nbuffer_dir = "b"\n']
    for device in range(-(-tags // TAGS_PER_DEVICE)):
        parts.append(
            f'[[source]]\nname = "d{device}"\nmachine_identifier = "BENCH-000"\nprotocol = "modbus"\n'
            f'[source.modbus]\nhost = "127.0.0.1"\nport = {port}\nunit_id = {device + 1}\npoll_interval = 1\n'
        )
        for number in range(min(TAGS_PER_DEVICE, tags)):
            tag = device * TAGS_PER_DEVICE + number
            parts.append(
                f"[[source.modbus.registers]]\naddress = {number}\nscale = 0.1\nunit = 'mm/s'\n"
                f"machine_identifier = '{machine_name(tag // METRICS)}'\nmetric_name = '{metric_name(tag % METRICS)}'\n"
            )
    return "".join(parts)


def measure(plant: Plant, key: str, tags: int, seconds: float) -> dict[str, float]:
    """CPU of the agent's process alone; the server it sends to only parses."""
    port = free_port()
    devices = multiprocessing.Process(target=serve, args=(port, -(-tags // TAGS_PER_DEVICE)), daemon=True)
    devices.start()
    with tempfile.TemporaryDirectory() as place, running_api(plant, "reference_doors:create_parse_only") as api:
        file = Path(place) / "agent.toml"
        file.write_text(configuration(port, api, key, tags))
        file.chmod(0o600)
        agent = subprocess.Popen(
            [sys.executable, "-m", "plantwright_agent", "run", "--config", str(file)], stderr=subprocess.DEVNULL
        )
        try:
            time.sleep(SETTLE_SECONDS)
            spent, began, sent = cpu_seconds(agent.pid), time.monotonic(), _acknowledged(place)
            time.sleep(seconds)
            spent, lasted, sent = cpu_seconds(agent.pid) - spent, time.monotonic() - began, _acknowledged(place) - sent
            memory = memory_bytes(agent.pid)
        finally:
            agent.terminate()
            agent.wait(20)
            devices.terminate()
            devices.join()
    return {
        f"agent_{tags}_share_of_core": round(spent / lasted, 3),
        f"agent_{tags}_mb": round(memory / 1e6, 1),
        f"agent_{tags}_sent_per_second": round(sent / lasted),
    }


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def memory_bytes(pid: int) -> int:
    line = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) * 1024


def _acknowledged(place: str) -> int:
    document = json.loads((Path(place) / "b" / "status.json").read_text())
    return sum(source.get("acknowledged", 0) for source in document["sources"])
