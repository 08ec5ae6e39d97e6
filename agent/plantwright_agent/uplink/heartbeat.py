"""Tells the server how the agent is: every `heartbeat_interval`, and soon after any state has changed.

The answer carries the server's time, from which the clock's offset follows, and nothing to do. A heartbeat that is
refused or lost is said once in the log and changes nothing else: readings go their own way.
"""

import asyncio
import contextlib
import logging
import platform
import socket
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import httpx
import msgspec

from plantwright_agent import __version__
from plantwright_agent.backoff import Backoff
from plantwright_agent.buffer.buffer import Buffer
from plantwright_agent.buffer.records import GapRecord
from plantwright_agent.buffer.surface import StreamSummary
from plantwright_agent.configuration.config import AgentConfig
from plantwright_agent.errors import BufferFullError
from plantwright_agent.status import Health, StatusBoard
from plantwright_agent.uplink.connection import CertificateError, Connection
from plantwright_agent.uplink.unreachable import why_unreachable

log = logging.getLogger(__name__)

PATH = "/api/v1/agent/heartbeat"
MAX_SOURCES = 1_000
MAX_GAPS = 100
MAX_TEXT = 300
TROUBLE = frozenset({"recoverable", "permanent"})
REFUSED_SCOPE = 403
DAY_SECONDS = 86_400.0


class HeartbeatAnswer(msgspec.Struct):
    server_time: Annotated[datetime, msgspec.Meta(tz=True)]


@dataclass(frozen=True, slots=True)
class HeartbeatPace:
    """Waiting times in seconds: how often states are looked at, and how long changes are gathered."""

    look: float = 1.0
    settle: float = 5.0
    first_retry: float = 1.0
    longest_retry: float = 60.0


