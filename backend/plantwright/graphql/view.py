"""The HTTP and WebSocket door of GraphQL: media types and status codes of GraphQL over HTTP, and who may come in."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import orjson
import strawberry
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.exceptions import ConnectionRejectionError
from strawberry.http import GraphQLHTTPResponse
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL

from plantwright.core.errors import DomainError
from plantwright.graphql.context import Context, Services, bearer_token
from plantwright.graphql.http_answers import RESPONSE_MEDIA_TYPE, media_type_for, status_of, without_idle_data
from plantwright.graphql.live.handler import MessageHandler, TextWebSocket
from plantwright.graphql.live.registry import FrameGroups

CLIENT_HEADER = "x-plantwright-client"
MAX_BODY = 100_000
MAX_SUBSCRIPTIONS = 20
INIT_TIMEOUT = timedelta(seconds=5)


class GraphQLView(GraphQL[Context, None]):
    graphql_transport_ws_handler_class = MessageHandler
    websocket_adapter_class = TextWebSocket

    def __init__(self, schema: strawberry.Schema, services: Services, allowed_origins: tuple[str, ...] = ()) -> None:
        super().__init__(
            schema,
            graphql_ide=None,
            allow_queries_via_get=False,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL,),
            connection_init_wait_timeout=INIT_TIMEOUT,
            max_subscriptions_per_connection=MAX_SUBSCRIPTIONS,
            allowed_origins=allowed_origins,
        )
        self._services = services
        self.frame_groups = FrameGroups(schema, self.encode_json)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and (refusal := _refusal(Request(scope))) is not None:
            await refusal(scope, receive, send)
            return
        await super().__call__(scope, receive, send)

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> Context:
        context = Context(self._services, client_address(request))
        if isinstance(response, Response):
            context.answer_headers = response.headers
        if isinstance(request, Request):
            context.remember_browser(request)
            await context.authenticate(request.headers.get("authorization"))
        return context

    async def get_sub_response(self, request: Request | WebSocket) -> Response:
        response = await super().get_sub_response(request)
        response.media_type = media_type_for(request.headers.get("accept"))
        return response

    async def on_ws_connect(self, context: Context) -> None:
        token = bearer_token(context.connection_params)
        await context.authenticate(f"Bearer {token}")
        try:
            _ = context.principal
        except DomainError as error:
            raise ConnectionRejectionError from error

    def encode_json(self, data: object) -> str:
        return orjson.dumps(data, option=orjson.OPT_SERIALIZE_NUMPY).decode()

    def decode_json(self, data: str | bytes) -> Any:
        try:
            return orjson.loads(data)
        except orjson.JSONDecodeError as error:
            raise json.JSONDecodeError(str(error), "", 0) from error

    def create_response(
        self, response_data: GraphQLHTTPResponse | list[GraphQLHTTPResponse], sub_response: Response
    ) -> Response:
        media_type = sub_response.media_type or RESPONSE_MEDIA_TYPE
        answer = without_idle_data(response_data) if isinstance(response_data, Mapping) else response_data
        return Response(
            orjson.dumps(answer, option=orjson.OPT_SERIALIZE_NUMPY),
            status_code=status_of(answer, media_type) if isinstance(answer, Mapping) else 200,
            media_type=media_type,
            headers=dict(sub_response.headers),
        )


def client_address(connection: HTTPConnection) -> str:
    return connection.client.host if connection.client else "unknown"


def _refusal(request: Request) -> Response | None:
    """What a browser could be tricked into sending, or what is too large, is refused before it is read."""
    if request.method != "POST":
        return _error(405, "Only POST is supported.", {"allow": "POST"})
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type != "application/json":
        return _error(415, "Send application/json.")
    if CLIENT_HEADER not in request.headers:
        return _error(400, f"The header {CLIENT_HEADER} is missing: name your client in it.")
    length = request.headers.get("content-length", "")
    if not length.isdigit():
        return _error(411, "The header content-length is missing.")
    if int(length) > MAX_BODY:
        return _error(413, f"A request has at most {MAX_BODY} bytes.")
    return None


def _error(status: int, message: str, headers: dict[str, str] | None = None) -> Response:
    return JSONResponse({"errors": [{"message": message}]}, status, headers, media_type=RESPONSE_MEDIA_TYPE)
