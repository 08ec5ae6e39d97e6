"""The API in this process, behind a real server on a port, so that tests see both its sockets and its groups."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
import pytest
import uvicorn
from plantwright.app import Door
from plantwright.graphql.live.registry import FrameGroups
from plantwright.graphql.view import GraphQLView
from plantwright.identity.models import Role
from plantwright.journal.service import Journal
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute

from tests.conftest import Databases
from tests.factories import MachineFactory, MadeTenant
from tests.graphql_client import GraphQLClient
from tests.integration.plant import METRIC, Sender
from tests.integration.subscriber import Subscriber, connected


@dataclass
class LiveServer:
    url: str
    groups: FrameGroups
    databases: Databases
    journal: Journal
    make_machine: MachineFactory

    @property
    def websocket_url(self) -> str:
        return f"{self.url.replace('http', 'ws', 1)}/graphql"

    async def sender(self, tenant: MadeTenant, *metrics: str) -> Sender:
        names = metrics or (METRIC,)
        return await Sender.make(self.url, self.databases, self.journal, tenant, self.make_machine, names)

    async def token(self, tenant: MadeTenant, role: Role = Role.VIEWER) -> str:
        async with httpx.AsyncClient(base_url=self.url) as client:
            return await GraphQLClient(client).login(tenant, role)

    @asynccontextmanager
    async def subscriber(self, tenant: MadeTenant, role: Role = Role.VIEWER) -> AsyncIterator[Subscriber]:
        async with connected(self.websocket_url, await self.token(tenant, role)) as subscriber:
            yield subscriber

    async def wait_for_members(self, count: int) -> None:
        """Until so many have caught up and joined."""
        await self.wait_until(lambda: sum(len(group.members) for group in self.groups.groups) == count)

    @staticmethod
    async def wait_until(is_so: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not is_so():  # noqa: ASYNC110 - what is waited for lies in the server
                await asyncio.sleep(0.02)


@pytest.fixture
async def live(
    api: Starlette, databases: Databases, journal: Journal, make_machine: MachineFactory
) -> AsyncIterator[LiveServer]:
    [door] = [route.endpoint for route in api.routes if isinstance(route, WebSocketRoute)]
    assert isinstance(door, Door)
    view = door.app
    assert isinstance(view, GraphQLView)
    server = uvicorn.Server(uvicorn.Config(api, port=0, lifespan="off", log_level="warning"))
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - the server sets no event
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield LiveServer(f"http://127.0.0.1:{port}", view.frame_groups, databases, journal, make_machine)
    server.should_exit = True
    with contextlib.suppress(asyncio.CancelledError):
        await serving
