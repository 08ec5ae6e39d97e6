"""The first file: by flags alone, or by questions at a terminal with a look at the device."""

import asyncio
import os
import pty
import re
import select
import shutil
import stat
import sys
import threading
import time
from pathlib import Path

import pytest
from plantwright_agent.cli.main import main
from plantwright_agent.configuration.config import Config, load_config
from plantwright_agent.inputs.opcua.certificates import own_certificate

from tests.agent.modbus_plant import Plant as ModbusPlant
from tests.agent.opcua_server import PASSWORD, USER, Plant, certificates
from tests.agent.peer import free_port

COMMON = ["--server", "https://plant.example.com", "--machine", "PUMP 1", "--name", "hall 3"]
CASES = {
    "opcua": [
        *("--address", "opc.tcp://10.0.0.6:4840", "--username", "reader", "--password-file", "password"),
        *("--tag", 'temperature[celsius]=ns=2;s=Pump."T=1"', "--tag", "level=nsu=urn:x;i=4"),
    ],
    "modbus": ["--address", "10.0.0.7:1502", "--tag", "pressure[bar]=40001:float32", "--tag", "state=7"],
    "csv": ["--address", "/data/*.csv", "--time", "date time"],
    "json": ["--address", "/data/x.jsonl", "--time", "t", "--tag", "motor_temp[K]=motor.temp"],
}


def arguments(folder: Path, protocol: str, *more: str) -> list[str]:
    (folder / "key").write_text('hk_"1\\\n')
    (folder / "password").write_text('p\u00e4ss"word\n')
    given = [str(folder / word) if word == "password" else word for word in CASES[protocol]]
    path = str(folder / "etc" / "agent.toml")
    return [
        "init",
        "--config",
        path,
        "--protocol",
        protocol,
        "--api-key-file",
        str(folder / "key"),
        *COMMON,
        *given,
        *more,
    ]


def written(folder: Path) -> Config:
    return load_config(folder / "etc" / "agent.toml", {})


@pytest.mark.parametrize("protocol", CASES)
def test_flags_alone_give_a_file_that_check_accepts_and_others_cannot_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], protocol: str
) -> None:
    assert main(arguments(tmp_path, protocol)) == 0
    path = tmp_path / "etc" / "agent.toml"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert main(["check", "--config", str(path)]) == 0
    config = written(tmp_path)
    assert config.agent.api_key.reveal() == 'hk_"1\\'
    assert (config.agent.name, config.source[0].name, config.source[0].protocol) == ("hall 3", "pump-1", protocol)
    assert path.read_text().startswith("#:schema ./agent.schema.json\n")
    assert sorted(item.name for item in path.parent.iterdir()) == [
        "agent.schema.json",
        "agent.toml",
        "source.schema.json",
    ]
    told = capsys.readouterr()
    assert "hk_" not in told.out + told.err


def test_what_was_said_is_what_was_written(tmp_path: Path) -> None:
    assert main(arguments(tmp_path, "opcua")) == 0
    opcua = written(tmp_path).source[0].opcua
    assert opcua is not None
    assert opcua.password is not None
    assert (opcua.security_mode, opcua.username, opcua.password.reveal()) == ("SignAndEncrypt", "reader", 'päss"word')
    assert [(node.node_id, node.metric_name, node.unit) for node in opcua.nodes] == [
        ('ns=2;s=Pump."T=1"', "temperature", "celsius"),
        ("nsu=urn:x;i=4", "level", ""),
    ]
    assert main(arguments(tmp_path, "modbus", "--force")) == 0
    modbus = written(tmp_path).source[0].modbus
    assert modbus is not None
    assert (modbus.host, modbus.port) == ("10.0.0.7", 1502)
    assert [(item.first, item.kind, item.metric_name, item.unit) for item in modbus.registers] == [
        (0, "float32", "pressure", "bar"),
        (7, "uint16", "state", ""),
    ]


def test_a_file_that_is_there_is_not_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments(tmp_path, "csv")) == 0
    before = (tmp_path / "etc" / "agent.toml").read_text()
    assert main(arguments(tmp_path, "modbus")) == 2
    assert "--force overwrites it" in capsys.readouterr().err
    assert (tmp_path / "etc" / "agent.toml").read_text() == before


def test_what_would_be_refused_is_not_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments(tmp_path, "modbus", "--tag", "x=1:float99", "--server", "http://plant.example.com")) == 2
    told = capsys.readouterr().err
    assert "agent.api_url: http is allowed only to this machine" in told
    assert "source[0].modbus.registers[2].data_type: must be one of" in told
    assert not list((tmp_path / "etc").iterdir())


def test_what_is_missing_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(tmp_path / "agent.toml")
    assert main(["init", "--config", path, "--protocol", "json", "--address", "x"]) == 2
    assert "not given: --server, --machine, --time, --tag" in capsys.readouterr().err
    assert main(["init", "--config", path, "--tag", "nonsense"]) == 2
    assert "is not of the form METRIC[UNIT]=ADDRESS" in capsys.readouterr().err


