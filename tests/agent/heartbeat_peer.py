"""A small real server for heartbeats: it reads them as the product does, keeps them, and can be told to misbehave."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import uvicorn
from plantwright.agents.heartbeat import Heartbeat, read_heartbeat
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.agent.peer import KEY, free_port


@dataclass
class HeartbeatPeer:
    """`script`: answers before behaving well; `clock`: how far its clock is ahead."""

    port: int
    clock: timedelta = timedelta()
    script: deque[Response] = field(default_factory=deque)
    asked: int = 0
    taken: list[Heartbeat] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def answer(self, request: Request) -> Response:
        heartbeat = read_heartbeat(await request.body())
        self.asked += 1
        if self.script:
            return self.script.popleft()
        if request.headers.get("X-API-Key") != KEY:
            return JSONResponse({"detail": "Unknown API key"}, 401)
        self.taken.append(heartbeat)
        now = datetime.now(UTC) + self.clock
        return JSONResponse({"server_time": now.isoformat(), "interval_seconds": heartbeat.interval_seconds})


@asynccontextmanager
async def heartbeat_peer() -> AsyncIterator[HeartbeatPeer]:
    made = HeartbeatPeer(free_port())
    app = Starlette(routes=[Route("/api/v1/agent/heartbeat", made.answer, methods=["POST"])])
    config = uvicorn.Config(app, host="127.0.0.1", port=made.port, log_level="critical", ws="none", lifespan="off")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.01)
    try:
        yield made
    finally:
        server.should_exit = server.force_exit = True
        await serving
