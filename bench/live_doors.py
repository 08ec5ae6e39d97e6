"""The live door with its cap of frames lifted, and two to hold it against: one execution each, and bare sending."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from plantwright.app import create_app
from plantwright.graphql.context import Context
from plantwright.graphql.live.handler import MessageHandler
from plantwright.graphql.live.place import PLACE, Place
from plantwright.graphql.readings import subscriptions
from plantwright.graphql.view import GraphQLView
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import BaseGraphQLTransportWSHandler, Operation

UNCAPPED = 1_000.0


class UnsharedHandler(MessageHandler):
    """Follows the log and executes the selection once for each subscriber."""

    async def run_operation(self, operation: Operation[Context, None]) -> None:
        PLACE.set(Place(is_endless=True))
        await BaseGraphQLTransportWSHandler.run_operation(self, operation)


def create_uncapped() -> Starlette:
    subscriptions.MAX_RATE = UNCAPPED
    app = create_app()
    app.router.routes.insert(0, Route("/cpu", _cpu))
    return app


def create_unshared() -> Starlette:
    GraphQLView.graphql_transport_ws_handler_class = UnsharedHandler
    return create_uncapped()


class Broadcast:
    """Accepts whoever comes and sends everyone the same text, as fast as it goes or at a pace."""

    def __init__(self) -> None:
        self._sockets: set[WebSocket] = set()
        self._sending: asyncio.Task[None] | None = None

    async def listen(self, socket: WebSocket) -> None:
        await socket.accept("graphql-transport-ws")
        try:
            await socket.receive_text()
            await socket.send_text('{"type":"connection_ack"}')
            await socket.receive_text()
            self._sockets.add(socket)
            while True:
                await socket.receive_text()
        except WebSocketDisconnect:
            self._sockets.discard(socket)

    async def start(self, request: Request) -> Response:
        """The body is the text; `pause` in seconds lies between two rounds."""
        text = (await request.body()).decode()
        self._sending = asyncio.create_task(self._send(text, float(request.query_params["pause"])))
        return PlainTextResponse(json.dumps({"listeners": len(self._sockets)}))

    async def stop(self, _request: Request) -> Response:
        if self._sending is not None:
            self._sending.cancel()
        return PlainTextResponse("ok")

    async def _send(self, text: str, pause: float) -> None:
        while True:
            for socket in list(self._sockets):
                # What Starlette's own `send_text` hands to the server.
                await socket.send({"type": "websocket.send", "text": text})
            await asyncio.sleep(pause)


def create_broadcast() -> Starlette:
    broadcast = Broadcast()

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncGenerator[None]:
        yield

    return Starlette(
        routes=[
            WebSocketRoute("/graphql", broadcast.listen),
            Route("/start", broadcast.start, methods=["POST"]),
            Route("/stop", broadcast.stop, methods=["POST"]),
            Route("/readyz", _ready),
            Route("/cpu", _cpu),
        ],
        lifespan=lifespan,
    )


async def _ready(_request: Request) -> Response:
    return PlainTextResponse("ok")


async def _cpu(_request: Request) -> Response:
    """Seconds of processor time that this process has used."""
    return PlainTextResponse(str(time.process_time()))
