"""HTTPS push: several requests at a time, never two of one lane, so that each lane arrives in order.

A request that fails is repeated for its lane after a wait; while none has succeeded since, only one request at a
time is made. What each answer means is in `push_answer.py`, whose turn it is in `push_turns.py`.
"""

import asyncio
import logging
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

import httpx

from plantwright_agent.backoff import Backoff
from plantwright_agent.buffer.batches import Batch, Lane
from plantwright_agent.buffer.buffer import Buffer
from plantwright_agent.buffer.chunks import MOST_READINGS
from plantwright_agent.configuration.config import AgentConfig
from plantwright_agent.errors import BufferFullError
from plantwright_agent.status import State, StatusBoard
from plantwright_agent.uplink.answer import Judgement, Meaning, judge
from plantwright_agent.uplink.connection import CertificateError, Connection
from plantwright_agent.uplink.turns import Turn, Turns
from plantwright_agent.uplink.unreachable import why_unreachable
from plantwright_agent.uplink.wire import compressed, encode_columns

log = logging.getLogger(__name__)

PATH = "/api/v1/ingest"
LOOK_SECONDS = 1.0
SMALL_BATCH = 500


@dataclass(frozen=True, slots=True)
class Pace:
    """Times in seconds. What waited for `live`, or two push intervals if that is longer, goes to the backlog.

    A reading that is refused alone is set aside if others were accepted within `evidence`: then the fault is its own.
    """

    first_retry: float = 1.0
    refused: float = 60.0
    longest_retry_after: float = 300.0
    live: float = 60.0
    evidence: float = 3600.0


