"""What can go wrong, split by what the agent does about it."""

from pathlib import Path


class AgentError(Exception):
    """Base of every error the agent raises on purpose; the text is meant for people."""


class ConfigError(AgentError):
    """The configuration is refused as a whole: file, key and reason, one per problem."""

    def __init__(self, file: Path, problems: list[tuple[str, str]]) -> None:
        self.file = file
        self.problems = problems
        super().__init__("\n".join(f"{file}: {key}: {reason}" for key, reason in problems))


class BufferUnusableError(AgentError):
    """The buffer directory cannot be used: not writable, or another agent works in it."""


class BufferFullError(AgentError):
    """The disk or the hard size bound refuses the write. Nothing was stored; the caller keeps it and retries."""


class RetryableInputError(AgentError):
    """The source does not answer now and may answer later."""


class PermanentInputError(AgentError):
    """The source will refuse until a person changes something (wrong password, unknown node, bad certificate)."""
