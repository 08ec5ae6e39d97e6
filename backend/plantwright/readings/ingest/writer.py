"""Group commit: many requests, one transaction.

Invariants:
1. A request is answered after the transaction that holds its readings has committed, never before.
2. A batch key is inserted in the same transaction as its readings, so a batch is stored once or not at all.
3. One request that cannot be stored does not fail those it shares a transaction with.
4. What waits is bounded; past the bound a request is refused at once with a time to come back.

There is no linger: a flush takes what has gathered while the one before it committed.
"""

import asyncio
import json
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from uuid import UUID

import asyncpg
import structlog

from plantwright.core.errors import Unavailable
from plantwright.core.tasks import end_task
from plantwright.readings.ingest.batch import ItemError, StoreRequest
from plantwright.readings.ingest.outages import outage_of
from plantwright.readings.ingest.segments import COPY_COLUMNS, build_segments, copy_payload

log = structlog.get_logger()

MAX_QUEUED_READINGS = 500_000
MAX_FLUSH_READINGS = 100_000
STATEMENT_TIMEOUT_MS = 10_000
CONNECT_SECONDS = 3.0
COMMAND_SECONDS = 15.0

# No ON CONFLICT: it would need SELECT on the table, and the role may only insert.
_INSERT_KEYS = """
    INSERT INTO ingest_batch (tenant_no, agent, stream, sequence, accepted, errors, digest)
    SELECT * FROM unnest($1::int4[], $2::uuid[], $3::text[], $4::int8[], $5::int4[], $6::jsonb[], $7::bytea[])"""


class Stored(Enum):
    """What became of a request."""

    NEW = "new"
    SEEN_BEFORE = "seen_before"


@dataclass(eq=False, slots=True)
class _Waiting:
    request: StoreRequest
    outcome: asyncio.Future[Stored] = field(repr=False)

    def settle(self, result: Stored | Exception) -> None:
        # The client may have gone away and cancelled its wait.
        if self.outcome.done():
            return
        if isinstance(result, Stored):
            self.outcome.set_result(result)
        else:
            self.outcome.set_exception(result)


