"""A small HTTP/1.1 load generator: many connections that post prepared bodies and time the answers."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

HEAD = (
    "POST {path} HTTP/1.1\r\nhost: bench\r\nx-api-key: {key}\r\ncontent-type: {content_type}\r\n"
    "content-length: {length}\r\n\r\n"
)


@dataclass
class Load:
    """What was answered: readings accepted, and seconds per request."""

    accepted: int = 0
    refused: int = 0
    latencies: list[float] = field(default_factory=list)
    seconds: float = 0.0

    def percentile_ms(self, share: float) -> float:
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000


@dataclass(frozen=True)
class Target:
    port: int
    path: str
    key: str
    content_type: str


NextBody = Callable[[int], tuple[bytes, int]]


async def run_load(target: Target, next_body: NextBody, *, clients: int, seconds: float) -> Load:
    """Post until the time is over; `next_body(client)` gives a body and how many readings it holds."""
    load = Load()
    begin = time.perf_counter()
    end = begin + seconds
    await asyncio.gather(*(_client(target, client, end, next_body, load) for client in range(clients)))
    load.seconds = time.perf_counter() - begin
    return load


async def _client(target: Target, client: int, end: float, next_body: NextBody, load: Load) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", target.port)
    try:
        while time.perf_counter() < end:
            body, readings = next_body(client)
            head = HEAD.format(
                path=target.path, key=target.key, content_type=target.content_type, length=len(body)
            ).encode()
            sent = time.perf_counter()
            writer.writelines((head, body))
            await writer.drain()
            status = await _answer(reader)
            if status == 207:
                load.latencies.append(time.perf_counter() - sent)
                load.accepted += readings
            else:
                load.refused += 1
    finally:
        writer.close()


async def _answer(reader: asyncio.StreamReader) -> int:
    head = await reader.readuntil(b"\r\n\r\n")
    lower = head.lower()
    at = lower.index(b"content-length: ") + len(b"content-length: ")
    body = await reader.readexactly(int(lower[at : lower.index(b"\r\n", at)]))
    status = int(head[9:12])
    if status == 207 and b'"rejected_count":0' not in body:
        raise RuntimeError(f"readings were rejected: {body[:200]!r}")
    return status
