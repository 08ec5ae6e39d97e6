"""`POST /api/v1/agent/heartbeat`: an agent says how it is. The answer tells the time and nothing to do.

docs/agents.md describes body and answer.
"""

from uuid import uuid4

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from plantwright.agents.heartbeat import read_heartbeat
from plantwright.agents.service import take_heartbeat
from plantwright.core.clock import iso_utc, utc_now
from plantwright.core.errors import DomainError, Unauthenticated
from plantwright.graphql.context import Services
from plantwright.graphql.errors import known_fault
from plantwright.rest.answers import Refusal, fault_answer, json_answer, refusal_of_error
from plantwright.rest.execution import internal_refusal
from plantwright.rest.parsing import receive_body
from plantwright.rest.route import PREFIX

log = structlog.get_logger()

HEARTBEAT_PATH = f"{PREFIX}/agent/heartbeat"
SCOPE = "agent"
MAX_BODY_BYTES = 4 * 1024 * 1024

_TOO_LARGE = f"A heartbeat has at most {MAX_BODY_BYTES:,} bytes."


class HeartbeatEndpoint:
    """An ASGI application for one route, opened by an API key with the scope `agent`."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            response = await self._respond(Request(scope, receive))
        except ClientDisconnect:
            return
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        try:
            return await self._answer(request)
        except Refusal as refusal:
            return fault_answer(refusal)
        except DomainError as error:
            return fault_answer(refusal_of_error(error))
        except ClientDisconnect:
            raise
        except Exception as error:
            if (known := known_fault(error)) is not None:
                return fault_answer(refusal_of_error(known))
            correlation_id = uuid4().hex
            log.exception("heartbeat_failed", correlation_id=correlation_id, error=type(error).__name__)
            return fault_answer(internal_refusal(correlation_id))

    async def _answer(self, request: Request) -> Response:
        if request.method not in {"GET", "HEAD", "POST"}:
            raise Refusal(405, "This path takes GET, HEAD, POST.", {"allow": "GET, HEAD, POST"})
        key = request.headers.get("x-api-key", "")
        if not key:
            raise Unauthenticated("API key is missing: send it in the X-API-Key header")
        principal = await self._services.keys.authenticate(key, SCOPE)
        if request.method != "POST":
            return json_answer(200, {"server_time": iso_utc(utc_now())})
        heartbeat = read_heartbeat(await receive_body(request, MAX_BODY_BYTES, _TOO_LARGE))
        async with self._services.database.transaction(principal.tenant_id) as work:
            await take_heartbeat(work, self._services.journal, principal.key_id, heartbeat, utc_now())
        answer = {"server_time": iso_utc(utc_now()), "interval_seconds": heartbeat.interval_seconds}
        return json_answer(200, answer)
