"""The ingest door with parts left out or done the usual way, to hold the real one against."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

import numpy as np
from plantwright.app import Door
from plantwright.assembly import open_services
from plantwright.assets.series import SeriesCache
from plantwright.core.settings import Settings, load_settings
from plantwright.identity.principal import KeyPrincipal
from plantwright.readings.ingest.batch import ItemError, StoreRequest
from plantwright.readings.ingest.decoded import DecodedBatch
from plantwright.readings.ingest.writer import GroupCommitWriter
from plantwright.rest.ingest import IngestEndpoint
from plantwright.security_headers import SecurityHeaders
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

ROW_TABLE = """
    CREATE TABLE bench_row (series_id integer, time timestamptz, value double precision, PRIMARY KEY (series_id, time))
    """
ROW_COLUMNS = ("series_id", "time", "value")

_POSTGRES_EPOCH_MS = 946_684_800_000
_ROW = np.dtype(
    [
        ("fields", ">i2"),
        ("series_size", ">i4"),
        ("series_id", ">i4"),
        ("time_size", ">i4"),
        ("time", ">i8"),
        ("value_size", ">i4"),
        ("value", ">f8"),
    ]
)


class ParseOnly(IngestEndpoint):
    """Knows the key, decodes and validates, and stores nothing."""

    async def _store(self, principal: KeyPrincipal, batch: DecodedBatch) -> tuple[int, Sequence[ItemError]]:
        _ = principal
        return len(batch.columns), batch.errors


class RowWriter(GroupCommitWriter):
    """Group commit as in the product, but a row per reading with a primary key, and no batch keys."""

    async def _transaction(self, requests: Sequence[StoreRequest]) -> None:
        payload = row_payload(requests)
        connection = await self._connect()
        async with connection.transaction():
            await connection.copy_to_table("bench_row", source=payload, columns=ROW_COLUMNS, format="binary")


def row_payload(requests: Sequence[StoreRequest]) -> bytearray:
    """Input of a binary COPY into the table of rows, in the order in which the readings came."""
    columns = [request.columns for request in requests]
    rows = np.zeros(sum(map(len, columns)), _ROW)
    rows["fields"], rows["series_size"], rows["time_size"], rows["value_size"] = len(ROW_COLUMNS), 4, 8, 8
    rows["series_id"] = np.concatenate([part.series_id for part in columns])
    rows["time"] = (np.concatenate([part.time_ms for part in columns]) - _POSTGRES_EPOCH_MS) * 1000
    rows["value"] = np.concatenate([part.value for part in columns])
    return bytearray(b"PGCOPY\n\xff\r\n\x00" + bytes(8)) + rows.tobytes() + b"\xff\xff"


def create_parse_only() -> Starlette:
    settings = load_settings()
    return _app(settings, ParseOnly, GroupCommitWriter(settings.role_url("ingest"), _tell_nobody))


def create_row_copy() -> Starlette:
    settings = load_settings()
    # The role `ingest` may write nowhere else.
    return _app(settings, IngestEndpoint, RowWriter(settings.owner_url(), _tell_nobody))


def _tell_nobody(_tenants: set[UUID]) -> None:
    pass


def _app(settings: Settings, endpoint: type[IngestEndpoint], writer: GroupCommitWriter) -> Starlette:
    door = Door()

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncGenerator[None]:
        async with open_services(settings) as services:
            await writer.start()
            door.app = endpoint(services.keys, SeriesCache(services.database), writer, services.database)
            yield
            await writer.stop()

    routes = [Route("/api/v1/ingest", door, methods=None), Route("/readyz", _ready)]
    return Starlette(routes=routes, lifespan=lifespan, middleware=[Middleware(SecurityHeaders)])


async def _ready(_request: Request) -> Response:
    return PlainTextResponse("ok")
