"""The command as people run it: a whole agent with four sources, signals, status and exit codes."""

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from plantwright_agent.cli.main import main

from tests.agent.peer import KEY, Peer, free_port

COMMAND = [sys.executable, "-m", "plantwright_agent"]


def write_config(folder: Path, url: str) -> Path:
    """Two files that work, a Modbus host and an OPC UA server that are not there."""
    path = folder / "agent.toml"
    path.write_text(
        f"""
[agent]
api_key = "{KEY}"
api_url = "{url}"
push_interval = 0.1
buffer_dir = "buffer"
[[source]]
name = "lab"
machine_identifier = "PUMP-1"
protocol = "csv"
[source.csv]
path = "lab.csv"
time_column = "time"
poll_interval = 0.1
[[source]]
name = "script"
machine_identifier = "PUMP-2"
protocol = "json"
[source.json]
path = "out.jsonl"
time_key = "t"
poll_interval = 0.1
metrics = {{ rpm = {{ unit = "rpm" }} }}
[[source]]
name = "drive"
machine_identifier = "PUMP-3"
protocol = "modbus"
[source.modbus]
host = "127.0.0.1"
port = {free_port()}
registers = [{{ address = 0, metric_name = "current", unit = "A" }}]
[[source]]
name = "plc"
machine_identifier = "PUMP-4"
protocol = "opcua"
[source.opcua]
endpoint = "opc.tcp://127.0.0.1:{free_port()}"
security_mode = "None"
nodes = [{{ node_id = "ns=2;i=1", metric_name = "temperature" }}]
"""
    )
    (folder / "lab.csv").write_text("time,pressure\n2026-01-01T00:00:01Z,4.5\n")
    (folder / "out.jsonl").write_text('{"t": "2026-01-01T00:00:01Z", "rpm": 1500}\n')
    return path


@contextmanager
def agent(config: Path) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [*COMMAND, "run", "--config", str(config)], stderr=subprocess.PIPE, text=True, env={"PATH": "/usr/bin"}
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        if process.stderr is not None:
            process.stderr.close()


def wait(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 15
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def states(folder: Path) -> dict[str, str]:
    path = folder / "buffer" / "status.json"
    if not path.exists():
        return {}
    document: dict[str, Any] = json.loads(path.read_text())
    return {source["name"]: source["state"] for source in document["sources"]}


def test_an_agent_runs_tells_how_it_is_and_stops_on_a_signal(
    tmp_path: Path, peer: Peer, capsys: pytest.CaptureFixture[str]
) -> None:
    config = write_config(tmp_path, peer.url)
    with agent(config) as process:
        wait(lambda: sorted(peer.values()) == [4.5, 1500.0])
        expected = {"lab": "ok", "script": "ok", "drive": "recoverable", "plc": "recoverable"}
        wait(lambda: states(tmp_path) == expected)
        wait(lambda: '"last_push": "' in (tmp_path / "buffer" / "status.json").read_text())
        assert main(["status", "--config", str(config)]) == 4
        shown = capsys.readouterr().out
        assert "uplink         ok " in shown
        assert "configuration  ok " in shown
        assert re.search(r"^drive +modbus +recoverable +0:00:\d\d +never ", shown, re.MULTILINE)
        assert "cannot connect to 127.0.0.1:" in shown
        second = subprocess.run(
            [*COMMAND, "run", "--config", str(config)], capture_output=True, text=True, timeout=20, check=False
        )
        assert second.returncode == 3
        assert "in use by another agent" in second.stderr
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) == 0
        assert process.stderr is not None
        log = process.stderr.read()
    assert KEY not in log
    assert "Traceback" not in log
    assert "agent stopped" in log
    assert set(states(tmp_path).values()) == {"stopped"}
    assert main(["status", "--config", str(config), "--json"]) == 3
    document = json.loads(capsys.readouterr().out)
    assert document["buffer"]["depth"] == 0
    assert document["sources"][0]["last_reading"] == "2026-01-01T00:00:01.000+00:00"


def test_without_a_server_readings_wait_on_disk_and_status_says_why(tmp_path: Path) -> None:
    config = write_config(tmp_path, f"http://127.0.0.1:{free_port()}")
    with agent(config) as process:
        wait(lambda: '"state": "recoverable"' in uplink(tmp_path))
        process.send_signal(signal.SIGINT)
        assert process.wait(15) == 0
    document = json.loads((tmp_path / "buffer" / "status.json").read_text())
    assert document["buffer"]["depth"] == 2
    assert "no answer from http://127.0.0.1" in document["uplink"]["last_error"]


def uplink(folder: Path) -> str:
    path = folder / "buffer" / "status.json"
    return json.dumps(json.loads(path.read_text())["uplink"]) if path.exists() else ""


def test_status_before_the_first_run_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status", "--config", str(write_config(tmp_path, "http://localhost:1"))]) == 3
    assert "no agent has run" in capsys.readouterr().err


def test_a_missing_file_is_refused_by_every_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("run", "check", "status"):
        assert main([command, "--config", str(tmp_path / "none.toml")]) == 2
        assert "none.toml: (file): cannot be read: No such file" in capsys.readouterr().err


def test_help_is_everywhere(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["--help"], ["run", "--help"], ["check", "--help"], ["status", "--help"]):
        with pytest.raises(SystemExit) as caught:
            main(arguments)
        assert caught.value.code == 0
        assert "usage: plantwright-agent" in capsys.readouterr().out


def test_a_file_spoilt_while_the_agent_runs_shows_in_status_and_a_reload_takes_the_good_one(
    tmp_path: Path, peer: Peer, capsys: pytest.CaptureFixture[str]
) -> None:
    config = write_config(tmp_path, peer.url)
    good = config.read_text()
    with agent(config) as process:
        wait(lambda: states(tmp_path).get("lab") == "ok")
        config.write_text(good.replace("push_interval", "push_intervall"))
        wait(lambda: configuration(tmp_path)["state"] == "refused")
        assert main(["status", "--config", str(config)]) == 4
        shown = capsys.readouterr().out
        assert f'{config}:5: agent.push_intervall: there is no such key - did you mean "push_interval"?' in shown
        assert main(["status", "--running", "--config", str(config)]) == 0
        assert main(["check", "--config", str(config)]) == 2
        config.write_text(good.replace('name = "script"', 'name = "other"'))
        process.send_signal(signal.SIGHUP)
        wait(lambda: states(tmp_path).get("other") == "ok" and "script" not in states(tmp_path))
        assert configuration(tmp_path)["state"] == "ok"
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) == 0
    assert main(["status", "--running", "--config", str(config)]) == 3


def configuration(folder: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((folder / "buffer" / "status.json").read_text())
    return dict(document["configuration"])
