"""A relay between agent and API that changes nothing and remembers every batch, in the order in which they came."""

import asyncio
import gzip
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from tests.agent.peer import rows_of

HEAD_END = b"\r\n\r\n"
AT_ONCE = 65_536

Key = tuple[str, str, int]
Content = tuple[tuple[str, int, float], ...]


@dataclass
class Tap:
    """`first` holds each batch as it was first sent: metric, time and value of its readings."""

    port: int = 0
    sent: int = 0
    first: dict[Key, Content] = field(default_factory=dict)
    changed: list[Key] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def lanes(self) -> set[str]:
        return {stream for _, stream, _ in self.first}

    def out_of_order(self) -> list[Key]:
        """Batches whose number does not follow the one before in their lane, or that hold an older value of a metric.

        Values must be numbers that count up.
        """
        number: dict[tuple[str, str], int] = defaultdict(int)
        value: dict[tuple[str, str], float] = {}
        wrong: list[Key] = []
        for (agent, lane, sequence), content in self.first.items():
            is_next = sequence == number[agent, lane] + 1
            number[agent, lane] = sequence
            for metric in {metric for metric, _, _ in content}:
                values = [at for name, _, at in content if name == metric]
                before = value.get((lane, metric), -1.0)
                is_next &= all(sooner < later for sooner, later in pairwise([before, *values]))
                value[lane, metric] = values[-1]
            if not is_next:
                wrong.append((agent, lane, sequence))
        return wrong

    def note(self, head: bytes, body: bytes) -> None:
        if not head.startswith(b"POST /api/v1/ingest "):
            return
        batch: dict[str, Any] = rows_of(gzip.decompress(body) if b"content-encoding: gzip" in head.lower() else body)
        key = batch["agent"], batch["stream"], batch["sequence"]
        content = tuple((row["metric_name"], row["timestamp"], row["value"]) for row in batch["readings"])
        self.sent += 1
        if self.first.setdefault(key, content) != content:
            self.changed.append(key)


@asynccontextmanager
async def tapped(api_port: int) -> AsyncIterator[Tap]:
    tap = Tap()

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            answers, requests = await asyncio.open_connection("127.0.0.1", api_port)
        except OSError:
            writer.close()
            return
        ways = [
            asyncio.create_task(_carry(reader, requests, tap)),
            asyncio.create_task(_carry(answers, writer, None)),
        ]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
        for end in (writer, requests):
            end.close()

    server = await asyncio.start_server(relay, "127.0.0.1", 0)
    tap.port = server.sockets[0].getsockname()[1]
    try:
        yield tap
    finally:
        server.close()


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, tap: Tap | None) -> None:
    seen = bytearray()
    with suppress(ConnectionError):
        while data := await reader.read(AT_ONCE):
            if tap is not None:
                seen += data
                _note_whole_requests(seen, tap)
            writer.write(data)
            await writer.drain()


def _note_whole_requests(seen: bytearray, tap: Tap) -> None:
    """Take complete requests off the front."""
    while (end := seen.find(HEAD_END)) >= 0:
        head, begin = bytes(seen[:end]), end + len(HEAD_END)
        fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
        length = int(fields.get(b"content-length", b"0"))
        if len(seen) < begin + length:
            return
        tap.note(head, bytes(seen[begin : begin + length]))
        del seen[: begin + length]
