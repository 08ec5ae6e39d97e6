"""A server that may read devices on this computer, and sources made through its doors."""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from plantwright.app import create_app
from plantwright.assets.models import Machine
from plantwright.assets.series import SeriesCache
from plantwright.core.settings import Settings
from plantwright.core.vault import Purpose, Vault
from plantwright.graphql.context import Services
from plantwright.identity.models import Role
from plantwright.readings.ingest.writer import GroupCommitWriter
from plantwright.sources.addresses import DeviceGuard, parse_networks
from plantwright.sources.polling import SourcePolling
from plantwright.sources.sink import Room, Stores
from plantwright_agent.supervision.supervisor import Patience
from sqlalchemy import event
from starlette.applications import Starlette

from tests.agent.modbus_plant import Plant as ModbusPlant
from tests.agent.opcua_server import Plant as OpcUaPlant
from tests.agent.opcua_server import certificates
from tests.agent.peer import free_port
from tests.conftest import Databases
from tests.factories import MachineFactory, MadeTenant
from tests.graphql_client import GraphQLClient

NETWORKS = "127.0.0.0/8"
QUICK = Patience(first_restart=0.1, longest_restart=0.5, permanent=0.5, stop=5.0)
SOURCE = """
fragment S on IngestSource {
  id name address version isPaused pollIntervalSeconds
  opcUa { endpointUrl securityMode securityPolicy username hasPassword userCertificateFingerprint serverFingerprint mode
          timeoutSeconds }
  modbusTcp { host port unitId timeoutSeconds }
  status { state lastError lastReadingAt readings gaps restarts }
  tags { tag metricName unit scale offset isEnabled dataType lastValue lastQuality lastValueAt }
  gaps { tag reason count }
}"""


@pytest.fixture
def open_settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"source_networks": NETWORKS})


@pytest.fixture
async def api(open_settings: Settings) -> AsyncIterator[Starlette]:
    app = create_app(open_settings)
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture(autouse=True)
async def no_source_is_left(settings: Settings) -> AsyncIterator[None]:
    """What a test leaves would be polled by the next one."""
    yield
    connection = await asyncpg.connect(settings.owner_url())
    await connection.execute("SET session_replication_role = replica")
    for table in ("ingest_source", "tag_mapping", "ingest_source_runtime", "ingest_source_gap"):
        await connection.execute(f"DELETE FROM {table}")  # noqa: S608 - names from above
    await connection.close()


@pytest.fixture
async def machine(make_machine: MachineFactory, tenant: MadeTenant) -> Machine:
    made, _ = await make_machine(tenant, metrics={})
    return made


@pytest.fixture
async def modbus() -> AsyncIterator[ModbusPlant]:
    async with ModbusPlant() as plant:
        yield plant


@pytest.fixture
async def opcua(tmp_path: Path) -> AsyncIterator[OpcUaPlant]:
    """Secured, with a user; it trusts nobody but its own test client until told so."""
    await certificates(tmp_path)
    plant = OpcUaPlant(tmp_path, free_port())
    await plant.start()
    yield plant
    await plant.stop()


@dataclass
class Doors:
    """The API, as a person of one tenant uses it."""

    graphql: GraphQLClient
    tenant: MadeTenant
    machine: Machine
    services: Services

    async def call(self, name: str, input: dict[str, Any], selection: str, role: Role = Role.OPERATOR) -> Any:  # noqa: A002
        kind = name[0].upper() + name[1:]
        success = f"__typename ... on {kind}Success {{ {selection} }} ... on UserError {{ code message path }}"
        document = f"mutation($input: {kind}Input!) {{ {name}(input: $input) {{ {success} }} }}"
        if "...S" in selection:
            document += SOURCE
        return (await self.graphql.data(self.tenant, document, {"input": input}, role))[name]

    async def create(self, **fields: Any) -> dict[str, Any]:
        """A source that must be made."""
        answer = await self.call("createIngestSource", {"machineId": str(self.machine.id), **fields}, "source { ...S }")
        assert answer["__typename"] == "CreateIngestSourceSuccess", answer
        source: dict[str, Any] = answer["source"]
        return source

    async def get(self, source_id: str) -> dict[str, Any]:
        data = await self.graphql.data(
            self.tenant, "query($id: ID!) { ingestSource(id: $id) { ...S } }" + SOURCE, {"id": source_id}
        )
        source: dict[str, Any] = data["ingestSource"]
        return source

    async def modbus(self, plant: ModbusPlant, **fields: Any) -> dict[str, Any]:
        """A source that reads register 0 as `speed` every second."""
        tags = [{"tag": "holding:0", "metricName": "speed", "unit": "rpm"}]
        return await self.create(
            **{"modbusTcp": modbus_settings(plant), "pollIntervalSeconds": 1, "tags": tags, **fields}
        )


def modbus_settings(plant: ModbusPlant) -> dict[str, Any]:
    return {"host": "127.0.0.1", "port": plant.port, "timeoutSeconds": 0.5}


@pytest.fixture
def doors(graphql: GraphQLClient, tenant: MadeTenant, machine: Machine, api: Starlette) -> Doors:
    return Doors(graphql, tenant, machine, api.state.services)


class Workers:
    """Starts polling as a worker does, within this process."""

    def __init__(self, settings: Settings, databases: Databases) -> None:
        self._settings = settings
        self._databases = databases
        self._stack = AsyncExitStack()

    async def start(self, networks: str = NETWORKS, beat_seconds: float = 0.3) -> SourcePolling:
        writer = GroupCommitWriter(self._settings.role_url("ingest"), lambda _: None)
        worker = self._databases.worker
        stores = Stores(worker, SeriesCache(worker), writer, Room())
        vault = Vault(Purpose.SOURCES, self._settings.key_material())
        polling = SourcePolling(
            stores, DeviceGuard(parse_networks(networks)), vault, beat_seconds=beat_seconds, patience=QUICK
        )
        for part in (writer, polling):
            await part.start()
            self._stack.push_async_callback(part.stop)
        return polling

    async def stop(self) -> None:
        await self._stack.aclose()


@pytest.fixture
async def workers(settings: Settings, databases: Databases) -> AsyncIterator[Workers]:
    made = Workers(settings, databases)
    yield made
    await made.stop()


@pytest.fixture
def log(owner: asyncpg.Connection, tenant: MadeTenant) -> "Log":
    return Log(owner, tenant)


@dataclass
class Log:
    """What is stored, seen from above row-level security."""

    owner: asyncpg.Connection
    tenant: MadeTenant

    async def readings(self, metric: str) -> Sequence[asyncpg.Record]:
        rows: Sequence[asyncpg.Record] = await self.owner.fetch(
            """SELECT r.time, r.value FROM reading r JOIN metric m USING (series_id)
               WHERE r.tenant_no = $1 AND m.name = $2 ORDER BY r.time, r.value""",
            self.tenant.number,
            metric,
        )
        return rows


@pytest.fixture
def statements(databases: Databases) -> Iterator[list[str]]:
    """What is asked of the database under the worker's role."""
    asked: list[str] = []

    def note(*arguments: object) -> None:
        asked.append(str(arguments[2]))

    engine = databases.worker.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    yield asked
    event.remove(engine, "before_cursor_execute", note)
