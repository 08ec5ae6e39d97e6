"""What all commands have in common: exit codes, the way they speak, and tables."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

from plantwright_agent.configuration.config import Config, Outcome, read_config
from plantwright_agent.errors import AgentError
from plantwright_agent.inputs.source import SourceConfig

OK, BAD_CONFIG, UNUSABLE, ATTENTION, INTERRUPTED = 0, 2, 3, 4, 130

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001 - the library has no public name for it


class CommandError(AgentError):
    """Ends the command with this exit code and message."""

    def __init__(self, message: str, code: int = BAD_CONFIG) -> None:
        self.code = code
        super().__init__(message)


def say(text: str = "") -> None:
    sys.stdout.write(f"{text}\n")


def complain(text: str) -> None:
    sys.stderr.write(f"plantwright-agent: {text}\n")


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> list[str]:
    """Lines with columns as wide as their widest cell."""
    cells = [list(head), *(["" if cell is None else str(cell) for cell in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]


def source_named(config: Config, name: str, protocol: str) -> SourceConfig | None:
    """Raises CommandError when there is such a source, but of another protocol."""
    source = next((source for source in config.source if source.name == name), None)
    if source is not None and source.protocol != protocol:
        raise CommandError(f'source "{name}" is {source.protocol}, not {protocol}')
    return source


def accepted(outcome: Outcome) -> Config:
    """Raises CommandError with all problems."""
    if outcome.config is None:
        listed = "\n".join(map(str, outcome.problems))
        raise CommandError(f"configuration refused:\n{listed}")
    return outcome.config


def config_if_there(path: Path, *, is_named: bool) -> Config | None:
    """For commands that can do without one. A file that was named, or is there, must be good."""
    if not is_named and not path.exists():
        return None
    return accepted(read_config(path))
