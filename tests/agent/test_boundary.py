"""The agent only dials out, can only read, tells only what it was told to tell, and never shows a secret."""

import ast
import asyncio
import os
import re
import signal
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import plantwright_agent
import pytest
from asyncua import ua
from asyncua.client.client import Client
from asyncua.client.ua_client import UaClient
from asyncua.client.ua_session import UaSession
from asyncua.common.node import Node
from pymodbus.client import AsyncModbusTcpClient

from tests.agent.modbus_plant import Plant as ModbusPlant
from tests.agent.opcua_server import PASSWORD, USER, certificates
from tests.agent.opcua_server import Plant as OpcUaPlant
from tests.agent.peer import KEY, Peer, free_port, source_of
from tests.agent.support import until

PACKAGE = Path(plantwright_agent.__file__).parent
INPUTS = PACKAGE / "inputs"
MODULES = sorted(PACKAGE.rglob("*.py"))

# The only modules that may hold a client of a device, or a part of one.
MODBUS_CLIENT = {INPUTS / "modbus_tcp" / "reader.py"}
OPCUA_CLIENT = {INPUTS / "opcua" / "reader.py", INPUTS / "opcua" / "feed.py"}
OPCUA_HARMLESS = re.compile(r"asyncua\.(ua|crypto)(\.|$)")
OPCUA_REQUESTS = {
    "GetEndpointsRequest",
    "CreateSessionRequest",
    "ActivateSessionRequest",
    "CloseSessionRequest",
    "BrowseRequest",
    "BrowseNextRequest",
    "TranslateBrowsePathsToNodeIdsRequest",
    "ReadRequest",
    "CreateSubscriptionRequest",
    "DeleteSubscriptionsRequest",
    "CreateMonitoredItemsRequest",
    "DeleteMonitoredItemsRequest",
    "MonitoredItemCreateRequest",
    "PublishRequest",
    "RepublishRequest",
}
OPCUA_CHANGING = re.compile(
    r"^(write|call|set_(value|writable|read_only|attr|event|modelling)|add_|delete(?!_subscription|_monitored)"
    r"|history_update|register_|unregister_|load_|import_|copy|instantiate|activate_)"
)
OPCUA_CHANGING_TYPES = re.compile(r"^(Write|Call|AddNodes|AddReferences|Delete(Nodes|References)|HistoryUpdate)")
MODBUS_READING = {
    "read_coils",
    "read_discrete_inputs",
    "read_holding_registers",
    "read_input_registers",
    "connect",
    "connected",
    "close",
    "set_max_no_responses",
}
SERVERS = {"bind", "listen", "start_server", "start_unix_server", "create_server", "create_unix_server"}
READING_FUNCTIONS = {1, 2, 3, 4}
SENT = frozenset({"machine_identifier", "timestamp", "metric_name", "value", "unit", "quality"})
LISTENING = "0A"
ACCEPTS = 0x10000


def public(*classes: type) -> set[str]:
    return {name for item in classes for name in dir(item) if not name.startswith("_")}


