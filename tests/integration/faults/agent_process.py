"""A real agent in a process of its own, to be killed and started again, and what is in its buffer meanwhile."""

import asyncio
import json
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from plantwright.embedded.launch import die_with_parent

from tests.agent.support import buffered

STOP_SECONDS = 30


class AgentProcess:
    """Runs with `agent.toml` of the folder, whose `buffer_dir` is `buffer`; its log is `agent.log`.

    `within` is what is put before its command, such as a namespace.
    """

    def __init__(self, folder: Path, within: Sequence[str] = ()) -> None:
        self._folder = folder
        self._within = within
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> str:
        return (self._folder / "agent.log").read_text(encoding="utf-8")

    @property
    def buffer(self) -> Path:
        """Its buffer's folder as it sees it, also when that is mounted for it alone."""
        assert self._process is not None
        return Path(f"/proc/{self._process.pid}/root{self._folder}/buffer")

    def start(self) -> None:
        command = [
            *self._within,
            sys.executable,
            "-m",
            "plantwright_agent",
            "run",
            "--config",
            str(self._folder / "agent.toml"),
        ]
        with (self._folder / "agent.log").open("ab") as log:
            self._process = subprocess.Popen(
                command,
                stderr=log,
                preexec_fn=partial(die_with_parent, signal.SIGKILL),  # noqa: PLW1509 - tests start processes from one thread
            )

    def kill(self) -> None:
        """Nothing when it does not run."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def has_ended(self) -> bool:
        return self._process is None or self._process.poll() is not None

    async def stop(self) -> int:
        """Ask it to end; returns its exit code."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        return await asyncio.to_thread(self._process.wait, STOP_SECONDS)

    def status(self) -> dict[str, Any]:
        """What the agent says of itself; empty before it said anything."""
        try:
            document: dict[str, Any] = json.loads((self.buffer / "status.json").read_text())
        except FileNotFoundError:
            return {}
        return document

    def committed(self) -> set[tuple[str, float]]:
        """Metric and value of all readings in the buffer; to be asked while the agent is dead.

        A copy is read, since the last one that closes a file of SQLite tidies it up.
        """
        with tempfile.TemporaryDirectory() as place:
            for file in (self._folder / "buffer").glob("buffer.db*"):
                shutil.copy(file, place)
            return {(reading["metric_name"], reading["value"]) for reading in buffered(Path(place))}
