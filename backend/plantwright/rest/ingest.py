"""`POST /api/v1/ingest`: readings in, 207 once they are committed.

A plain ASGI endpoint: at small batches a request object costs as much as the readings in it.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from typing import Protocol
from uuid import UUID

import numpy as np
import orjson
import structlog
from starlette.types import Receive, Scope, Send

from plantwright.agents.machines import MachineLinks
from plantwright.assets.series import SeriesCache
from plantwright.core.clock import to_milliseconds, utc_now
from plantwright.core.database import Database
from plantwright.core.errors import DomainError, Unauthenticated, Unavailable
from plantwright.identity.principal import KeyPrincipal
from plantwright.readings.ingest import repository
from plantwright.readings.ingest.batch import BatchKey, ItemError, NamedColumns, SeriesColumns, StoreRequest
from plantwright.readings.ingest.decode_columns import CONTENT_TYPE as COLUMNS
from plantwright.readings.ingest.decode_columns import decode_columns
from plantwright.readings.ingest.decode_json import decode_json
from plantwright.readings.ingest.decode_json_slowly import decode_json_slowly
from plantwright.readings.ingest.decoded import DecodedBatch, WrongShape
from plantwright.readings.ingest.outages import outage_of
from plantwright.readings.ingest.streams import ForgottenStreams
from plantwright.readings.ingest.writer import GroupCommitWriter, Stored, errors_to_json
from plantwright.rest.request_body import UnsupportedEncoding, too_large, unpacker

log = structlog.get_logger()

SCOPE = "ingest"
MAX_BODY_BYTES = 10 * 1024 * 1024
# Bodies being received and worked on at once, over all requests of this process.
MAX_BYTES_IN_WORK = 256 * 1024 * 1024

_MULTI_STATUS = 207
# Tells a sender that starts with JSON that it may go on in columns (W3C Linked Data Platform 1.0, 7.1).
_FORMS = [(b"accept-post", b"application/json, " + COLUMNS)]
_ENCODINGS = [(b"accept-encoding", b"gzip")]
_REFUSED = -1


class Authenticator(Protocol):
    async def authenticate(self, secret: str, scope: str) -> KeyPrincipal:
        """
        Raises:
            Unauthenticated: unknown, revoked or expired key.
            PermissionDenied: the key lacks the scope.
        """
        ...


class SequenceUsed(DomainError):
    """Other readings were stored under this batch key: the sender counts anew, or two senders share an identity."""

    code = "SEQUENCE_USED"
    http_status = 409

    def __init__(self, key: BatchKey) -> None:
        super().__init__(
            f"Number {key.sequence} of stream {key.stream!r} was used before, for other readings. Nothing of this "
            "batch was stored: send it under an agent id of its own, or under a number that was not used yet"
        )


class ClientGone(Exception):
    """The connection ended before the body did: nobody is left to answer."""


class IngestEndpoint:
    """An ASGI application for one route; `database` is of the `app` role."""

    def __init__(
        self, authenticator: Authenticator, series: SeriesCache, writer: GroupCommitWriter, database: Database
    ) -> None:
        self._authenticator = authenticator
        self._series = series
        self._writer = writer
        self._database = database
        self._streams = ForgottenStreams(database)
        self._links = MachineLinks(database)
        self._bytes_in_work = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] != "POST":
            await _send_json(send, 405, {"detail": "Method not allowed: use POST"}, [(b"allow", b"POST")])
            return
        try:
            accepted, errors = await self._ingest(scope, receive)
        except ClientGone:
            return
        except WrongShape as error:
            await _send_json(send, error.http_status, {"detail": error.details})
        except DomainError as error:
            await _send_json(send, error.http_status, {"detail": error.message}, _headers(error))
        except Exception as error:
            # The sender must learn that the batch is not acknowledged, whatever went wrong.
            outage = outage_of(error)
            if outage is None:
                log.exception("ingest_failed", error=type(error).__name__)
                await _send_json(send, 500, {"detail": "Internal error: the batch was not acknowledged"})
            else:
                log.warning("ingest_unavailable", error=type(error).__name__, reason=outage.message)
                await _send_json(send, outage.http_status, {"detail": outage.message}, _headers(outage))
        else:
            await _send_json(send, _MULTI_STATUS, _answer(accepted, errors), _FORMS)

    async def _ingest(self, scope: Scope, receive: Receive) -> tuple[int, Sequence[ItemError]]:
        headers = dict(scope["headers"])
        key = headers.get(b"x-api-key", b"").decode("latin-1")
        if not key:
            raise Unauthenticated("API key is missing: send it in the X-API-Key header")
        principal = await self._authenticator.authenticate(key, SCOPE)
        size = 0
        try:
            body = bytearray()
            unpack = unpacker(headers.get(b"content-encoding", b""), MAX_BODY_BYTES)
            _check_length(headers.get(b"content-length"))
            self._writer.check_room()
            async for chunk in _chunks(receive):
                piece = unpack.feed(chunk)
                size += len(piece)
                self._bytes_in_work += len(piece)
                if self._bytes_in_work > MAX_BYTES_IN_WORK:
                    raise Unavailable("The server is receiving too much at once")
                body += piece
            unpack.end()
            # Once more before it is decoded, which costs more than all the rest.
            self._writer.check_room()
            return await self._store(principal, await _decode(bytes(body), headers.get(b"content-type", b"")))
        finally:
            self._bytes_in_work -= size

    async def _store(self, principal: KeyPrincipal, batch: DecodedBatch) -> tuple[int, Sequence[ItemError]]:
        key = batch.key
        if key is not None and await self._streams.is_forgotten(principal.tenant_id, principal.tenant_no, key):
            raise SequenceUsed(key)
        columns, refused, machines = await self._resolve(principal.tenant_id, batch.columns)
        errors = sorted([*batch.errors, *refused], key=lambda error: error.index)
        if len(columns) == 0:
            return 0, errors
        request = StoreRequest(
            principal.tenant_id, principal.tenant_no, key, columns, errors_to_json(errors), batch.digest
        )
        stored = await self._writer.store(request)
        if stored is Stored.SEEN_BEFORE:
            return await self._first_answer(principal, batch)
        if key is not None:
            await self._links.note(principal.tenant_id, key.agent, machines)
        return len(columns), errors

    async def _resolve(
        self, tenant_id: UUID, columns: NamedColumns
    ) -> tuple[SeriesColumns, Sequence[ItemError], set[str]]:
        """Readings of known series, an error for each of the others, and the identifiers of the machines found."""
        verdicts = await self._series.resolve(tenant_id, columns.names)
        found = [verdicts[name] for name in columns.names]
        series_of = np.array([verdict if isinstance(verdict, int) else _REFUSED for verdict in found], np.int32)
        errors: list[ItemError] = []
        if any(isinstance(verdict, str) for verdict in found):
            is_known = series_of[columns.name_of] != _REFUSED
            errors = [
                columns.refusal(place, str(found[int(columns.name_of[place])]))
                for place in np.flatnonzero(~is_known).tolist()
            ]
            columns = columns.only(is_known)
        series = series_of[columns.name_of]
        machines = {name[0] for name, verdict in zip(columns.names, found, strict=True) if isinstance(verdict, int)}
        return SeriesColumns(series, columns.time_ms, columns.value, columns.quality), errors, machines

    async def _first_answer(self, principal: KeyPrincipal, batch: DecodedBatch) -> tuple[int, Sequence[ItemError]]:
        """What the batch was answered when it was stored: that, not today's view of it, is what the log holds.

        Raises:
            SequenceUsed: the readings stored under this key were others.
            Unavailable: the first copy has not committed yet.
        """
        key = batch.key
        outcome = None
        if key is not None:
            async with self._database.reading(principal.tenant_id) as work:
                outcome = await repository.batch_outcome(work, principal.tenant_no, key)
        if key is None or outcome is None:
            raise Unavailable("The batch is being stored at the moment")
        if outcome.digest is not None and outcome.digest != batch.digest:
            raise SequenceUsed(key)
        return outcome.accepted, [ItemError(*error) for error in outcome.errors]


async def _decode(body: bytes, content_type: bytes) -> DecodedBatch:
    now_ms = to_milliseconds(utc_now())
    if content_type.partition(b";")[0].strip().lower() == COLUMNS:
        return decode_columns(body, now_ms)
    batch = decode_json(body, now_ms)
    if batch is None:
        # Ten times as slow, so it must not hold up the requests of others.
        batch = await asyncio.to_thread(decode_json_slowly, body, now_ms)
    return batch


async def _chunks(receive: Receive) -> AsyncGenerator[bytes]:
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        yield message.get("body", b"")
        more = message.get("more_body", False)


def _check_length(header: bytes | None) -> None:
    if header is not None and header.isdigit() and int(header) > MAX_BODY_BYTES:
        raise too_large(MAX_BODY_BYTES)


def _answer(accepted: int, errors: Sequence[ItemError]) -> dict[str, object]:
    return {"accepted_count": accepted, "rejected_count": len(errors), "errors": errors}


def _headers(error: DomainError) -> list[tuple[bytes, bytes]]:
    if isinstance(error, UnsupportedEncoding):
        return _ENCODINGS
    seconds = getattr(error, "retry_after_seconds", None)
    return [] if seconds is None else [(b"retry-after", str(seconds).encode())]


async def _send_json(
    send: Send, status: int, content: dict[str, object], headers: Sequence[tuple[bytes, bytes]] = ()
) -> None:
    body = orjson.dumps(content)
    start = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode()), *headers]
    await send({"type": "http.response.start", "status": status, "headers": start})
    await send({"type": "http.response.body", "body": body})
