"""`GET /api/v1/readings/export`: a selection of readings as a file, streamed while it is read.

A plain ASGI endpoint beside the table of routes: docs/decisions/0012-an-export-is-a-stream.md says why.
"""

import asyncio
import re
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated
from uuid import UUID, uuid4

import structlog
from pydantic import Field
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from plantwright.core.database import Database
from plantwright.core.errors import DomainError, Unavailable
from plantwright.graphql.context import Context, Services
from plantwright.graphql.errors import known_fault
from plantwright.graphql.readings.export import instant
from plantwright.graphql.view import client_address
from plantwright.readings.exchange.exporting import (
    MAX_NAMES,
    ExportPlan,
    Selection,
    make_encoder,
    plan_export,
    read_export,
)
from plantwright.readings.exchange.long_form import Encoder, ExportFormat
from plantwright.rest.answers import Refusal, fault_answer, refusal_of_error
from plantwright.rest.execution import internal_refusal
from plantwright.rest.parsing import parse_query
from plantwright.rest.shapes import Moment, Parameters

log = structlog.get_logger()

SCOPE = "read:sensors"
MAX_EXPORTS = 4
RETRY_SECONDS = 5
# A receiver that takes nothing for so long gives its place to others.
STALL_SECONDS = 60.0

_BUSY = f"{MAX_EXPORTS} exports are running already. Try again when one of them is done."

Name = Annotated[str, Field(min_length=1, max_length=255)]


class FileParameters(Parameters):
    from_: Moment = Field(alias="from", description="Included.")
    to: Moment = Field(description="Not included.")
    machine: list[Name] = Field(
        default=[], max_length=MAX_NAMES, description="Identifiers of machines; may be repeated. All when left out."
    )
    metric: list[Name] = Field(
        default=[], max_length=MAX_NAMES, description="Names of metrics; may be repeated. All when left out."
    )
    format: ExportFormat = ExportFormat.CSV

    def selection(self) -> Selection:
        return Selection(self.machine, self.metric, self.from_, self.to)


class ExportEndpoint:
    """An ASGI application for one route. Once the file has begun, a fault can only be told by breaking it off: the
    connection is closed without the chunk that ends a body.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._running = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            tenant_id, parameters, plan = await self._prepare(Request(scope))
            if self._running >= MAX_EXPORTS:
                raise refusal_of_error(Unavailable(_BUSY, RETRY_SECONDS))
        except Refusal as refusal:
            await fault_answer(refusal)(scope, receive, send)
            return
        self._running += 1
        try:
            encoder = await asyncio.to_thread(make_encoder, parameters.format)
            await send(_head(parameters, plan))
            if scope["method"] == "HEAD":
                await send({"type": "http.response.body"})
            else:
                await _stream(_encoded(self._services.database, tenant_id, plan, encoder), receive, send)
        finally:
            self._running -= 1

    async def _prepare(self, request: Request) -> tuple[UUID, FileParameters, ExportPlan]:
        """
        Raises:
            Refusal: whatever is wrong, before the first byte is sent.
        """
        if request.method not in {"GET", "HEAD"}:
            raise Refusal(405, "This path takes GET, HEAD.", {"allow": "GET, HEAD"})
        try:
            tenant_id = await self._authenticate(request)
            parameters = parse_query(FileParameters, request.query_params)
            plan = await plan_export(self._services.database, tenant_id, parameters.selection())
        except DomainError as error:
            raise refusal_of_error(error) from error
        except Refusal:
            raise
        except Exception as error:
            if (known := known_fault(error)) is not None:
                raise refusal_of_error(known) from error
            correlation_id = uuid4().hex
            log.exception("export_failed", correlation_id=correlation_id, error=type(error).__name__)
            raise internal_refusal(correlation_id) from error
        return tenant_id, parameters, plan

    async def _authenticate(self, request: Request) -> UUID:
        """A program by its key, else a person of any role.

        Raises:
            DomainError: neither of them, or a key without the scope.
        """
        if key := request.headers.get("x-api-key"):
            return (await self._services.keys.authenticate(key, SCOPE)).tenant_id
        context = Context(self._services, client_address(request))
        await context.authenticate(request.headers.get("authorization"))
        return context.principal.tenant_id


async def _encoded(database: Database, tenant_id: UUID, plan: ExportPlan, encoder: Encoder) -> AsyncGenerator[bytes]:
    """The bytes of the file; encoding leaves the loop to others."""
    yield encoder.begin()
    async with aclosing(read_export(database, tenant_id, plan)) as chunks:
        async for chunk in chunks:
            yield await asyncio.to_thread(encoder.add, chunk)
    yield await asyncio.to_thread(encoder.finish)


async def _stream(parts: AsyncGenerator[bytes], receive: Receive, send: Send) -> None:
    gone = asyncio.create_task(_wait_until_gone(receive))
    try:
        async with aclosing(parts):
            async for part in parts:
                if gone.done():
                    return
                if part:
                    async with asyncio.timeout(STALL_SECONDS):
                        await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body"})
    except Exception as error:
        # Returning without the last message makes the server break the connection off.
        log.exception("export_broken_off", error=type(error).__name__)
    finally:
        gone.cancel()


async def _wait_until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _head(parameters: FileParameters, plan: ExportPlan) -> dict[str, object]:
    headers = {
        "content-type": parameters.format.media_type,
        "content-disposition": f'attachment; filename="{_file_name(parameters)}"',
    }
    if plan.estimated_readings is not None:
        headers["x-estimated-readings"] = str(plan.estimated_readings)
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    return {"type": "http.response.start", "status": 200, "headers": raw}


def _file_name(parameters: FileParameters) -> str:
    machines = parameters.machine
    of = [re.sub(r"[^\w.-]+", "_", machines[0], flags=re.ASCII)] if len(machines) == 1 else []
    window = [instant(moment).replace("-", "").replace(":", "") for moment in (parameters.from_, parameters.to)]
    return "-".join(["readings", *of, *window]) + f".{parameters.format.value}"