class Heartbeat:
    """What it learns stands on the board: the clock's offset, the end of the client certificate, what is in the way."""

    def __init__(
        self,
        config: AgentConfig,
        buffer: Buffer,
        board: StatusBoard,
        pace: HeartbeatPace | None = None,
    ) -> None:
        self._config = config
        self._buffer = buffer
        self._board = board
        self._pace = pace or HeartbeatPace()
        cap = min(config.heartbeat_interval, self._pace.longest_retry)
        self._backoff = Backoff(first=min(self._pace.first_retry, cap), cap=cap)
        self._status = board.heartbeat
        self._has_more_gaps = False
        self._warned_at: float | None = None

    async def run(self) -> None:
        """Until cancelled."""
        async with Connection(self._config) as connection:
            while True:
                self._has_more_gaps = False
                shown = self._states()
                is_taken = await self._beat(connection)
                self._look_at_certificate(connection)
                if is_taken:
                    self._backoff.reset()
                    await self._until_due(shown)
                else:
                    await asyncio.sleep(self._backoff.next())

    async def _until_due(self, shown: object) -> None:
        """Until the interval is over, or something has changed and had its time to settle."""
        due = time.monotonic() + self._config.heartbeat_interval
        while (left := due - time.monotonic()) > 0:
            if self._states() != shown:
                await asyncio.sleep(min(self._pace.settle, left))
                return
            await asyncio.sleep(min(self._pace.look, left))

    def _states(self) -> object:
        parts = [(name, health.state) for name, health in self._board.sources.items()]
        return self._board.uplink.state, parts, self._status.clock_offset_ms is None, self._has_more_gaps

    async def _beat(self, connection: Connection) -> bool:
        """Whether the server has taken it."""
        gaps = await self._buffer.gaps_to_report(MAX_GAPS)
        body = msgspec.json.encode(await self._document(connection) | {"gaps": [_gap(gap) for gap in gaps]})
        sent_at, started = datetime.now(UTC), time.monotonic()
        try:
            async with connection.client() as client:
                response = await client.post(PATH, content=body, headers={"Content-Type": "application/json"})
        except CertificateError as error:
            return self._fail(str(error))
        except httpx.HTTPError as error:
            return self._fail(f"no answer from {self._config.api_url}: {why_unreachable(error)}")
        middle = sent_at + timedelta(seconds=(time.monotonic() - started) / 2)
        if response.status_code == REFUSED_SCOPE:
            return self._fail("the API key lacks the scope `agent`; readings are sent all the same")
        if not response.is_success:
            return self._fail(f"the server answered {response.status_code}", response.text[:MAX_TEXT])
        try:
            answer = msgspec.json.decode(response.content, type=HeartbeatAnswer)
        except msgspec.DecodeError:
            return self._fail(f"{self._config.api_url} answered, but not as a server for agents does")
        self._status.clock_offset_ms = round((answer.server_time - middle).total_seconds() * 1000, 1)
        self._status.taken_at = datetime.now(UTC)
        self._has_more_gaps = len(gaps) == MAX_GAPS
        # When the disk is full they are told once more, which changes nothing at the server.
        with contextlib.suppress(BufferFullError):
            await self._buffer.reported(gaps)
        if self._status.trouble:
            self._status.trouble = ""
            log.info("heartbeats are taken again")
        return True

    def _fail(self, reason: str, details: str = "") -> bool:
        if reason != self._status.trouble:
            self._status.trouble = reason
            log.warning("heartbeat not taken: %s%s", reason, f": {details}" if details else "")
        return False

    def _look_at_certificate(self, connection: Connection) -> None:
        self._status.certificate_expires_at = connection.certificate_expires_at
        self._status.warning = connection.warning() or ""
        is_due = self._warned_at is None or time.monotonic() - self._warned_at >= DAY_SECONDS
        if is_due and self._status.warning:
            self._warned_at = time.monotonic()
            log.warning("%s", self._status.warning)

    async def _document(self, connection: Connection) -> dict[str, Any]:
        summary = {item.name: item for item in await self._buffer.summary()}
        left_over = [name for name, item in summary.items() if name not in self._board.sources and item.depth]
        names = sorted([*self._board.sources, *left_over], key=self._is_well)
        return {
            "agent": self._buffer.agent,
            "name": self._config.name or socket.gethostname(),
            "version": __version__,
            "platform": f"{platform.system()} {platform.release()} {platform.machine()}, "
            f"Python {platform.python_version()}",
            "started_at": self._board.started_at,
            "sent_at": datetime.now(UTC),
            "interval_seconds": self._config.heartbeat_interval,
            "clock_offset_ms": self._status.clock_offset_ms,
            "certificate_expires_at": connection.certificate_expires_at,
            "uplink": _health(self._board.uplink) | {"last_push": self._board.last_push},
            "buffer": self._buffer_figures(list(summary.values())),
            "sources": [
                {"name": name} | _health(self._board.sources.get(name)) | _counters(summary.get(name))
                for name in names[:MAX_SOURCES]
            ],
        }

    def _is_well(self, name: str) -> bool:
        """Sources in trouble come first, so that they are not those that are cut off."""
        health = self._board.sources.get(name)
        return health is None or health.state not in TROUBLE

    def _buffer_figures(self, streams: list[StreamSummary]) -> dict[str, Any]:
        added = [item.oldest_added_ms for item in streams if item.oldest_added_ms is not None]
        set_aside = self._buffer.set_aside
        return {
            "bytes": self._buffer.size,
            "max_bytes": self._buffer.max_bytes,
            "depth": sum(item.depth for item in streams),
            "oldest_at": _time(min(added, default=None)),
            "set_aside": None if set_aside is None else str(set_aside)[:MAX_TEXT],
        }


def _health(health: Health | None) -> dict[str, Any]:
    if health is None:
        return {"protocol": "", "state": "removed"}
    return {
        "protocol": health.protocol,
        "state": health.state,
        "since": health.since,
        "last_error": health.error[:MAX_TEXT] or None,
        "last_error_at": health.error_at,
        "restarts": health.restarts,
    }


def _counters(item: StreamSummary | None) -> dict[str, Any]:
    if item is None:
        return {}
    return {
        "last_reading": _time(item.last_time_ms),
        "depth": item.depth,
        "acknowledged": item.acknowledged,
        "dropped": item.dropped,
        "gaps": item.gaps,
        "dead_letters": item.dead_letters,
    }


def _gap(gap: GapRecord) -> dict[str, Any]:
    return {
        "id": gap.id,
        "source": gap.source,
        "tag": gap.tag[:MAX_TEXT],
        "reason": gap.reason[:MAX_TEXT],
        "start": gap.start,
        "end": gap.end,
        "count": gap.count,
    }


def _time(milliseconds: int | None) -> datetime | None:
    return None if milliseconds is None else datetime.fromtimestamp(milliseconds / 1000, UTC)
