"""Many light WebSocket subscribers in one process: they count frames and note when each came, and parse no JSON."""

import asyncio
import json
import struct
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

UPGRADE = (
    b"GET /graphql HTTP/1.1\r\nhost: bench\r\nupgrade: websocket\r\nconnection: upgrade\r\n"
    b"sec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
    b"sec-websocket-protocol: graphql-transport-ws\r\n\r\n"
)
TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
CONNECTING_AT_A_TIME = 50
# What tells one frame from the next lies at its front: the cursor.
FRONT = 100


@dataclass
class Received:
    """By all subscribers together; `arrivals` holds, per distinct frame, the times at which it came."""

    frames: int = 0
    closed: int = 0
    is_timing: bool = False
    arrivals: dict[bytes, list[float]] = field(default_factory=dict)
    wholes: dict[bytes, bytes] = field(default_factory=dict)

    def start(self) -> None:
        """Forget what came so far and note times from now on."""
        self.is_timing = True
        self.arrivals.clear()
        self.wholes.clear()

    def note(self, message: bytes) -> None:
        self.frames += 1
        if self.is_timing:
            front = message[:FRONT]
            times = self.arrivals.get(front)
            if times is None:
                times = self.arrivals[front] = []
                self.wholes[front] = message
            times.append(time.perf_counter())


class Subscriber(asyncio.Protocol):
    """Reads the server's frames, which carry no mask; what it sends is masked with zeros."""

    def __init__(self, received: Received) -> None:
        self._received = received
        self._buffer = b""
        self._is_open = False
        self._transport: asyncio.Transport | None = None
        self.is_ready = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        _ = exc
        self._received.closed += 1
        if not self.is_ready.done():
            self.is_ready.set_exception(ConnectionError("the server closed the connection"))

    def write(self, data: bytes) -> None:
        assert self._transport is not None
        self._transport.write(data)

    def send(self, message: Mapping[str, object]) -> None:
        self._send_frame(TEXT, json.dumps(message).encode())

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        buffer = self._buffer + data if self._buffer else data
        at = 0
        if not self._is_open:
            at = buffer.find(b"\r\n\r\n") + 4
            if at < 4:
                self._buffer = buffer
                return
            assert buffer.startswith(b"HTTP/1.1 101"), buffer[:200]
            self._is_open = True
            self.is_ready.set_result(None)
        end = len(buffer)
        while at + 2 <= end:
            size, begin = buffer[at + 1], at + 2
            if size == 126:
                begin += 2
                size = int.from_bytes(buffer[at + 2 : begin])
            elif size == 127:
                begin += 8
                size = int.from_bytes(buffer[at + 2 : begin])
            if begin > end or begin + size > end:
                break
            self._take(buffer[at] & 15, buffer[begin : begin + size])
            at = begin + size
        self._buffer = buffer[at:]

    def _take(self, opcode: int, payload: bytes) -> None:
        if opcode == TEXT:
            if b'"next"' in payload[:40]:
                self._received.note(payload)
            elif b'"connection_ack"' in payload[:40]:
                self.is_ready.set_result(None)
            else:
                raise RuntimeError(payload.decode())
        elif opcode == PING:
            self._send_frame(PONG, payload)
        elif opcode == CLOSE:
            self.close()

    def _send_frame(self, opcode: int, payload: bytes) -> None:
        size = len(payload)
        length = struct.pack("!B", 128 | size) if size < 126 else struct.pack("!BH", 254, size)
        head = bytes([128 | opcode]) + length
        self.write(head + bytes(4) + payload)


async def subscribe_many(
    port: int, count: int, received: Received, *, token: str = "", operation: Mapping[str, object] | None = None
) -> list[Subscriber]:
    """Connect, introduce and subscribe them all, a few at a time."""
    gate = asyncio.Semaphore(CONNECTING_AT_A_TIME)
    loop = asyncio.get_running_loop()

    async def one() -> Subscriber:
        async with gate:
            _, subscriber = await loop.create_connection(lambda: Subscriber(received), "127.0.0.1", port)
            subscriber.write(UPGRADE)
            await subscriber.is_ready
            subscriber.is_ready = loop.create_future()
            subscriber.send({"type": "connection_init", "payload": {"authorization": f"Bearer {token}"}})
            await subscriber.is_ready
            subscriber.send({"type": "subscribe", "id": "1", "payload": operation or {}})
            return subscriber

    return await asyncio.gather(*(one() for _ in range(count)))
