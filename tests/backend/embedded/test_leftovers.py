"""Killed parents and what they leave: nothing, or something the next start ends."""

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from plantwright.embedded.processes import Program, start, started_at, sweep
from plantwright.embedded.services import start_services

START_AND_SLEEP = """
import sys, time
from pathlib import Path
from plantwright.embedded.services import start_services
services = start_services(Path(sys.argv[1]))
print(services.postgres.child.process.pid, services.valkey.child.process.pid, flush=True)
time.sleep(60)
"""
SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]


def wait_until_gone(pids: Sequence[int], seconds: float = 10) -> None:
    until = time.monotonic() + seconds
    while any(started_at(pid) for pid in pids) and time.monotonic() < until:
        time.sleep(0.02)
    assert not any(started_at(pid) for pid in pids)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with their parent")
def test_servers_die_with_a_killed_parent_and_start_again(data_dir: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", START_AND_SLEEP, str(data_dir)], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        pids = [int(word) for word in parent.stdout.readline().split()]
        assert len(pids) == 2
        assert all(started_at(pid) for pid in pids)
        parent.kill()
    wait_until_gone(pids)
    with start_services(data_dir) as services:
        assert services.postgres.child is not None


def test_a_process_of_an_earlier_run_is_ended(tmp_path: Path) -> None:
    with subprocess.Popen(SLEEP, start_new_session=True) as leftover:
        record = {"pid": leftover.pid, "started": started_at(leftover.pid)}
        (tmp_path / "api.pid").write_text(json.dumps(record))
        assert sweep(tmp_path) == ["api"]
        assert leftover.wait(5) != 0
    assert list(tmp_path.iterdir()) == []


def test_a_pid_that_belongs_to_somebody_else_now_is_left_alone(tmp_path: Path) -> None:
    with subprocess.Popen(SLEEP, start_new_session=True) as stranger:
        (tmp_path / "api.pid").write_text(json.dumps({"pid": stranger.pid, "started": "12"}))
        (tmp_path / "worker.pid").write_text("not json")
        assert sweep(tmp_path) == []
        assert stranger.poll() is None
        stranger.kill()
    assert list(tmp_path.iterdir()) == []


def test_sweep_touches_only_what_it_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "api.pid").write_text("{}")
    sweep(tmp_path, names=["postgres"])
    assert (tmp_path / "api.pid").exists()


def test_a_child_that_ignores_the_request_is_killed_with_its_own_children(tmp_path: Path) -> None:
    stubborn = (
        "import signal, subprocess, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        f"print(subprocess.Popen({SLEEP!r}).pid, flush=True); time.sleep(60)"
    )
    child = start(Program("stubborn", [sys.executable, "-c", stubborn], tmp_path / "log", tmp_path / "run"))
    until = time.monotonic() + 10
    while not (written := (tmp_path / "log").read_text().strip()) and time.monotonic() < until:
        time.sleep(0.02)
    child.stop(grace_seconds=0.2)
    wait_until_gone([child.process.pid, int(written)])
    assert not child.pid_file.exists()