def imports(tree: ast.AST) -> Iterator[str]:
    """Full names: `from asyncua import Client` is asyncua.Client."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def attributes(tree: ast.AST) -> set[str]:
    """Every name that is looked up on something, also by its text."""
    found = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "getattr":
            found |= {str(item.value) for item in node.args if isinstance(item, ast.Constant)}
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_module_can_write_to_a_device(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for name in imports(tree):
        if name.split(".")[0] == "pymodbus":
            assert INPUTS / "modbus_tcp" in path.parents, name
            assert path in MODBUS_CLIENT or "client" not in name.lower(), name
        if name.split(".")[0] == "asyncua":
            assert INPUTS / "opcua" in path.parents, name
            assert path in OPCUA_CLIENT or OPCUA_HARMLESS.match(name), name
            assert not name.startswith(("asyncua.server", "asyncua.sync", "asyncua.tools")), name
    if INPUTS not in path.parents:
        return
    used = attributes(tree)
    changing = {name for name in public(Client, Node, UaClient, UaSession) if OPCUA_CHANGING.match(name)}
    assert {"write", "write_value", "call", "call_method", "set_value", "add_nodes", "delete_nodes"} <= changing
    # A file is written by the same word; the service of that name cannot be used without one of the types below.
    assert used & (changing - {"write"}) == set()
    types = {name for name in dir(ua) if OPCUA_CHANGING_TYPES.match(name)}
    assert {"WriteValue", "WriteParameters", "CallMethodRequest", "AddNodesItem", "HistoryUpdateRequest"} <= types
    assert used & types == set()
    writing = {name for name in public(AsyncModbusTcpClient) if "write" in name or name == "execute"}
    assert {"write_register", "write_coils", "mask_write_register", "readwrite_registers"} <= writing
    assert used & writing == set()
    requests = {name for name in used if name.endswith("Request") and hasattr(ua, name)}
    assert requests <= OPCUA_REQUESTS


def test_the_modbus_client_is_only_asked_to_read() -> None:
    [path] = MODBUS_CLIENT
    used = attributes(ast.parse(path.read_text(encoding="utf-8")))
    assert used & public(AsyncModbusTcpClient) <= MODBUS_READING


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_module_opens_a_door(path: Path) -> None:
    assert not attributes(ast.parse(path.read_text(encoding="utf-8"))) & SERVERS


def sockets(pid: int) -> set[str]:
    """Inodes of the sockets a process holds."""
    found = set()
    for link in Path(f"/proc/{pid}/fd").iterdir():
        try:
            target = str(link.readlink())
        except OSError:
            continue
        if target.startswith("socket:["):
            found.add(target[8:-1])
    return found


def table(pid: int, name: str) -> list[list[str]]:
    path = Path(f"/proc/{pid}/net/{name}")
    return [line.split() for line in path.read_text().splitlines()[1:]] if path.exists() else []


def doors(pid: int) -> list[str]:
    """Every socket of the process through which something could come in uninvited."""
    own = sockets(pid)
    found: list[str] = []
    for name in ("tcp", "tcp6"):
        found += [f"{name} {row[1]}" for row in table(pid, name) if row[9] in own and row[3] == LISTENING]
    for name in ("udp", "udp6", "udplite", "raw", "raw6"):
        found += [f"{name} {row[1]}" for row in table(pid, name) if row[9] in own]
    found += [f"unix {row}" for row in table(pid, "unix") if row[6] in own and int(row[3], 16) & ACCEPTS]
    found += [f"packet {row}" for row in table(pid, "packet") if row[-1] in own]
    return found


def test_any_door_would_be_seen(tmp_path: Path) -> None:
    before = len(doors(os.getpid()))
    with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp, socket.socket(socket.AF_UNIX) as local:
        tcp.bind(("127.0.0.1", 0))
        tcp.listen()
        udp.bind(("127.0.0.1", 0))
        local.bind(str(tmp_path / "s"))
        local.listen()
        found = {text.split()[0] for text in doors(os.getpid())}
        assert len(doors(os.getpid())) == before + 3
    assert found >= {"tcp", "udp", "unix"}


def children(pid: int) -> str:
    """Process ids of what the process has started."""
    lists = list(Path(f"/proc/{pid}/task").glob("*/children"))
    assert lists
    return "".join(path.read_text() for path in lists)


def remote_ports(pid: int) -> set[int]:
    own = sockets(pid)
    rows = [row for name in ("tcp", "tcp6") for row in table(pid, name) if row[9] in own]
    return {int(row[2].rpartition(":")[2], 16) for row in rows}


FILES = """
[[source]]
name = "lab"
machine_identifier = "PUMP-1"
protocol = "csv"
[source.csv]
path = "lab.csv"
time_column = "time"
[[source]]
name = "script"
machine_identifier = "PUMP-2"
protocol = "json"
[source.json]
path = "out.jsonl"
time_key = "t"
metrics = { rpm = { unit = "rpm" } }
"""


def devices(modbus: ModbusPlant, opcua: OpcUaPlant) -> str:
    return f"""
