"""The whole of `./justw up`, once: it comes up, refuses a second, and a kill leaves nothing behind."""

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from plantwright.embedded.place import remove_elsewhere
from plantwright.embedded.ports import free_port, is_free
from plantwright.embedded.processes import started_at

READY_SECONDS = 150
KEPT = {"postgres", "valkey", "api", "worker", "sources", "plant", "agent"}

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with their parent"),
    pytest.mark.timeout(300),
]


def command(port: int, data_dir: Path) -> list[str]:
    return [sys.executable, "-m", "plantwright.embedded.cli", "up", "--port", str(port), "--data-dir", str(data_dir)]


@pytest.fixture
def data_dir(tmp_path: Path) -> Iterator[Path]:
    tmp_path.chmod(0o711)
    yield tmp_path / "data"
    remove_elsewhere(tmp_path / "data")


def read_until(process: subprocess.Popen[str], words: str) -> str:
    assert process.stdout is not None
    said, until = "", time.monotonic() + READY_SECONDS
    while words not in said and time.monotonic() < until and (line := process.stdout.readline()):
        said += line
    assert words in said, said
    return said


def test_up_runs_refuses_a_second_and_leaves_nothing_when_killed(data_dir: Path) -> None:
    port = free_port()
    with subprocess.Popen(command(port, data_dir), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as up:
        said = read_until(up, "Logs")
        login = json.loads((data_dir / "demo" / "login.json").read_text())[0]
        assert f"http://localhost:{port}" in said
        assert login["email"] in said
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=10) as answer:
            assert answer.status == 200

        second = subprocess.run(command(free_port(), data_dir), capture_output=True, text=True, check=False)
        assert second.returncode == 1
        assert f"already running here: http://localhost:{port} (process {up.pid})" in second.stderr
        busy = subprocess.run(command(port, data_dir.with_name("other")), capture_output=True, text=True, check=False)
        assert busy.returncode == 1
        assert f"Port {port} is in use" in busy.stderr

        pids = {path.stem: json.loads(path.read_text())["pid"] for path in (data_dir / "run").glob("*.pid")}
        assert set(pids) == KEPT
        assert all(started_at(pid) for pid in pids.values())
        up.kill()
    until = time.monotonic() + 15
    while any(started_at(pid) for pid in pids.values()) and time.monotonic() < until:
        time.sleep(0.05)
    assert {name for name, pid in pids.items() if started_at(pid)} == set()
    assert is_free(port)
