"""Faults of the table itself: the caller learns an id and nothing else."""

import re
from dataclasses import replace
from uuid import uuid4

import httpx
import pytest
from plantwright.graphql.schema import build_schema
from plantwright.rest.app import Endpoint
from plantwright.rest.route import RestRoute, no_variables
from plantwright.rest.routes import ROUTES
from plantwright.rest.routes.settings import Settings as SettingsBody
from starlette.applications import Starlette
from starlette.routing import Route

from tests.backend.rest.caller import Caller

pytestmark = pytest.mark.asyncio(loop_scope="session")

MASKED = re.compile(r"Something went wrong on our side\. Quote [0-9a-f]{32} when you report it\.")
MACHINE = next(route for route in ROUTES if (route.method, route.path) == ("GET", "/machines/{machine_id}"))
ME = next(route for route in ROUTES if route.path == "/auth/me")


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(replace(MACHINE, variables=no_variables), id="variables the schema refuses"),
        pytest.param(replace(ME, answer=SettingsBody), id="a result that does not fit the answer"),
        pytest.param(replace(ME, document="{ viewer {"), id="a document that is none"),
    ],
)
async def test_a_broken_row_answers_500_and_an_id(api: Starlette, admin: Caller, broken: RestRoute) -> None:
    endpoint = Endpoint(build_schema(), api.state.services, [broken])
    transport = httpx.ASGITransport(Starlette(routes=[Route(broken.full_path, endpoint)]))
    async with httpx.AsyncClient(transport=transport, base_url="http://plantwright.test") as client:
        answer = await Caller(client, admin.token).send("GET", broken.path.format(machine_id=uuid4()))
    assert answer.status_code == 500
    assert list(answer.json()) == ["detail"]
    assert MASKED.fullmatch(answer.json()["detail"])
