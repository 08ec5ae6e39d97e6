"""Looking at real devices from the command line: browse, trust, and check --connect."""

import asyncio
import io
import json
import shutil
import tomllib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from plantwright_agent.cli.main import main
from plantwright_agent.inputs.opcua.certificates import decode, fingerprint, own_certificate

from tests.agent.modbus_plant import Plant as ModbusPlant
from tests.agent.opcua_server import PASSWORD, USER, Plant, certificates
from tests.agent.peer import free_port
from tests.agent.test_config import AGENT

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for the agent's file, with the agent's own certificate made and taken to the server."""
    folder = tmp_path_factory.mktemp("site")
    asyncio.run(certificates(folder))
    own, _ = asyncio.run(own_certificate(folder / "buffer" / "pki"))
    shutil.copy(own, folder / "trusted" / "agent.der")
    return folder


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def server(site: Path) -> AsyncIterator[Plant]:
    plant = Plant(site, free_port())
    await plant.start()
    yield plant
    await plant.stop()


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def device() -> AsyncIterator[ModbusPlant]:
    async with ModbusPlant() as plant:
        yield plant


@pytest.fixture
def config(site: Path, server: Plant, device: ModbusPlant) -> Path:
    path = site / "agent.toml"
    path.write_text(
        AGENT
        + f"""
[[source]]
name = "plc"
machine_identifier = "PUMP-1"
protocol = "opcua"
[source.opcua]
endpoint = "{server.url}"
username = "{USER}"
password = "{PASSWORD}"
nodes = [{{ node_id = "ns=2;s=temperature", metric_name = "temperature", unit = "celsius" }}]
[[source]]
name = "drive"
machine_identifier = "PUMP-2"
protocol = "modbus"
[source.modbus]
host = "127.0.0.1"
port = {device.port}
registers = [
  {{ address = 2, data_type = "float32", metric_name = "pressure", unit = "bar" }},
  {{ address = 900, metric_name = "nothing" }},
]
"""
    )
    return path


async def run(*arguments: object) -> int:
    """As a person would; in a thread, for the devices live in this one."""
    return await asyncio.to_thread(main, [str(argument) for argument in arguments])


async def test_a_server_is_trusted_by_its_fingerprint_and_then_browsed(
    site: Path, config: Path, server: Plant, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = fingerprint(decode((site / "server.der").read_bytes())[0])
    assert await run("browse", "opcua", "plc", "--config", config) == 3
    refused = capsys.readouterr().err
    assert 'plantwright-agent trust opcua "plc"' in refused
    assert shown in refused
    assert await run("trust", "opcua", "plc", "--config", config, "--fingerprint", "AB" * 32) == 4
    assert "nothing was trusted" in capsys.readouterr().err
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    assert await run("trust", "opcua", "plc", "--config", config) == 4
    assert "Nothing was trusted" in capsys.readouterr().out
    assert await run("trust", "opcua", "plc", "--config", config, "--fingerprint", shown.replace(":", "").lower()) == 0
    told = capsys.readouterr().out
    assert shown in told
    assert fingerprint(decode((site / "buffer/pki/own/agent.der").read_bytes())[0]) in told
    await server.write("temperature", 61.5)
    assert await run("browse", "opcua", "plc", "--config", config, "--depth", "1") == 0
    tree = capsys.readouterr().out
    assert "temperature  Double = 61.5  ns=2;s=temperature\n" in tree
    assert "Server  (Object)  i=2253\n" in tree
    assert await run("browse", "opcua", "plc", "--config", config, "--depth", "1", "--toml") == 0
    found = tomllib.loads(capsys.readouterr().out)["source"]["opcua"]["nodes"]
    assert {"node_id": "nsu=urn:plant;s=level", "metric_name": "level"} in found
    assert PASSWORD not in tree + told + refused


async def test_a_node_to_begin_at_may_be_given_and_must_be_there(
    config: Path, site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = fingerprint(decode((site / "server.der").read_bytes())[0])
    assert await run("trust", "opcua", "plc", "--config", config, "--fingerprint", shown) == 0
    capsys.readouterr()
    assert await run("browse", "opcua", "plc", "i=2253", "--config", config, "--depth", "1") == 0
    assert "ServerStatus" in capsys.readouterr().out
    assert await run("browse", "opcua", "plc", "ns=2;s=nothing", "--config", config) == 3
    assert "has no node ns=2;s=nothing" in capsys.readouterr().err


async def test_an_endpoint_needs_no_configuration(
    tmp_path: Path, server: Plant, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLANTWRIGHT_AGENT_CONFIG", str(tmp_path / "none.toml"))
    monkeypatch.chdir(tmp_path)
    assert await run("browse", "opcua", server.url) == 3
    assert "not trusted yet" in capsys.readouterr().err
    assert await run("browse", "opcua", f"opc.tcp://127.0.0.1:{free_port()}", "--security-mode", "None") == 3
    assert "cannot connect" in capsys.readouterr().err


async def test_what_is_neither_source_nor_endpoint_is_refused(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert await run("browse", "opcua", "plk", "--config", config) == 2
    assert 'there is no source "plk"' in capsys.readouterr().err
    assert await run("browse", "opcua", "drive", "--config", config) == 2
    assert 'source "drive" is modbus, not opcua' in capsys.readouterr().err


async def test_registers_are_shown_as_a_table_or_as_toml(
    config: Path, device: ModbusPlant, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await run("browse", "modbus", "drive", "--config", config, "--count", "3") == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert rows[:3] == [
        ["ADDRESS", "VALUE", "SIGNED", "HEX"],
        ["0", "100", "100", "0064"],
        ["1", "65436", "-100", "ff9c"],
    ]
    monkeypatch.setenv("PLANTWRIGHT_AGENT_CONFIG", "/nowhere/agent.toml")
    host = ("browse", "modbus", "127.0.0.1", "--port", device.port)
    assert await run(*host, "--address", "19", "--count", "2", "--toml") == 0
    found = tomllib.loads(capsys.readouterr().out)["source"]["modbus"]["registers"]
    assert found == [{"address": 20, "register_type": "holding", "metric_name": "holding_20"}]
    assert await run(*host, "--address", "70000") == 2
    assert "addresses are 0 to 65535" in capsys.readouterr().err
    assert await run("browse", "modbus", "127.0.0.1", "--port", free_port(), "--timeout", "0.3") == 3


async def test_check_can_try_each_source_once(
    config: Path, site: Path, server: Plant, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = fingerprint(decode((site / "server.der").read_bytes())[0])
    assert await run("trust", "opcua", "plc", "--config", config, "--fingerprint", shown) == 0
    await server.write("temperature", 61.5)
    capsys.readouterr()
    assert await run("check", "--connect", "--seconds", "5", "--config", config) == 4
    told = capsys.readouterr().out
    assert "agent.toml: good" in told
    [temperature] = [line.split() for line in told.splitlines() if "temperature" in line]
    assert temperature[1:] == ["61.5", "celsius", "good", "temperature"]
    [pressure] = [line.split() for line in told.splitlines() if "pressure" in line]
    assert pressure[1:] == ["21.5", "bar", "good", "pressure"]
    assert "in trouble: unit 1 holding 900..900: Modbus exception 2 (illegal address)" in told
    assert not (site / "buffer" / "buffer.db").exists()
    assert json.dumps(PASSWORD) not in told