class GroupCommitWriter:
    """Stores requests through the `ingest` role. `on_stored` hears of the tenants of each commit; it must not block."""

    def __init__(
        self,
        url: str,
        on_stored: Callable[[set[UUID]], None],
        *,
        max_queued_readings: int = MAX_QUEUED_READINGS,
        max_flush_readings: int = MAX_FLUSH_READINGS,
    ) -> None:
        self._url = url
        self._on_stored = on_stored
        self._max_queued = max_queued_readings
        self._max_flush = max_flush_readings
        self._queue: deque[_Waiting] = deque()
        self._queued_readings = 0
        self._arrived = asyncio.Event()
        self._connection: asyncpg.Connection | None = None
        self._loop: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._loop = asyncio.create_task(self._run(), name="ingest-writer")

    async def stop(self) -> None:
        """Refuses what still waits; what is being committed is finished first."""
        if self._loop is not None:
            await end_task(self._loop)
            self._loop = None
        _settle_all(self._queue, Unavailable("The server is shutting down"))
        self._queue.clear()
        await self._disconnect()

    async def store(self, request: StoreRequest) -> Stored:
        """Returns once the readings are committed, now or by an earlier copy of the batch.

        Raises:
            Unavailable: too much is waiting, or the database is away. Whether the batch was stored may then be
                unknown; repeating it under the same key is safe.
        """
        if self._loop is None:
            raise Unavailable("The server is shutting down")
        self.check_room(len(request.columns))
        waiting = _Waiting(request, asyncio.get_running_loop().create_future())
        self._queue.append(waiting)
        self._queued_readings += len(request.columns)
        self._arrived.set()
        return await waiting.outcome

    def check_room(self, readings: int = 1) -> None:
        """
        Raises:
            Unavailable: so many more readings cannot wait now.
        """
        if self._queued_readings + readings > self._max_queued:
            raise Unavailable("Too many readings are waiting to be stored")

    async def _run(self) -> None:
        while True:
            await self._arrived.wait()
            group = self._take()
            # A commit under way is finished even when the server is told to stop.
            flush = asyncio.ensure_future(self._flush(group))
            try:
                await asyncio.shield(flush)
            except asyncio.CancelledError:
                await flush
                raise

    def _take(self) -> list[_Waiting]:
        group: list[_Waiting] = []
        readings = 0
        while self._queue and (not group or readings + len(self._queue[0].request.columns) <= self._max_flush):
            waiting = self._queue.popleft()
            readings += len(waiting.request.columns)
            group.append(waiting)
        self._queued_readings -= readings
        if not self._queue:
            self._arrived.clear()
        return group

    async def _flush(self, group: list[_Waiting]) -> None:
        try:
            await self._flush_once_per_key(group)
        except Exception as error:
            # Nobody may wait for ever, whatever went wrong; and no transaction may be left half done.
            await self._disconnect()
            _settle_all(group, error)
            log.exception("flush_broken", requests=len(group))

    async def _flush_once_per_key(self, group: list[_Waiting]) -> None:
        """A batch that came twice within the group is stored once; its copies share the outcome."""
        first: dict[object, _Waiting] = {}
        copies: list[tuple[_Waiting, _Waiting]] = []
        for waiting in group:
            request = waiting.request
            key: object = (request.tenant_no, request.key) if request.key else waiting
            original = first.setdefault(key, waiting)
            if original is not waiting:
                copies.append((waiting, original))
        results = await self._store_group(list(first.values()))
        for waiting, result in results.items():
            waiting.settle(result)
        for copy, original in copies:
            result = results[original]
            copy.settle(Stored.SEEN_BEFORE if isinstance(result, Stored) else result)

    async def _store_group(self, group: list[_Waiting]) -> dict[_Waiting, Stored | Exception]:
        try:
            await self._transaction([waiting.request for waiting in group])
        except Exception as error:
            outage = outage_of(error)
            if outage is not None:
                await self._disconnect()
                log.warning("flush_failed", requests=len(group), error=type(error).__name__, reason=outage.message)
                return dict.fromkeys(group, outage)
            if not isinstance(error, asyncpg.PostgresError):
                raise
            if len(group) > 1:
                return await self._store_singly(group)
            return {group[0]: _verdict(error)}
        return dict.fromkeys(group, Stored.NEW)

    async def _store_singly(self, group: list[_Waiting]) -> dict[_Waiting, Stored | Exception]:
        """A transaction each: at least one is a copy of an earlier batch, or cannot be stored."""
        results: dict[_Waiting, Stored | Exception] = {}
        for waiting in group:
            results |= await self._store_group([waiting])
        return results

    async def _transaction(self, requests: Sequence[StoreRequest]) -> None:
        payload = copy_payload(build_segments(requests))
        connection = await self._connect()
        async with connection.transaction():
            keys = _key_columns(requests)
            if keys is not None:
                await connection.execute(_INSERT_KEYS, *keys)
            await connection.copy_to_table("segment", source=payload, columns=COPY_COLUMNS, format="binary")
        self._on_stored({request.tenant_id for request in requests})

    async def _connect(self) -> asyncpg.Connection:
        if self._connection is None or self._connection.is_closed():
            self._connection = await _open_connection(self._url)
        return self._connection

    async def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.terminate()


async def _open_connection(url: str) -> asyncpg.Connection:
    try:
        return await asyncpg.connect(
            url,
            timeout=CONNECT_SECONDS,
            command_timeout=COMMAND_SECONDS,
            server_settings={
                "application_name": "plantwright-ingest",
                "statement_timeout": str(STATEMENT_TIMEOUT_MS),
                "idle_in_transaction_session_timeout": str(STATEMENT_TIMEOUT_MS),
            },
        )
    except asyncpg.PostgresError as error:
        # No fault of any request: whatever refuses the connection, all of them may come again.
        raise ConnectionError(f"connection refused: {error}") from error


def _settle_all(group: Sequence[_Waiting] | deque[_Waiting], result: Exception) -> None:
    for waiting in group:
        waiting.settle(result)


def _verdict(error: Exception) -> Stored | Exception:
    is_copy = isinstance(error, asyncpg.UniqueViolationError) and error.table_name == "ingest_batch"
    return Stored.SEEN_BEFORE if is_copy else error


def _key_columns(requests: Sequence[StoreRequest]) -> tuple[Sequence[object], ...] | None:
    """Columns of the batch keys, sorted: two processes that insert the same keys cannot wait for each other."""
    rows = [
        (
            request.tenant_no,
            key.agent,
            key.stream,
            key.sequence,
            len(request.columns),
            request.errors,
            request.digest,
        )
        for request in requests
        if (key := request.key) is not None
    ]
    rows.sort(key=lambda row: row[:4])
    return tuple(zip(*rows, strict=True)) if rows else None


def errors_to_json(errors: Sequence[ItemError]) -> str | None:
    """The refused readings of a batch as it keeps them; None when none was refused."""
    if not errors:
        return None
    return json.dumps([[error.index, error.machine_identifier, error.error] for error in errors])
