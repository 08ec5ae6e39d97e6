"""What the agent says about itself: a small status machine per source and for the uplink, and a file with all of it."""

import json
import math
import os
import time
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal

from plantwright_agent import __version__
from plantwright_agent.buffer.buffer import Buffer
from plantwright_agent.buffer.surface import StreamSummary
from plantwright_agent.errors import Problem

State = Literal["starting", "ok", "recoverable", "permanent", "stopping", "stopped"]

FILE = "status.json"
AFTER: dict[State, frozenset[State]] = {
    "starting": frozenset({"ok", "recoverable", "permanent", "stopping"}),
    "ok": frozenset({"starting", "recoverable", "permanent", "stopping"}),
    "recoverable": frozenset({"starting", "ok", "permanent", "stopping"}),
    "permanent": frozenset({"starting", "ok", "recoverable", "stopping"}),
    "stopping": frozenset({"stopped"}),
    "stopped": frozenset(),
}


@dataclass(slots=True)
class Health:
    """State of one source or of the uplink. `error` is the last one, kept after recovery with its time.

    `protocol` is empty for the uplink. `_ticks` measures the time in this state, whatever is done to the clock.
    """

    protocol: str = ""
    state: State = "starting"
    since: datetime = field(default_factory=lambda: datetime.now(UTC))
    error: str = ""
    error_at: datetime | None = None
    restarts: int = 0
    _ticks: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        """How long it has been in this state."""
        return time.monotonic() - self._ticks

    def to(self, state: State, error: str = "") -> bool:
        """Change state; True when it did. A step the machine does not have is a programming error."""
        if error:
            self.error, self.error_at = error, datetime.now(UTC)
        if state == self.state:
            return False
        if state not in AFTER[self.state]:
            raise ValueError(f"no step from {self.state} to {state}")
        self.state, self.since, self._ticks = state, datetime.now(UTC), time.monotonic()
        return True


@dataclass(slots=True)
class ConfigurationStatus:
    """Which configuration is in use, and what is wrong with a newer one that was refused."""

    file: Path = Path()
    loaded_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    problems: list[Problem] = field(default_factory=list)


@dataclass(slots=True)
class HeartbeatStatus:
    """What is known from and about heartbeats; `trouble` says why the last one was not taken.

    `clock_offset_ms` is the server's clock minus this computer's. `warning` tells of the end of the client certificate.
    """

    taken_at: datetime | None = None
    trouble: str = ""
    clock_offset_ms: float | None = None
    certificate_expires_at: datetime | None = None
    warning: str = ""


@dataclass(slots=True)
class StatusBoard:
    """All that the status file shows."""

    sources: dict[str, Health] = field(default_factory=dict)
    uplink: Health = field(default_factory=Health)
    last_push: datetime | None = None
    heartbeat: HeartbeatStatus = field(default_factory=HeartbeatStatus)
    configuration: ConfigurationStatus = field(default_factory=ConfigurationStatus)
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    async def write(self, folder: Path, buffer: Buffer) -> None:
        """Replace the file in one step, so that a reader never sees half of it."""
        document = await self._document(buffer)
        target = folder / FILE
        draft = target.with_suffix(".tmp")
        draft.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
        draft.replace(target)

    async def _document(self, buffer: Buffer) -> dict[str, Any]:
        summary = {item.name: item for item in await buffer.summary()}
        names = list(self.sources) + [name for name, item in summary.items() if name not in self.sources and item.depth]
        return {
            "agent": buffer.agent,
            "version": __version__,
            "pid": os.getpid(),
            "started_at": _iso(self.started_at),
            "written_at": _iso(datetime.now(UTC)),
            "boot": boot_id(),
            "ticks": time.monotonic(),
            "configuration": _configuration(self.configuration),
            "uplink": _health(self.uplink) | {"last_push": _iso(self.last_push)},
            "heartbeat": _heartbeat(self.heartbeat),
            "buffer": {
                "bytes": buffer.size,
                "depth": sum(item.depth for item in summary.values()),
                "oldest_seconds": _oldest(list(summary.values())),
                "set_aside": str(buffer.set_aside) if buffer.set_aside else None,
            },
            "sources": [
                {"name": name, "protocol": _protocol(self.sources.get(name))}
                | _health(self.sources.get(name))
                | _counters(summary.get(name))
                for name in names
            ],
        }


def age(document: dict[str, Any]) -> float:
    """Seconds since the status was written; infinite when the computer has been started since.

    Counted by the clock that runs since then and that no one sets.
    """
    return time.monotonic() - float(document["ticks"]) if document["boot"] == boot_id() else math.inf


@cache
def boot_id() -> str:
    """Names this start of the computer; empty where the system does not say."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""


def _configuration(status: ConfigurationStatus) -> dict[str, Any]:
    return {
        "state": "refused" if status.problems else "ok",
        "file": str(status.file),
        "loaded_at": _iso(status.loaded_at),
        "problems": [asdict(problem) | {"file": str(problem.file)} for problem in status.problems],
    }


def _heartbeat(status: HeartbeatStatus) -> dict[str, Any]:
    return {
        "taken_at": _iso(status.taken_at),
        "trouble": status.trouble or None,
        "clock_offset_ms": status.clock_offset_ms,
        "certificate_expires_at": _iso(status.certificate_expires_at),
        "warning": status.warning or None,
    }


def _health(health: Health | None) -> dict[str, Any]:
    if health is None:
        return {"state": "removed"}
    return {
        "state": health.state,
        "since": _iso(health.since),
        "seconds": round(health.seconds, 1),
        "restarts": health.restarts,
        "last_error": health.error or None,
        "last_error_at": _iso(health.error_at),
    }


def _protocol(health: Health | None) -> str | None:
    return health.protocol if health else None


def _counters(item: StreamSummary | None) -> dict[str, Any]:
    if item is None:
        return {}
    last = item.last_time_ms
    return {
        "last_reading": None if last is None else _iso(datetime.fromtimestamp(last / 1000, UTC)),
        "depth": item.depth,
        "acknowledged": item.acknowledged,
        "dropped": item.dropped,
        "gaps": item.gaps,
        "dead_letters": item.dead_letters,
    }


def _oldest(streams: list[StreamSummary]) -> float:
    added = [item.oldest_added_ms for item in streams if item.oldest_added_ms is not None]
    if not added:
        return 0.0
    return round(max(0.0, datetime.now(UTC).timestamp() - min(added) / 1000), 1)


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat(timespec="milliseconds")