class Terminal:
    """The command at a terminal of its own, and someone who types."""

    def __init__(self, *words: str) -> None:
        self.shown = ""
        self._read = 0
        self.pid, self._terminal = pty.fork()
        if self.pid == 0:
            os.execv(sys.executable, [sys.executable, "-m", "plantwright_agent", *words])  # noqa: S606 - the child of a fork

    def answer(self, question: str, text: str) -> None:
        """Wait until the question is shown, then type."""
        end = time.monotonic() + 60
        while question not in self.shown[self._read :]:
            assert time.monotonic() < end, self.shown
            self._look()
        self._read = self.shown.index(question, self._read) + len(question)
        os.write(self._terminal, text.encode() + b"\n")

    def end(self) -> int:
        while self._look():
            pass
        _, status = os.waitpid(self.pid, 0)
        os.close(self._terminal)
        return os.waitstatus_to_exitcode(status)

    def _look(self) -> bool:
        ready, _, _ = select.select([self._terminal], [], [], 60)
        assert ready, self.shown
        try:
            found = os.read(self._terminal, 10_000)
        except OSError:
            return False
        self.shown += found.decode()
        return bool(found)


class Background:
    """Servers in a loop of their own, so that a test may wait at the terminal."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever)
        self._thread.start()

    def run(self, work: object) -> None:
        asyncio.run_coroutine_threadsafe(work, self.loop).result(60)  # type: ignore[arg-type]

    def end(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()


@pytest.mark.filterwarnings("ignore:.*forkpty.*:DeprecationWarning")
def test_questions_about_a_modbus_device_with_a_look_at_it(tmp_path: Path) -> None:
    servers = Background()
    plant = ModbusPlant()
    servers.run(plant.__aenter__())
    try:
        terminal = Terminal("init", "--config", str(tmp_path / "etc" / "agent.toml"))
        terminal.answer("Server", "https://plant.example.com")
        terminal.answer("API key (not shown): ", "hk_typed")
        terminal.answer("Name of this agent", "")
        terminal.answer("Protocol", "profibus")
        terminal.answer("One of: opcua, modbus, csv, json", "modbus")
        terminal.answer("Host", f"127.0.0.1:{plant.port}")
        terminal.answer("Machine identifier", "PUMP-1")
        terminal.answer("Look at the device now? [Y/n]", "")
        terminal.answer("Register: ", "2")
        terminal.answer("Data type [uint16]", "float32")
        terminal.answer("Metric name: ", "pressure")
        terminal.answer("Unit: ", "bar")
        terminal.answer("Register (empty to end): ", "")
        assert terminal.end() == 0, terminal.shown
    finally:
        servers.run(plant.stop())
        servers.end()
    assert re.search(r"^0 +100\r$", terminal.shown, re.MULTILINE)
    assert "hk_typed" not in terminal.shown
    config = written(tmp_path)
    assert config.agent.api_key.reveal() == "hk_typed"
    modbus = config.source[0].modbus
    assert modbus is not None
    assert [(item.first, item.kind, item.metric_name, item.unit) for item in modbus.registers] == [
        (2, "float32", "pressure", "bar")
    ]


@pytest.mark.filterwarnings("ignore:.*forkpty.*:DeprecationWarning")
def test_questions_about_a_server_that_is_trusted_browsed_and_picked_from(tmp_path: Path) -> None:
    servers = Background()
    servers.run(certificates(tmp_path))
    own, _ = asyncio.run(own_certificate(tmp_path / "etc" / "buffer" / "pki"))
    shutil.copy(own, tmp_path / "trusted" / "agent.der")
    plant = Plant(tmp_path, free_port())
    servers.run(plant.start())
    try:
        terminal = Terminal("init", "--config", str(tmp_path / "etc" / "agent.toml"), "--buffer-dir", "buffer")
        terminal.answer("Server", "https://plant.example.com")
        terminal.answer("API key (not shown): ", "hk_typed")
        terminal.answer("Name of this agent", "hall 3")
        terminal.answer("Protocol", "opcua")
        terminal.answer("Endpoint", plant.url)
        terminal.answer("Machine identifier", "PUMP-1")
        terminal.answer("Security mode", "")
        terminal.answer("User name", USER)
        terminal.answer("Password (not shown): ", PASSWORD)
        terminal.answer("Look at the device now? [Y/n]", "y")
        terminal.answer("Trust it? [y/N]", "y")
        terminal.answer("Which ones? Numbers such as 1 3-5", "99")
        terminal.answer('"99" is not within', "1-2")
        assert terminal.end() == 0, terminal.shown
    finally:
        servers.run(plant.stop())
        servers.end()
    assert PASSWORD not in terminal.shown
    opcua = written(tmp_path).source[0].opcua
    assert opcua is not None
    assert {(node.node_id, node.metric_name) for node in opcua.nodes} == {
        ("nsu=urn:plant;s=temperature", "temperature"),
        ("nsu=urn:plant;s=level", "level"),
    }
