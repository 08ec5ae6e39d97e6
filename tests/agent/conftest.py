import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.agent.opcua_server import Plant, certificates
from tests.agent.peer import Peer, free_port


@pytest.fixture
def peer() -> Iterator[Peer]:
    server = Peer(free_port())
    server.up()
    yield server
    server.down()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "buffer"


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pki")
    asyncio.run(certificates(folder))
    return folder


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def server(pki: Path) -> AsyncIterator[Plant]:
    """One server for all tests: building its address space takes seconds."""
    made = Plant(pki, free_port())
    await made.start()
    yield made
    await made.stop()


@pytest_asyncio.fixture(loop_scope="module")
async def plant(server: Plant) -> Plant:
    for name in ("temperature", "level"):
        await server.write(name, 0.0)
    return server