class Uplink:
    """Empties the buffer into the API until cancelled."""

    def __init__(self, config: AgentConfig, buffer: Buffer, board: StatusBoard, pace: Pace | None = None) -> None:
        self._config = config
        self._buffer = buffer
        self._board = board
        self._pace = pace or Pace()
        self._backoff = self._new_backoff()
        self._turns = Turns(config.push_interval, config.batch_size, self._new_backoff)
        self._running: set[asyncio.Task[None]] = set()
        self._is_failing = False
        self._not_before = float("-inf")
        self._accepted_at = float("-inf")

    async def run(self) -> None:
        live = max(self._pace.live, 2 * self._config.push_interval)
        looked = float("-inf")
        try:
            async with Connection(self._config) as connection:
                while True:
                    if time.monotonic() - looked >= LOOK_SECONDS:
                        await self._shift(live)
                        looked = time.monotonic()
                    self._start_due(connection)
                    await self._wait()
        finally:
            for task in self._running:
                task.cancel()
            await asyncio.gather(*self._running, return_exceptions=True)

    async def _shift(self, seconds: float) -> None:
        try:
            await self._buffer.shift(seconds)
        except BufferFullError as error:
            self._say("recoverable", str(error))

    def _start_due(self, connection: Connection) -> None:
        if time.monotonic() < self._not_before:
            return
        for turn in self._turns.due(self._buffer.lanes(), one_only=self._is_failing):
            turn.is_busy = True
            turn.started = time.monotonic()
            task = asyncio.create_task(self._serve(connection, turn), name=f"push {turn.stream}")
            self._running.add(task)

    async def _wait(self) -> None:
        """Until a request ends, data comes, or a wait is over."""
        pause = max(self._turns.wait(self._buffer.lanes()), self._not_before - time.monotonic())
        timeout = min(pause or LOOK_SECONDS, LOOK_SECONDS)
        data = asyncio.create_task(self._buffer.wait_for_data())
        try:
            await asyncio.wait({data, *self._running}, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
        finally:
            data.cancel()
            await asyncio.gather(data, return_exceptions=True)
        for task in [task for task in self._running if task.done()]:
            self._running.discard(task)
            task.result()

    async def _serve(self, connection: Connection, turn: Turn) -> None:
        """Send one batch of the lane."""
        batch: Batch | None = None
        is_kept = True
        try:
            batch, turn.batch = turn.batch, None
            batch = batch or await self._buffer.take(turn.stream, turn.lane, self._limit(turn.lane))
            if batch is not None:
                is_kept = await self._act(turn, batch, await self._send(connection, batch))
        except BufferFullError as error:
            self._fail(turn, str(error))
        finally:
            turn.is_busy = False
            if batch is not None and is_kept:
                await self._buffer.release(batch)

    async def _send(self, connection: Connection, batch: Batch) -> Judgement:
        encode = partial(self._encode, batch)
        body, headers = encode() if len(batch) <= SMALL_BATCH else await asyncio.to_thread(encode)
        try:
            async with connection.client() as client:
                response = await client.post(PATH, content=body, headers=headers)
        except CertificateError as error:
            return Judgement(Meaning.REFUSED_KEY, str(error))
        except httpx.HTTPError as error:
            meaning = Meaning.AWAY if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout) else Meaning.LATER
            return Judgement(meaning, f"no answer from {self._config.api_url}: {why_unreachable(error)}")
        return judge(response, len(batch))

    def _encode(self, batch: Batch) -> tuple[bytes, dict[str, str]]:
        name = self._buffer.series_name
        return compressed(encode_columns(batch.agent, batch.wire_stream, batch.sequence, batch.columns, name))

    async def _act(self, turn: Turn, batch: Batch, told: Judgement) -> bool:
        """Whether the batch is still to be sent as it is."""
        match told.meaning:
            case Meaning.STORED:
                await self._settle(turn, batch, told.rejected)
                return False
            case Meaning.REFUSED_BATCH:
                return await self._refused(turn, batch, told.reason)
            case Meaning.REFUSED_KEY:
                self._pause("permanent", told.reason)
            case Meaning.USED_NUMBER:
                agent = await self._buffer.renew(batch)
                log.error("%s; the readings go on under the new agent id %s", told.reason, agent)
                self._fail(turn, told.reason)
                return False
            case Meaning.LATER:
                self._fail(turn, told.reason, min(told.wait, self._pace.longest_retry_after))
            case Meaning.AWAY:
                self._fail(None, told.reason)
        return True

    async def _settle(self, turn: Turn, batch: Batch, rejected: dict[int, str]) -> None:
        if rejected:
            log.warning(
                "readings rejected: stream=%s sequence=%d count=%d first=%s",
                batch.wire_stream,
                batch.sequence,
                len(rejected),
                next(iter(rejected.values())),
            )
        at_least = 1 if turn.lane is Lane.BACKLOG else self._config.batch_size
        turn.batch = await self._buffer.settle(batch, rejected, self._limit(turn.lane), at_least)
        self._accepted_at = time.monotonic()
        self._is_failing, self._not_before = False, float("-inf")
        turn.not_before = float("-inf")
        self._board.last_push = datetime.now(UTC)
        for backoff in (turn.backoff, self._backoff):
            backoff.reset()
        if self._board.uplink.to("ok"):
            log.info("uplink ok")

    async def _refused(self, turn: Turn, batch: Batch, reason: str) -> bool:
        """Halve the batch until the reading at fault is alone, and set that aside."""
        if len(batch) > 1:
            log.warning(
                "batch refused, halving it: stream=%s sequence=%d %s", batch.wire_stream, batch.sequence, reason
            )
            await self._buffer.split(batch)
            return False
        if time.monotonic() - self._accepted_at > self._pace.evidence:
            self._pause("permanent", reason)
            return True
        log.error("reading set aside: stream=%s sequence=%d %s", batch.wire_stream, batch.sequence, reason)
        turn.batch = await self._buffer.settle(batch, {0: reason}, self._limit(turn.lane), 1)
        return False

    def _fail(self, turn: Turn | None, reason: str, at_least: float = 0.0) -> None:
        """All lanes wait a little, so that a server in trouble is left alone; the lane it happened to waits longer."""
        now = time.monotonic()
        self._is_failing = True
        self._not_before = max(self._not_before, now + max(self._backoff.next(), at_least))
        if turn is not None:
            turn.not_before = now + max(turn.backoff.next(), at_least)
        self._say("recoverable", reason)

    def _pause(self, state: State, reason: str) -> None:
        self._is_failing = True
        self._not_before = time.monotonic() + self._pace.refused
        self._say(state, reason)

    def _say(self, state: State, reason: str) -> None:
        if self._board.uplink.to(state, reason):
            log.warning("push failed, readings are kept: %s", reason)

    def _limit(self, lane: Lane) -> int:
        return MOST_READINGS if lane is Lane.BACKLOG else self._config.batch_size

    def _new_backoff(self) -> Backoff:
        return Backoff(first=self._pace.first_retry, cap=self._config.retry_cap)
