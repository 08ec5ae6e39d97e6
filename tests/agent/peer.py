"""A small real ingest server: it keeps what it acknowledges and can be told to misbehave or go away."""

import asyncio
import gzip
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np
import uvicorn
from plantwright_agent.uplink.wire import CONTENT_TYPE
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

Key = tuple[str, str, int]
Reading = dict[str, Any]
KEY = "hk_test_0123456789"


@dataclass
class Peer:
    """`delay` in seconds; `script`: answers before behaving well; `reject`: why a reading is not wanted.

    `refuse`: the answer to a batch that is refused as a whole; `deaf`: answers get lost after the commit.
    """

    port: int
    delay: float = 0.0
    script: deque[Response] = field(default_factory=deque)
    reject: Callable[[Reading], str | None] = lambda _: None
    refuse: Callable[[Key, list[Reading]], Response | None] = lambda _key, _readings: None
    deaf: bool = False
    encodings: set[str] = field(default_factory=set)
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
        return [
            reading["value"] for key in self.order if stream in {None, source_of(key)} for reading in self.stored[key]
        ]

    def numbers(self, key: Key) -> list[float]:
        return [reading["value"] for reading in self.stored[key]]

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
        assert request.headers["Content-Type"] == CONTENT_TYPE
        encoding = request.headers.get("Content-Encoding", "")
        self.encodings.add(encoding)
        sent = await request.body()
        body = rows_of(gzip.decompress(sent) if encoding == "gzip" else sent)
        key = (body["agent"], body["stream"], body["sequence"])
        self.requests.append((time.monotonic(), key))
        await asyncio.sleep(self.delay)
        if self.script:
            return self.script.popleft()
        if request.headers.get("X-API-Key") != KEY:
            return JSONResponse({"detail": "Unknown API key"}, 401)
        readings = body["readings"]
        if (refusal := self.refuse(key, readings)) is not None:
            return refusal
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
        return PlainTextResponse("the answer got lost", 502) if self.deaf else JSONResponse(answer, 207)


def source_of(key: Key) -> str:
    """The source, whichever of its lanes the batch came by."""
    return key[1].partition("~")[0]


def rows_of(columns: bytes) -> dict[str, Any]:
    """The batch as its JSON form would hold it, but with times in milliseconds and without raw tags."""
    body: dict[str, Any] = msgspec.msgpack.decode(columns)
    series_of = np.frombuffer(body["series_of"], "<u2").tolist()
    times, values = np.frombuffer(body["times"], "<i8").tolist(), np.frombuffer(body["values"], "<f8").tolist()
    qualities = body["quality"] or bytes(len(times))
    readings = [
        dict(zip(("machine_identifier", "metric_name", "unit"), body["series"][series], strict=True))
        | {"timestamp": time_ms, "value": value, "quality": ("good", "uncertain", "bad")[quality]}
        for series, time_ms, value, quality in zip(series_of, times, values, qualities, strict=True)
    ]
    return body | {"readings": readings}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
