"""A real HTTP receiver in this process: keeps what it is sent and answers as it is told."""

import ssl
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import parse_qs

from tests.backend.notifications.channels.receiving import serving


@dataclass(frozen=True)
class Received:
    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(self.body.decode()).items()}


@dataclass
class HttpReceiver:
    """`status`, `body` and `headers` are of the next answers; `before_answer` is done before each."""

    port: int = 0
    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    requests: list[Received] = field(default_factory=list)
    before_answer: Callable[[Received], Awaitable[None]] | None = None

    async def serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        first, *lines = head.rstrip().split("\r\n")
        method, target, _ = first.split(" ", 2)
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        self.requests.append(Received(method, target, headers, body))
        if self.before_answer is not None:
            await self.before_answer(self.requests[-1])
        extra = "".join(f"{name}: {value}\r\n" for name, value in self.headers.items())
        first = f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}\r\nContent-Length: {len(self.body)}\r\n"
        writer.write(f"{first}{extra}\r\n".encode() + self.body)
        await writer.drain()


@asynccontextmanager
async def http_receiver(tls: ssl.SSLContext | None = None) -> AsyncIterator[HttpReceiver]:
    made = HttpReceiver()
    async with serving(made.serve, tls) as port:
        made.port = port
        yield made
