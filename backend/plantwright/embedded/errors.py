"""Faults of the local start; each message says what to do."""

from pathlib import Path
from typing import ClassVar

from plantwright.core.errors import PlantwrightError

TAIL_LINES = 15


class LocalStartError(PlantwrightError):
    """A server or process of the local start did not come up."""

    code: ClassVar[str] = "LOCAL_START"


class AlreadyRunningError(LocalStartError):
    """Somebody else holds this data folder."""

    code: ClassVar[str] = "ALREADY_RUNNING"


def with_log_tail(message: str, log: Path) -> str:
    """The message followed by the end of the log that explains it."""
    if not log.is_file():
        return message
    tail = log.read_text(encoding="utf-8", errors="replace").splitlines()[-TAIL_LINES:]
    return "\n".join([message, f"The end of {log}:", *(f"  {line}" for line in tail)])
