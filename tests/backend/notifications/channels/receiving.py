"""A way out to receivers on this computer, which have names and certificates of their own."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from plantwright.core.addresses import parse_networks
from plantwright.core.outbound import Outbound, OutboundGuard
from plantwright.notifications.channels.contract import Message

from tests.agent.tls import HOST, Authority, Pair

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

MESSAGE = Message(
    delivery_id=UUID("0198c0de-0000-7000-8000-000000000001"),
    event="alert.triggered",
    subject="Critical: P-101 temperature",
    text="P-101: temperature is 93.4 °C, above 85 °C since 14:02.",
    html=None,
    severity="critical",
    link="https://plant.example/alerts/1",
    payload={"event": "alert.triggered", "alert": {"machine_name": "P-101", "severity": "critical"}},
    dedup_key="alert/0198c0de-0000-7000-8000-00000000000a",
    sequence=7,
    language="en",
    sent_at=datetime(2026, 11, 21, 14, 2, 3, tzinfo=UTC),
)


def message(**changes: Any) -> Message:
    return replace(MESSAGE, **changes)


@dataclass(frozen=True)
class House:
    """`tls` is what a receiver called plant.example speaks TLS with; `authority` the file that proves it."""

    tls: ssl.SSLContext
    authority: Path
    pair: Pair

    def outbound(self, networks: str = "127.0.0.0/8", *, leads_to: str = "127.0.0.1") -> Outbound:
        """Every name leads to that address."""

        async def resolve(host: str, port: int) -> Sequence[str]:
            return [leads_to]

        context = ssl.create_default_context(cafile=str(self.authority))
        return Outbound(OutboundGuard(parse_networks(networks, "networks"), resolve), tls=context)


def make_house(folder: Path) -> House:
    authority = Authority(folder)
    pair = authority.issue("receiver", host=HOST)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pair.certificate, pair.key)
    return House(context, authority.certificate, pair)


@asynccontextmanager
async def serving(serve: Serve, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """A receiver that does as written; gives its port."""

    async def guarded(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            try:
                await serve(reader, writer)
            finally:
                writer.close()

    server = await asyncio.start_server(guarded, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
