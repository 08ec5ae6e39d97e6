"""HTTPS push: oldest first within a stream, streams in turn, one request at a time.

What an answer means:
 - 207 (or 200) with a list of errors: the batch is acknowledged, each rejected reading is a dead letter.
 - 400, 413, 422: this batch will never be accepted; its readings are dead letters and the next batch goes.
 - 400, 413, 415, 422 to a batch in columns: it is sent again as JSON, since the server may be an older one.
 - 409: the batch's number was used for other readings; they are kept, and the status says so.
 - 401, 403: the key is refused. Buffering goes on; the same batch is tried again once a minute.
 - anything else, or no answer: the same batch, under the same sequence, after a wait (Retry-After is honoured).
"""

import asyncio
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx
import msgspec

from plantwright_agent.backoff import Backoff
from plantwright_agent.buffer import Buffer
from plantwright_agent.config import AgentConfig
from plantwright_agent.errors import BufferFullError
from plantwright_agent.status import StatusBoard
from plantwright_agent.store import Batch
from plantwright_agent.wire import COLUMNS, JSON, encode_columns, encode_request

log = logging.getLogger(__name__)

PATH = "/api/v1/ingest"
REFUSED_BATCH = {400, 413, 415, 422}
CONTRADICTORY = 409
REFUSED_KEY = {401, 403}
ACCEPTED = {200, 207}
MAX_ANSWER = 300


class RejectedReading(msgspec.Struct):
    index: int
    error: str


class Answer(msgspec.Struct):
    """What the ingest address says about a batch it has stored."""

    accepted_count: int
    rejected_count: int
    errors: list[RejectedReading]


@dataclass(frozen=True, slots=True)
class Pace:
    """Waiting times in seconds."""

    first_retry: float = 1.0
    refused_key: float = 60.0
    longest_retry_after: float = 300.0


class Uplink:
    """Empties the buffer into the API until cancelled."""

    def __init__(self, config: AgentConfig, buffer: Buffer, board: StatusBoard, pace: Pace | None = None) -> None:
        self._config = config
        self._buffer = buffer
        self._board = board
        self._pace = pace or Pace()
        self._backoff = Backoff(first=self._pace.first_retry, cap=config.retry_cap)
        self._form = JSON

    async def run(self) -> None:
        headers = {"X-API-Key": self._config.api_key.reveal()}
        async with httpx.AsyncClient(
            base_url=self._config.api_url, headers=headers, timeout=self._config.request_timeout
        ) as client:
            while True:
                started = time.monotonic()
                if not await self._buffer.depths():
                    await self._buffer.wait_for_data()
                await self._round(client)
                await asyncio.sleep(max(0.0, self._config.push_interval - (time.monotonic() - started)))

    async def _round(self, client: httpx.AsyncClient) -> None:
        """Every stream gets a turn, then those with a full batch get more; a failed turn is repeated after its wait.

        What trickles in meanwhile waits for the next round, so that quick sources do not cause tiny batches.
        """
        due = list(await self._buffer.depths())
        while due:
            failed = {stream for stream in due if not await self._turn(client, stream)}
            depths = await self._buffer.depths()
            due = [name for name, depth in depths.items() if name in failed or depth >= self._config.batch_size]

    async def _turn(self, client: httpx.AsyncClient, stream: str) -> bool:
        """Try the stream's oldest batch once; False, after a wait, when it is still there."""
        try:
            batch = await self._buffer.take(stream, self._config.batch_size)
            if batch is None:
                return True
            wait = await self._attempt(client, batch)
            if wait is not None:
                await self._buffer.release(batch)
        except BufferFullError as error:
            wait = self._retry(str(error))
        if wait is not None:
            await asyncio.sleep(wait)
        return wait is None

    async def _attempt(self, client: httpx.AsyncClient, batch: Batch) -> float | None:
        """None when the batch is settled, otherwise how long to wait before the next attempt."""
        form = self._form
        encode = encode_columns if form == COLUMNS else encode_request
        body = encode(self._buffer.agent, batch.stream, batch.sequence, list(batch.bodies))
        try:
            response = await client.post(PATH, content=body, headers={"Content-Type": form})
        except httpx.HTTPError as error:
            return self._retry(f"no answer from {self._config.api_url}: {error or type(error).__name__}")
        if response.status_code in ACCEPTED:
            return await self._settle(batch, response)
        if response.status_code in REFUSED_BATCH and form == COLUMNS:
            self._form = JSON
            return 0.0
        if response.status_code in REFUSED_BATCH:
            reason = f"refused by the server with {response.status_code}: {response.text[:MAX_ANSWER]}"
            log.error("batch refused: stream=%s sequence=%d %s", batch.stream, batch.sequence, reason)
            await self._finish(batch, dict.fromkeys(range(len(batch.bodies)), reason))
            return None
        if response.status_code in REFUSED_KEY:
            reason = f"the server refuses the API key with {response.status_code}; check api_key and its scopes"
            if self._board.uplink.to("permanent", reason):
                log.error("%s; readings are kept", reason)
            return self._pace.refused_key
        told = f": {response.text[:MAX_ANSWER]}" if response.status_code == CONTRADICTORY else ""
        return self._retry(f"the server answered {response.status_code}{told}", self._retry_after(response))

    async def _settle(self, batch: Batch, response: httpx.Response) -> float | None:
        """A success only counts when it comes from the ingest address, not from a proxy's sign-in page."""
        try:
            answer = msgspec.json.decode(response.content, type=Answer)
        except msgspec.DecodeError:
            return self._retry(f"{self._config.api_url} answered, but not as an ingest address does")
        self._form = COLUMNS if COLUMNS in response.headers.get("Accept-Post", "") else JSON
        rejected = {item.index: item.error for item in answer.errors if 0 <= item.index < len(batch.bodies)}
        if rejected:
            log.warning(
                "readings rejected: stream=%s sequence=%d count=%d first=%s",
                batch.stream,
                batch.sequence,
                len(rejected),
                next(iter(rejected.values())),
            )
        await self._finish(batch, rejected)
        return None

    async def _finish(self, batch: Batch, rejected: Mapping[int, str]) -> None:
        await self._buffer.acknowledge(batch, rejected)
        self._board.last_push = datetime.now(UTC)
        self._backoff.reset()
        if self._board.uplink.to("ok"):
            log.info("uplink ok")

    def _retry(self, reason: str, at_least: float = 0.0) -> float:
        if self._board.uplink.to("recoverable", reason):
            log.warning("push failed, will retry: %s", reason)
        return max(self._backoff.next(), at_least)

    def _retry_after(self, response: httpx.Response) -> float:
        text = response.headers.get("Retry-After", "").strip()
        try:
            seconds = float(text) if text.isdigit() else _seconds_until(text)
        except ValueError:
            return 0.0
        return min(max(0.0, seconds), self._pace.longest_retry_after)


def _seconds_until(http_date: str) -> float:
    moment = parsedate_to_datetime(http_date)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - datetime.now(UTC)).total_seconds()
