"""What can go wrong, split by what the agent does about it."""

from dataclasses import dataclass
from pathlib import Path


class AgentError(Exception):
    """Base of every error the agent raises on purpose; the text is meant for people."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with the configuration. `line` counts from 1; None when no line is at fault."""

    file: Path
    line: int | None
    key: str
    reason: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else f"{self.file}"
        return f"{where}: {self.key}: {self.reason}"


class ConfigError(AgentError):
    """The configuration is refused as a whole, for every reason that could be found."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("\n".join(map(str, problems)))


class BufferUnusableError(AgentError):
    """The buffer directory cannot be used: not writable, or another agent works in it."""


class BufferFullError(AgentError):
    """The disk or the hard size bound refuses the write. Nothing was stored; the caller keeps it and retries."""


class RetryableInputError(AgentError):
    """The source does not answer now and may answer later."""


class PermanentInputError(AgentError):
    """The source will refuse until a person changes something (wrong password, unknown node, bad certificate)."""
