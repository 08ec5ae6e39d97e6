"""One running plant for all tests of this folder: starting it loads the whole OPC UA address space."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from plantwright.demo.credentials import Credentials, ensure_credentials
from plantwright.demo.fault_store import FaultStore
from plantwright.demo.plant import Plant


@pytest.fixture(scope="package")
def plant_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("plant")


@pytest.fixture(scope="package")
def credentials(plant_dir: Path) -> Credentials:
    return ensure_credentials(plant_dir)


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def plant(plant_dir: Path) -> AsyncIterator[Plant]:
    async with Plant(plant_dir, opcua_port=0, modbus_port=0, rotate_bytes=200) as running:
        yield running


@pytest.fixture
def store(plant_dir: Path) -> FaultStore:
    return FaultStore(plant_dir)
