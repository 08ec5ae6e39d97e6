"""Start in order, start again after a crash, stop in the reverse order."""

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from plantwright.embedded.errors import LocalStartError
from plantwright.embedded.processes import Program, started_at
from plantwright.embedded.supervisor import StopRequested, Supervisor

SLEEP = "import time; time.sleep(60)"


class Said(list[str]):
    """What the supervisor told the person."""


def program(folder: Path, name: str, code: str) -> Program:
    return Program(name, [sys.executable, "-c", code], folder / f"{name}.log", folder / "run")


def for_seconds(seconds: float) -> Callable[[], bool]:
    until = time.monotonic() + seconds
    return lambda: time.monotonic() < until


def test_a_failed_step_shows_the_end_of_its_log(tmp_path: Path) -> None:
    with pytest.raises(LocalStartError, match=r"migrate failed with exit code 3[\s\S]*no such table"):
        Supervisor(Said().append).run_once(program(tmp_path, "migrate", "print('no such table'); exit(3)"))


def test_a_program_that_ends_before_it_is_ready_is_reported(tmp_path: Path) -> None:
    supervisor = Supervisor(Said().append)
    with pytest.raises(LocalStartError, match="api ended with exit code 4"):
        supervisor.keep(program(tmp_path, "api", "exit(4)"), ready=lambda: False)
    supervisor.stop()


def test_a_crashed_program_starts_again_with_growing_delay(tmp_path: Path) -> None:
    said = Said()
    supervisor = Supervisor(said.append)
    supervisor.keep(program(tmp_path, "worker", "print('attempt', flush=True); exit(5)"))
    supervisor.watch(for_seconds(2.5))
    supervisor.stop()
    assert (tmp_path / "worker.log").read_text().count("attempt") == 2
    assert "worker ended with exit code 5; starting it again in 1 s." in said[0]
    assert "starting it again in 2 s." in said[1]


def test_a_signal_in_the_middle_of_a_step_stops_everything(tmp_path: Path) -> None:
    supervisor = Supervisor(Said().append)
    supervisor.keep(program(tmp_path, "worker", SLEEP))
    worker = supervisor._kept[0].child
    assert worker is not None
    with supervisor.listening_to_signals():
        os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(StopRequested):
            supervisor.run_once(program(tmp_path, "seed", SLEEP))
    supervisor.stop()
    assert started_at(worker.process.pid) is None
    assert list((tmp_path / "run").iterdir()) == []
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
