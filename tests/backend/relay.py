"""A TCP relay in front of a real server, so that a test can cut the line and join it again."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit, urlunsplit


@dataclass
class Relay:
    host: str
    port: int
    server: asyncio.Server | None = None
    local_port: int = 0
    pairs: set[asyncio.Task[None]] = field(default_factory=set)

    async def join(self) -> None:
        self.server = await asyncio.start_server(self._accept, "127.0.0.1", self.local_port)
        self.local_port = self.server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        """Refuse new connections and drop those there are."""
        if self.server is not None:
            self.server.close()
            self.server = None
        for task in list(self.pairs):
            task.cancel()
        await asyncio.gather(*self.pairs, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.pairs.add(task)
        task.add_done_callback(self.pairs.discard)
        with suppress(OSError, asyncio.CancelledError):
            far_reader, far_writer = await asyncio.open_connection(self.host, self.port)
            try:
                async with asyncio.TaskGroup() as group:
                    group.create_task(_pump(reader, far_writer))
                    group.create_task(_pump(far_reader, writer))
            finally:
                writer.close()
                far_writer.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    raise ConnectionResetError


@asynccontextmanager
async def relayed(url: str) -> AsyncIterator[tuple[Relay, str]]:
    """The relay and the URL that leads through it."""
    parts = urlsplit(url)
    relay = Relay(parts.hostname or "127.0.0.1", parts.port or 6379)
    await relay.join()
    credentials = parts.netloc.rpartition("@")[0]
    netloc = f"{credentials}@127.0.0.1:{relay.local_port}" if credentials else f"127.0.0.1:{relay.local_port}"
    try:
        yield relay, urlunsplit(parts._replace(netloc=netloc))
    finally:
        await relay.cut()
