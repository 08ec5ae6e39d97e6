"""The shim under `/api/v1`: each route of the table as an HTTP endpoint."""

from collections.abc import Collection, Sequence
from uuid import uuid4

import strawberry
import structlog
from starlette.convertors import PathConvertor, register_url_convertor
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from plantwright.core.errors import DomainError
from plantwright.graphql.context import Context, Services
from plantwright.graphql.view import client_address
from plantwright.rest.answers import Refusal, fault_answer, json_answer, refusal_of_error
from plantwright.rest.execution import Operations, internal_refusal, run_one, run_page
from plantwright.rest.openapi import describe
from plantwright.rest.parsing import read_body, read_query, to_variables
from plantwright.rest.route import PREFIX, Call, RestRoute
from plantwright.rest.routes import ROUTES
from plantwright.rest.shapes import Body, Page, PageParameters, Parameters

log = structlog.get_logger()

_NOT_FOUND = f"There is nothing at this path; {PREFIX}/openapi.json lists what there is."


class _WholePath(PathConvertor):
    """Starlette's own stops at a line break, and what comes after it would find no route at all."""

    regex = r"[\s\S]*"


register_url_convertor("whole", _WholePath())


class Endpoint:
    """An ASGI application for one path, with its methods."""

    def __init__(self, schema: strawberry.Schema, services: Services, routes: Sequence[RestRoute]) -> None:
        self._schema = schema
        self._services = services
        self._routes = {route.method: route for route in routes}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            response = await self._respond(Request(scope, receive))
        except ClientDisconnect:
            return
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        try:
            return await self._answer(self._route_for(request.method), request)
        except Refusal as refusal:
            return fault_answer(refusal)
        except DomainError as error:
            return fault_answer(refusal_of_error(error))
        except ClientDisconnect:
            raise
        except Exception as error:
            # Whatever went wrong, the caller gets an id to quote and nothing of the inside.
            correlation_id = uuid4().hex
            log.exception("rest_failed", correlation_id=correlation_id, error=type(error).__name__)
            return fault_answer(internal_refusal(correlation_id))

    def _route_for(self, method: str) -> RestRoute:
        route = self._routes.get("GET" if method == "HEAD" else method)
        if route is None:
            raise _method_refusal(self._routes)
        return route

    async def _answer(self, route: RestRoute, request: Request) -> Response:
        context = Context(self._services, client_address(request))
        context.remember_browser(request)
        await context.authenticate(request.headers.get("authorization"))
        if not route.is_public:
            _ = context.principal
        query = read_query(route, request.query_params)
        body = await read_body(route, request)
        call = Call(request.path_params, to_variables(query, PageParameters.model_fields), to_variables(body, {}))
        answer = await _run(Operations(self._schema, context), route, call, query)
        answer.headers.update(context.answer_headers)
        return answer


async def _run(operations: Operations, route: RestRoute, call: Call, query: Parameters) -> Response:
    variables = route.variables(call)
    if isinstance(query, PageParameters) and route.answer is not None:
        items, total = await run_page(operations, route, variables, query)
        return json_answer(route.status, _page(query, [_shown(route.answer, item) for item in items], total))
    result = await run_one(operations, route, variables)
    if route.answer is None:
        return Response(status_code=route.status)
    return json_answer(route.status, _shown(route.answer, result))


def _shown(answer: type[Body], result: object) -> dict[str, object]:
    return answer.model_validate(result).model_dump(by_alias=True)


def _page(query: PageParameters, items: list[dict[str, object]], total: int) -> dict[str, object]:
    pages = -(-total // query.page_size)
    return Page(items=items, total=total, page=query.page, page_size=query.page_size, total_pages=pages).model_dump()


def _method_refusal(methods: Collection[str]) -> Refusal:
    allowed = ", ".join([*methods, "HEAD"] if "GET" in methods else methods)
    return Refusal(405, f"This path takes {allowed}.", {"allow": allowed})


class _Description:
    """The OpenAPI document, printed once."""

    def __init__(self) -> None:
        self._answer = json_answer(200, describe(ROUTES))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_asked = scope["method"] in ("GET", "HEAD")
        answer = self._answer if is_asked else fault_answer(_method_refusal(["GET"]))
        await answer(scope, receive, send)


def rest_routes(schema: strawberry.Schema, services: Services) -> list[BaseRoute]:
    """All of `/api/v1` but the ingest door and the WebSocket, which have to stand before these: the last one takes
    every path that is left.
    """
    by_path: dict[str, list[RestRoute]] = {}
    for route in ROUTES:
        by_path.setdefault(route.full_path, []).append(route)
    return [
        *(Route(path, Endpoint(schema, services, routes)) for path, routes in by_path.items()),
        Route(f"{PREFIX}/openapi.json", _Description()),
        Route(f"{PREFIX}/{{rest:whole}}", fault_answer(Refusal(404, _NOT_FOUND))),
    ]
