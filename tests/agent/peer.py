"""A small real ingest server: it keeps what it acknowledges and can be told to misbehave or go away."""

import asyncio
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

Key = tuple[str, str, int]
Reading = dict[str, Any]
KEY = "hk_test_0123456789"


@dataclass
class Peer:
    """`delay` in seconds; `script`: answers before behaving well; `reject`: why a reading is not wanted."""

    port: int
    delay: float = 0.0
    script: deque[Response] = field(default_factory=deque)
    reject: Callable[[Reading], str | None] = lambda _: None
    stored: dict[Key, list[Reading]] = field(default_factory=dict)
    order: list[Key] = field(default_factory=list)
    requests: list[tuple[float, Key]] = field(default_factory=list)
    conflicts: list[Key] = field(default_factory=list)
    _server: uvicorn.Server | None = None
    _thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def values(self, stream: str | None = None) -> list[float]:
        """Values in the order in which their batches were first acknowledged."""
        return [reading["value"] for key in self.order if stream in {None, key[1]} for reading in self.stored[key]]

    def up(self) -> None:
        app = Starlette(routes=[Route("/api/v1/ingest", self._ingest, methods=["POST"])])
        config = uvicorn.Config(app, host="127.0.0.1", port=self.port, log_level="critical", ws="none")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run)
        self._thread.start()
        while not self._server.started:
            time.sleep(0.01)

    def down(self) -> None:
        if self._server is not None and self._thread is not None:
            self._server.should_exit = self._server.force_exit = True
            self._thread.join()
            self._server = None

    async def _ingest(self, request: Request) -> Response:
        body = await request.json()
        key = (body["agent"], body["stream"], body["sequence"])
        self.requests.append((time.monotonic(), key))
        await asyncio.sleep(self.delay)
        if self.script:
            return self.script.popleft()
        if request.headers.get("X-API-Key") != KEY:
            return JSONResponse({"detail": "Unknown API key"}, 401)
        readings = body["readings"]
        errors = [
            {"index": index, "machine_identifier": reading["machine_identifier"], "error": reason}
            for index, reading in enumerate(readings)
            if (reason := self.reject(reading)) is not None
        ]
        if key in self.stored and self.stored[key] != readings:
            self.conflicts.append(key)
        elif key not in self.stored:
            self.order.append(key)
            self.stored[key] = readings
        answer = {"accepted_count": len(readings) - len(errors), "rejected_count": len(errors), "errors": errors}
        return JSONResponse(answer, 207)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
