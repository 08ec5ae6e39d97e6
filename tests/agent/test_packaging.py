"""What is shipped: the systemd unit, the container, the schema, and the wheel by itself."""

import configparser
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from plantwright_agent.cli.main import main

from tests.agent.test_config import AGENT, CSV

ROOT = Path(__file__).parents[2]
UNIT = ROOT / "deploy" / "agent" / "plantwright-agent.service"
EXPECTED = {
    "Type": "notify",
    "Restart": "on-failure",
    "RestartPreventExitStatus": "2",
    "ExecReload": "/bin/kill -HUP $MAINPID",
    "WatchdogSec": "60",
    "User": "plantwright-agent",
    "StateDirectory": "plantwright",
    "LoadCredential": "PLANTWRIGHT_AGENT_API_KEY",
    "CapabilityBoundingSet": "",
    "AmbientCapabilities": "",
    "NoNewPrivileges": "yes",
    "MemoryDenyWriteExecute": "yes",
    "PrivateDevices": "yes",
    "PrivateTmp": "yes",
    "ProtectHome": "yes",
    "ProtectSystem": "strict",
    "RestrictAddressFamilies": "AF_INET AF_INET6 AF_UNIX",
    "SocketBindDeny": "any",
}


def unit() -> dict[str, list[str]]:
    """Values of [Service] by key; a key may stand there more than once."""
    found: dict[str, list[str]] = {}
    for line in UNIT.read_text(encoding="utf-8").partition("[Service]")[2].partition("[Install]")[0].splitlines():
        key, is_pair, value = line.partition("=")
        if is_pair and not line.startswith("#"):
            found.setdefault(key, []).append(value)
    return found


@pytest.mark.parametrize(("key", "value"), EXPECTED.items())
def test_the_unit_gives_the_agent_no_more_than_it_needs(key: str, value: str) -> None:
    assert unit()[key] == [value]


def test_the_unit_bounds_what_the_agent_may_use() -> None:
    assert unit().keys() >= {"MemoryMax", "CPUQuota", "TasksMax", "LimitNOFILE", "TimeoutStopSec"}
    assert unit()["SystemCallFilter"][0] == "@system-service"
    assert all(value.startswith("~") for value in unit()["SystemCallFilter"][1:])


def test_the_unit_reads_as_one_and_runs_the_command() -> None:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(UNIT)
    assert parser.sections() == ["Unit", "Service", "Install"]
    assert unit()["ExecStart"][0].split()[1:] == ["run", "--config", "/etc/plantwright/agent.toml"]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed here")
def test_systemd_finds_nothing_wrong_with_the_unit(tmp_path: Path) -> None:
    copy = tmp_path / UNIT.name
    copy.write_text(UNIT.read_text().replace("/usr/local/bin/plantwright-agent", "/bin/true"))
    done = subprocess.run(["systemd-analyze", "verify", copy], capture_output=True, text=True, check=False, timeout=60)
    assert [line for line in done.stderr.splitlines() if UNIT.name in line] == []


@pytest.mark.parametrize(("name", "arguments"), [("agent", []), ("source", ["--sources"])])
def test_the_schema_on_file_is_that_of_the_code(
    capsys: pytest.CaptureFixture[str], name: str, arguments: list[str]
) -> None:
    assert main(["schema", *arguments]) == 0
    path = ROOT / "agent" / f"{name}.schema.json"
    assert capsys.readouterr().out == path.read_text(encoding="utf-8"), (
        f"run: .venv/bin/plantwright-agent schema {' '.join(arguments)} > {path.relative_to(ROOT)}"
    )


def test_systemd_is_told_when_the_agent_is_ready_alive_and_stopping(tmp_path: Path) -> None:
    (tmp_path / "lab.csv").write_text("time,x\n")
    config = tmp_path / "agent.toml"
    config.write_text(AGENT.replace("https://plant.example.com", "http://127.0.0.1:1") + CSV)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(30)
        environment = {
            "PATH": os.environ["PATH"],
            "NOTIFY_SOCKET": str(tmp_path / "notify"),
            "JOURNAL_STREAM": "8:1",
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "plantwright_agent", "run", "--config", config],
            env=environment,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            told = [systemd.recv(1000).decode()]
            while "WATCHDOG=1" not in told or "READY=1" not in told:
                told.append(systemd.recv(1000).decode())
            process.send_signal(1)
            while not told[-1].startswith("RELOADING=1\nMONOTONIC_USEC="):
                told.append(systemd.recv(1000).decode())
            while told[-1] != "READY=1":
                told.append(systemd.recv(1000).decode())
            process.terminate()
            while told[-1] != "STOPPING=1":
                told.append(systemd.recv(1000).decode())
            _, log = process.communicate(timeout=30)
        finally:
            process.kill()
            process.wait()
    assert process.returncode == 0
    assert "<6>INFO plantwright_agent.supervision.runtime agent started" in log
    assert all(line.startswith("<") for line in log.splitlines())


def test_the_wheel_runs_by_itself(tmp_path: Path) -> None:
    """Built, put into an environment of its own with its dependencies alone, and asked to check a file."""
    uv = ROOT / ".tools" / "bin" / "uv"
    program = str(uv) if uv.exists() else shutil.which("uv")
    if program is None:
        pytest.skip("uv is not installed here")
    environment = os.environ | {"UV_PYTHON_DOWNLOADS": "never"}

    def uv_run(*arguments: str | Path) -> None:
        done = subprocess.run(
            [program, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=150
        )
        assert done.returncode == 0, done.stderr

    uv_run("build", "-q", "--wheel", "--package", "plantwright-agent", "--out-dir", tmp_path)
    [wheel] = tmp_path.glob("plantwright_agent-*.whl")
    uv_run("venv", "-q", "--python", sys.executable, tmp_path / "venv")
    uv_run("export", "-q", "--frozen", "--no-dev", "--no-emit-workspace", "--package", "plantwright-agent",
           "--output-file", tmp_path / "locked.txt")  # fmt: skip
    python = tmp_path / "venv" / "bin" / "python"
    uv_run("pip", "install", "-q", "--python", python, "-r", tmp_path / "locked.txt")
    uv_run("pip", "install", "-q", "--no-deps", "--python", python, wheel)
    config = tmp_path / "agent.toml"
    config.write_text(AGENT + CSV)
    command = tmp_path / "venv" / "bin" / "plantwright-agent"
    for arguments in (["--help"], ["check", "--config", config], ["schema"]):
        done = subprocess.run(
            [command, *arguments], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60, env={}
        )
        assert done.returncode == 0, done.stderr
