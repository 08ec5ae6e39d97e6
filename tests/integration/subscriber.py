"""A graphql-transport-ws client of a few lines, so that tests see the frames as they are."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol


class Subscriber:
    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection

    async def subscribe(
        self, document: str, variables: dict[str, Any] | None = None, key: str = "1", operation: str | None = None
    ) -> None:
        payload = {"query": document, "variables": variables or {}, "operationName": operation}
        await self._connection.send(json.dumps({"type": "subscribe", "id": key, "payload": payload}))

    async def complete(self, key: str = "1") -> None:
        await self._connection.send(json.dumps({"type": "complete", "id": key}))

    async def next(self, seconds: float = 30) -> dict[str, Any]:
        """The next message that is not a ping."""
        async with asyncio.timeout(seconds):
            while True:
                message: dict[str, Any] = json.loads(await self._connection.recv())
                if message["type"] == "ping":
                    await self._connection.send(json.dumps({"type": "pong"}))
                    continue
                return message

    async def data(self, seconds: float = 30) -> dict[str, Any]:
        message = await self.next(seconds)
        assert message["type"] == "next", message
        assert not message["payload"].get("errors"), message
        data: dict[str, Any] = message["payload"]["data"]
        return data


@asynccontextmanager
async def connected(url: str, token: str) -> AsyncIterator[Subscriber]:
    async with connect(url, subprotocols=[Subprotocol("graphql-transport-ws")]) as connection:
        await connection.send(json.dumps({"type": "connection_init", "payload": {"authorization": f"Bearer {token}"}}))
        subscriber = Subscriber(connection)
        assert (await subscriber.next())["type"] == "connection_ack"
        yield subscriber
