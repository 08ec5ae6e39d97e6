# ruff: noqa: INP001 - a script, run by path
"""Run the stages of `./justw test` one after the other and sum up at the end.

All of them run, so one visit shows every failure; any failure makes the whole fail. How a failed stage ended is told
again after the summary: often only the end of a long output is kept. Standard library only.
"""

import os
import subprocess
import sys
import time
from collections import deque
from dataclasses import dataclass

BIN = ".venv/bin/"
ENDING_LINES = 15
WITH_STACK = [f"{BIN}python", "-m", "plantwright.embedded.cli", "with-stack", "--"]


@dataclass(frozen=True)
class Stage:
    title: str
    command: list[str]


QUICK = [
    Stage("ruff check", [f"{BIN}ruff", "check", "."]),
    Stage("ruff format", [f"{BIN}ruff", "format", "--check", "."]),
    Stage("mypy", [f"{BIN}mypy"]),
    Stage("mypy tests", [f"{BIN}mypy", "tests", "bench", "docs/recompute_health.py"]),
    Stage("schema", [f"{BIN}plantwright", "schema", "--check", "schema.graphql"]),
    Stage("frontend style", ["npm", "--prefix", "frontend", "run", "--silent", "lint"]),
    Stage("frontend types", ["npm", "--prefix", "frontend", "run", "--silent", "check"]),
]
ALL = [
    *QUICK,
    Stage("frontend tests", ["npm", "--prefix", "frontend", "test"]),
    Stage("browser tests", [*WITH_STACK, "npm", "--prefix", "e2e", "test"]),
    Stage("pytest", [f"{BIN}python", "-m", "pytest", "--numprocesses", "2"]),
]


@dataclass(frozen=True)
class Outcome:
    title: str
    exit_code: int
    seconds: float
    ending: tuple[str, ...]

    def __str__(self) -> str:
        word = "ok" if self.exit_code == 0 else "FAILED"
        return f"{self.title:<16} {word:<7} {self.seconds:7.1f} s   {self.ending[-1] if self.ending else ''}"


def run(stage: Stage) -> Outcome:
    say(f"\n=== {stage.title}: {' '.join(stage.command)}")
    began = time.monotonic()
    ending: deque[str] = deque(maxlen=ENDING_LINES)
    environment = os.environ | {"PYTHONUNBUFFERED": "1", "NO_COLOR": "1"}
    with subprocess.Popen(
        stage.command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env=environment,
    ) as process:
        for line in process.stdout or ():
            say(line.rstrip("\n"))
            if line.strip():
                ending.append(line.strip())
    seconds = time.monotonic() - began
    say(f"--- {stage.title}: exit code {process.returncode} after {seconds:.1f} s")
    return Outcome(stage.title, process.returncode, seconds, tuple(ending))


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    outcomes = [run(stage) for stage in (ALL if sys.argv[1:] == ["all"] else QUICK)]
    say("\n=== summary")
    for outcome in outcomes:
        say(str(outcome))
    failed = [outcome for outcome in outcomes if outcome.exit_code != 0]
    for outcome in failed:
        say("\n".join((f"\n=== how {outcome.title} ended", *outcome.ending)))
    say(f"FAILED: {', '.join(outcome.title for outcome in failed)}" if failed else "everything passed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
