"""Child processes that cannot outlive us, and what is left of those of an earlier run.

1. Every child leads its own session, so Ctrl-C in the terminal reaches only the supervisor, which stops in order.
2. Every child dies with the thread that started it (Linux); start children from a thread that lives as long.
3. Every child has a pid file with its start time; the next start ends what a killed run left behind.
"""

import json
import os
import platform
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from plantwright.embedded import launch

POLL_SECONDS = 0.02
LOG_LIMIT_BYTES = 10_000_000


@dataclass(frozen=True)
class Account:
    """Whom a server runs as when we are root."""

    uid: int
    gid: int


@dataclass(frozen=True)
class Program:
    """How to start one child, and how to end it."""

    name: str
    command: Sequence[str]
    log: Path
    run_dir: Path
    environment: Mapping[str, str] | None = None
    account: Account | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    death_signal: signal.Signals = signal.SIGKILL
    folder: Path | None = None


@dataclass
class Child:
    """One running program."""

    program: Program
    process: subprocess.Popen[bytes]
    started: float = field(default_factory=time.monotonic)

    @property
    def pid_file(self) -> Path:
        return self.program.run_dir / f"{self.program.name}.pid"

    def exit_code(self) -> int | None:
        return self.process.poll()

    def ask_to_stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(self.program.stop_signal)

    def stop(self, grace_seconds: float = 10.0) -> None:
        """Ask, wait, then kill the whole process group; reaps the child and drops its pid file."""
        self.ask_to_stop()
        try:
            self.process.wait(grace_seconds)
        except subprocess.TimeoutExpired:
            _kill_group(self.process.pid)
            self.process.wait()
        self.pid_file.unlink(missing_ok=True)


def start(program: Program) -> Child:
    """Start a child with its output appended to its log."""
    program.run_dir.mkdir(parents=True, exist_ok=True)
    program.log.parent.mkdir(parents=True, exist_ok=True)
    _turn_over(program.log)
    user = f"{program.account.uid}:{program.account.gid}" if program.account else "-"
    wrapper = [sys.executable, "-I", "-S", launch.__file__, str(os.getpid()), str(int(program.death_signal)), user]
    with program.log.open("ab") as output:
        process = subprocess.Popen(
            [*wrapper, *program.command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=None if program.environment is None else dict(program.environment),
            cwd=program.folder,
            start_new_session=True,
        )
    child = Child(program, process)
    _write_pid_file(child.pid_file, process.pid)
    return child


def started_at(pid: int) -> str | None:
    """When a live process started, as an opaque text; None when there is none (a zombie counts as none)."""
    if platform.system() == "Linux":
        try:
            stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return None
        state, *fields = stat.rpartition(")")[2].split()
        return None if state in "ZX" else fields[18]
    answer = subprocess.run(
        ["/bin/ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    state, _, when = answer.stdout.strip().partition(" ")
    return None if not state or state.startswith("Z") else when.strip()


def sweep(run_dir: Path, names: Sequence[str] | None = None, grace_seconds: float = 10.0) -> list[str]:
    """End what an earlier, killed run left behind; returns the names of those that were still alive."""
    found = []
    for pid_file in sorted(run_dir.glob("*.pid")):
        if names is not None and pid_file.stem not in names:
            continue
        pid = _leftover(pid_file)
        if pid is not None:
            found.append(pid_file.stem)
            _end_leftover(pid, grace_seconds)
        pid_file.unlink(missing_ok=True)
    return found


def _leftover(pid_file: Path) -> int | None:
    try:
        record = json.loads(pid_file.read_text(encoding="utf-8"))
        pid, recorded = int(record["pid"]), record["started"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return pid if recorded is not None and started_at(pid) == recorded else None


def _end_leftover(pid: int, grace_seconds: float) -> None:
    """SIGINT first: it is PostgreSQL's fast shutdown, and everyone else stops on it too."""
    recorded = started_at(pid)
    for number in (signal.SIGINT, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(pid, number)
        until = time.monotonic() + grace_seconds
        while time.monotonic() < until:
            if started_at(pid) != recorded:
                return
            time.sleep(POLL_SECONDS)


def _kill_group(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


def _write_pid_file(path: Path, pid: int) -> None:
    path.write_text(json.dumps({"pid": pid, "started": started_at(pid)}), encoding="utf-8")


def _turn_over(log: Path) -> None:
    """One older log is kept, so a machine left running does not fill its disk by restarts."""
    if log.is_file() and log.stat().st_size > LOG_LIMIT_BYTES:
        log.replace(log.with_suffix(".log.1"))