[[source]]
name = "drive"
machine_identifier = "PUMP-3"
protocol = "modbus"
[source.modbus]
host = "127.0.0.1"
port = {modbus.port}
poll_interval = 0.2
registers = [{{ address = 0, metric_name = "current" }}]
[[source]]
name = "plc"
machine_identifier = "PUMP-4"
protocol = "opcua"
[source.opcua]
endpoint = "{opcua.url}"
username = "{USER}"
password = "{PASSWORD}"
certificate = "client.der"
private_key = "client.pem"
server_certificate = "server.der"
nodes = [{{ node_id = "ns=2;s=temperature", metric_name = "temperature" }}]
[[source]]
name = "plc-refused"
machine_identifier = "PUMP-4"
protocol = "opcua"
[source.opcua]
endpoint = "{opcua.url}"
username = "{USER}"
password = "{PASSWORD} but wrong"
certificate = "client.der"
private_key = "client.pem"
server_certificate = "server.der"
nodes = [{{ node_id = "ns=2;s=level", metric_name = "level" }}]
"""


def write_config(folder: Path, peer: Peer, modbus: ModbusPlant, opcua: OpcUaPlant) -> Path:
    (folder / "lab.csv").write_text("time,pressure\n2026-01-01T00:00:01Z,4.5\n")
    (folder / "out.jsonl").write_text('{"t": "2026-01-01T00:00:01Z", "rpm": 1500}\n')
    path = folder / "agent.toml"
    agent = f"""
[agent]
api_key = "{KEY}"
api_url = "{peer.url}"
push_interval = 0.1
heartbeat_interval = 1
buffer_dir = "buffer"
log_level = "debug"
"""
    path.write_text(agent + FILES + devices(modbus, opcua))
    return path


@asynccontextmanager
async def plants(folder: Path) -> AsyncIterator[tuple[ModbusPlant, OpcUaPlant]]:
    await certificates(folder)
    modbus, opcua = ModbusPlant(), OpcUaPlant(folder, free_port())
    async with modbus:
        await opcua.start()
        try:
            yield modbus, opcua
        finally:
            await opcua.stop()


async def test_a_running_agent_has_no_door_and_keeps_its_secrets(tmp_path: Path, peer: Peer) -> None:
    log = tmp_path / "log"
    async with plants(tmp_path) as (modbus, opcua):
        path = write_config(tmp_path, peer, modbus, opcua)
        with log.open("wb") as stream:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "plantwright_agent", "run", "--config", str(path), stderr=stream
            )
        seen: set[int] = set()
        open_doors: list[str] = []

        def all_have_spoken() -> bool:
            assert process.returncode is None, log.read_text()
            open_doors.extend(doors(process.pid))
            seen.update(remote_ports(process.pid))
            refused = "plc-refused" in log.read_text()
            return refused and set(map(source_of, peer.order)) == {"lab", "script", "drive", "plc"}

        try:
            await until(all_have_spoken, within=60)
            for _ in range(20):
                assert all_have_spoken()
                await asyncio.sleep(0.05)
            assert children(process.pid) == ""
        finally:
            if process.returncode is None:
                process.send_signal(signal.SIGTERM)
            await asyncio.wait_for(process.wait(), 30)
        assert modbus.functions <= READING_FUNCTIONS
        assert modbus.functions
    assert open_doors == []
    assert {modbus.port, peer.port, int(opcua.url.split(":")[2].split("/")[0])} <= seen
    assert {frozenset(reading) for readings in peer.stored.values() for reading in readings} == {SENT}
    told = log.read_text() + (tmp_path / "buffer" / "status.json").read_text()
    assert "DEBUG" in told
    assert KEY not in told
    assert PASSWORD not in told
