"""Two demo tenants with people, machines, a key and a day of history; running it again changes nothing."""

import json
import secrets
import time
import tomllib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from uuid import NAMESPACE_URL, UUID, uuid5

from plantwright.assets.models import MachineKind, Protocol
from plantwright.assets.repository import find_machine
from plantwright.assets.service import create_machine
from plantwright.core.clock import utc_now
from plantwright.core.database import Database, UnitOfWork
from plantwright.core.settings import Settings
from plantwright.demo.agent_config import write_agent_config
from plantwright.demo.fault_store import write_atomically
from plantwright.demo.history_upload import upload_history
from plantwright.demo.machines import MACHINES
from plantwright.identity.keys import create_key, revoke_key
from plantwright.identity.models import Role, Tier
from plantwright.identity.principal import Principal
from plantwright.identity.registration import create_tenant, create_user
from plantwright.identity.repository import find_tenant_of, list_keys, list_users, lookup_hash
from plantwright.journal.service import Journal
from plantwright.readings.repository import read_flushes

LOGIN_FILE = "login.json"
AGENT_FILE = "agent.toml"
KEY_NAME = "Demo edge agent"


@dataclass(frozen=True)
class DemoTenant:
    name: str
    domain: str


@dataclass(frozen=True)
class Login:
    email: str
    password: str
    tenant: str


NORTHFIELD = DemoTenant("Northfield Works", "northfield.example")
SOUTHGATE = DemoTenant("Southgate Mill", "southgate.example")


async def seed(settings: Settings, *, opcua_port: int, modbus_port: int) -> None:
    """
    Raises:
        DemoError: the API did not take the history.
    """
    folder = settings.data_dir / "demo"
    logins = _logins(folder / LOGIN_FILE)
    async with _opened(settings) as (database, journal):
        northfield = await _ensure_tenant(database, journal, NORTHFIELD, logins)
        southgate = await _ensure_tenant(database, journal, SOUTHGATE, logins)
        async with database.transaction(northfield) as work:
            await _ensure_machines(work, journal)
        async with database.transaction(southgate) as work:
            await _ensure_loom(work, journal)
        config = folder / AGENT_FILE
        key = await _ensure_key(database, journal, northfield, config)
        write_agent_config(
            config,
            data_dir=settings.data_dir,
            api_url=settings.public_url,
            api_key=key,
            buffer_dir=settings.data_dir / "agent",
            opcua_port=opcua_port,
            modbus_port=modbus_port,
        )
        if await _is_empty(database, northfield):
            stream = uuid5(NAMESPACE_URL, f"plantwright-demo-history:{northfield}")
            await upload_history(settings.public_url, key, stream, time.time_ns() // 1_000_000)


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncGenerator[tuple[Database, Journal]]:
    database = Database(settings.role_url("app"), pool_size=2)
    try:
        yield database, Journal(settings.audit_key_material())
    finally:
        await database.close()


def _logins(path: Path) -> list[Login]:
    """One person per tenant to log in with first, made up once and kept."""
    if path.is_file():
        return [Login(**entry) for entry in json.loads(path.read_text(encoding="utf-8"))]
    made = [
        Login(f"admin@{tenant.domain}", f"{secrets.token_urlsafe(9)}-a1A", tenant.name)
        for tenant in (NORTHFIELD, SOUTHGATE)
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    content = json.dumps([asdict(login) for login in made], indent=2)
    write_atomically(path, content.encode(), mode=0o600)
    return made


async def _ensure_tenant(database: Database, journal: Journal, tenant: DemoTenant, logins: list[Login]) -> UUID:
    login = next(login for login in logins if login.tenant == tenant.name)
    async with database.transaction() as work:
        known = await find_tenant_of(work, lookup_hash("email", login.email))
    tenant_id = known or (await create_tenant(database, journal, name=tenant.name, tier=Tier.PRO)).id
    async with database.transaction(tenant_id) as work:
        present = {user.email for user in await list_users(work)}
        for role in Role:
            email = f"{role.value}@{tenant.domain}"
            if email not in present:
                name = f"{tenant.name} {role.value}"
                await create_user(work, journal, email=email, full_name=name, password=login.password, role=role)
    return tenant_id


async def _ensure_machines(work: UnitOfWork, journal: Journal) -> None:
    for machine in MACHINES:
        if await find_machine(work, machine.identifier) is None:
            await create_machine(
                work,
                journal,
                None,
                name=machine.name,
                identifier=machine.identifier,
                kind=MachineKind(machine.kind.value),
                protocol=Protocol(machine.protocol.value),
                location=machine.location,
            )


async def _ensure_loom(work: UnitOfWork, journal: Journal) -> None:
    """The other tenant has a machine of the same identifier: identifiers are unique within a tenant only."""
    identifier = MACHINES[0].identifier
    if await find_machine(work, identifier) is None:
        await create_machine(
            work,
            journal,
            None,
            name="Process water pump",
            identifier=identifier,
            kind=MachineKind.PUMP,
            protocol=Protocol.CSV,
            location="Mill 2",
        )


async def _ensure_key(database: Database, journal: Journal, tenant_id: UUID, config: Path) -> str:
    """The key in the agent's configuration; without one a new key, and the lost one is revoked."""
    if (kept := _key_in(config)) is not None:
        return kept
    async with database.transaction(tenant_id) as work:
        admin = next(user for user in await list_users(work) if user.role == Role.ADMIN)
        principal = Principal(tenant_id, admin.id, Role.ADMIN, "seed", utc_now())
        for key in await list_keys(work):
            if key.name == KEY_NAME and key.revoked_at is None:
                await revoke_key(work, journal, principal, key.id)
        _, secret = await create_key(
            work, journal, principal, name=KEY_NAME, scopes=["ingest", "agent"], expires_at=None
        )
    return secret


def _key_in(config: Path) -> str | None:
    if not config.is_file():
        return None
    with config.open("rb") as file:
        key: str = tomllib.load(file)["agent"]["api_key"]
    return key


async def _is_empty(database: Database, tenant_id: UUID) -> bool:
    async with database.reading(tenant_id) as work:
        return (await read_flushes(work, 0, 1)).position == 0
