"""The API process: GraphQL, the REST shim, the doors for readings and heartbeats and the built frontend on one port."""

import gc
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from plantwright.assembly import open_ingest, open_services
from plantwright.core.logs import configure_logs
from plantwright.core.settings import Settings, load_settings
from plantwright.graphql.context import Services
from plantwright.graphql.readings.export import EXPORT_PATH
from plantwright.graphql.schema import build_schema
from plantwright.graphql.view import GraphQLView
from plantwright.rest.app import rest_routes
from plantwright.rest.export import ExportEndpoint
from plantwright.rest.heartbeat import HEARTBEAT_PATH, HeartbeatEndpoint
from plantwright.security_headers import SecurityHeaders
from plantwright.spa import spa_routes


class Door:
    """A route whose application exists only once the process has started."""

    def __init__(self) -> None:
        self.app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.app is None:
            await Response("Starting.", 503)(scope, receive, send)
            return
        await self.app(scope, receive, send)


def create_app(settings: Settings | None = None) -> Starlette:
    """The ASGI application; connections are opened at start-up and closed at shutdown."""
    chosen = settings or load_settings()
    configure_logs(chosen.log_level)
    graphql, ingest, heartbeat, export, rest = Door(), Door(), Door(), Door(), Door()

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncGenerator[None]:
        async with open_services(chosen) as services, open_ingest(chosen, services) as door:
            schema = build_schema()
            graphql.app = GraphQLView(schema, services, _origins(chosen))
            ingest.app = door
            heartbeat.app = HeartbeatEndpoint(services)
            export.app = ExportEndpoint(services)
            rest.app = Starlette(routes=rest_routes(schema, services))
            app.state.services = services
            # What is loaded now stays for good: the collector need not walk it again and again.
            gc.collect()
            gc.freeze()
            yield

    routes: list[BaseRoute] = [
        Route("/graphql", graphql, methods=None),
        WebSocketRoute("/graphql", graphql),
        Route("/api/v1/ingest", ingest, methods=None),
        Route(HEARTBEAT_PATH, heartbeat, methods=None),
        Route(EXPORT_PATH, export, methods=None),
        Route("/api/v1/{path:whole}", rest, methods=None),
        Route("/healthz", _alive),
        Route("/readyz", _ready),
        *spa_routes(chosen.spa_dir),
    ]
    return Starlette(routes=routes, lifespan=lifespan, middleware=[Middleware(SecurityHeaders)])


def _origins(settings: Settings) -> tuple[str, ...]:
    parts = urlsplit(settings.public_url)
    return (f"{parts.scheme}://{parts.netloc}",)


async def _alive(_request: Request) -> Response:
    return JSONResponse({"status": "ok"})


async def _ready(request: Request) -> Response:
    """Whether this process can serve: the database and Redis answer."""
    services: Services = request.app.state.services
    try:
        await services.database.ping()
        await services.sessions.ping()
    except (SQLAlchemyError, RedisError, OSError):
        return JSONResponse({"status": "unavailable"}, 503)
    return JSONResponse({"status": "ok"})
