"""Stored secrets change to the newest key, while the server runs, and whatever ends the command."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest
from plantwright.core.errors import Conflict
from plantwright.core.ids import uuid7
from plantwright.core.resealing import SEALED, count_old, reseal
from plantwright.core.settings import Settings
from plantwright.core.vault import Purpose, Vault
from plantwright.notifications.models import NotificationChannel
from plantwright.sources.models import OpcUaIdentity
from sqlalchemy import text
from sqlmodel import select

from tests.conftest import AUDIT_KEY, SECRET_KEY, Databases
from tests.factories import MadeTenant

KEY, OLD, GONE = SECRET_KEY.encode(), b"o" * 40, b"g" * 40
CHANNELS = 5


@dataclass(frozen=True)
class Outcome:
    code: int
    out: str
    err: str


Run = Callable[..., Awaitable[Outcome]]


@pytest.fixture
def run(settings: Settings, tmp_path: Path) -> Run:
    async def start(*arguments: str, **changes: str) -> Outcome:
        environment = {
            "DATABASE_URL": settings.owner_url(),
            "PLANTWRIGHT_SECRET_KEY": SECRET_KEY,
            "PLANTWRIGHT_AUDIT_HMAC_KEY": AUDIT_KEY,
            "PLANTWRIGHT_DATA_DIR": str(tmp_path),
            "COLUMNS": "200",
        }
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "plantwright.vault_cli", *arguments),
            env=environment | changes,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await process.communicate()
        return Outcome(int(process.returncode or 0), out.decode(), err.decode())

    return start


@dataclass
class Safe:
    databases: Databases
    tenant: MadeTenant

    async def fill(self, key: bytes, count: int = CHANNELS) -> list[UUID]:
        """Channels whose secrets this key has sealed."""
        vault = Vault(Purpose.NOTIFICATIONS, key)
        made = []
        async with self.databases.app.transaction(self.tenant.id) as work:
            for _ in range(count):
                row = NotificationChannel(tenant_id=self.tenant.id, id=uuid7(), name="", type="slack", config={})
                row.name, row.secrets = f"Channel {row.id}", vault.seal(f"secret of {row.id}", self.tenant.id, row.id)
                work.session.add(row)
                made.append(row.id)
        return made

    async def fill_identity(self, key: bytes) -> None:
        sealed = Vault(Purpose.SOURCES, key).seal("private key", self.tenant.id, self.tenant.id)
        async with self.databases.app.transaction(self.tenant.id) as work:
            work.session.add(OpcUaIdentity(tenant_id=self.tenant.id, certificate=b"", private_key=sealed))

    async def secrets(self, *keys: bytes) -> set[str]:
        """Of the channels, opened with these keys alone."""
        vault = Vault(Purpose.NOTIFICATIONS, keys[0], keys[1:])
        async with self.databases.app.reading(self.tenant.id) as work:
            rows = (await work.session.exec(select(NotificationChannel))).all()
        return {vault.open(row.secrets, row.tenant_id, row.id) for row in rows if row.secrets}

    async def identity(self, key: bytes) -> str:
        async with self.databases.app.reading(self.tenant.id) as work:
            row = (await work.session.exec(select(OpcUaIdentity))).one()
        return Vault(Purpose.SOURCES, key).open(row.private_key, self.tenant.id, self.tenant.id)


@pytest.fixture
def safe(databases: Databases, tenant: MadeTenant) -> Safe:
    return Safe(databases, tenant)


def vaults(*previous: bytes) -> dict[Purpose, Vault]:
    return {purpose: Vault(purpose, KEY, previous) for purpose in Purpose}


async def test_the_old_key_is_read_as_long_as_it_is_named_and_not_needed_after_rotation(safe: Safe, run: Run) -> None:
    made = await safe.fill(OLD)
    await safe.fill_identity(OLD)
    expected = {f"secret of {one}" for one in made}
    assert await safe.secrets(KEY, OLD) == expected
    with pytest.raises(Conflict):
        await safe.secrets(KEY)
    named = {"PLANTWRIGHT_PREVIOUS_SECRET_KEYS": OLD.decode()}
    before = await run("status", **named)
    assert (before.code, f"({safe.tenant.id}): {CHANNELS + 1} encrypted with" in before.out) == (1, True)
    outcome = await run("rotate", **named)
    assert outcome.code == 0, outcome
    assert f"{CHANNELS + 1} secrets encrypted anew" in outcome.out
    assert await safe.secrets(KEY) == expected
    assert await safe.identity(KEY) == "private key"
    assert (await run("status")).code == 0
    again = await run("rotate")
    assert (again.code, "0 secrets encrypted anew" in again.out) == (0, True)


async def test_what_no_key_opens_is_named_and_stays_and_the_rest_is_done(safe: Safe, run: Run) -> None:
    [lost] = await safe.fill(GONE, 1)
    kept = await safe.fill(OLD)
    outcome = await run("rotate", PLANTWRIGHT_PREVIOUS_SECRET_KEYS=f"{OLD.decode()}")
    assert outcome.code == 1
    assert f"notification_channel/{lost} cannot be read with any of the keys." in outcome.err
    assert await safe.secrets(KEY, GONE) == {f"secret of {one}" for one in [lost, *kept]}
    for shown in (KEY, OLD):
        assert shown.decode() not in outcome.out + outcome.err


async def test_a_database_that_is_away_is_said_in_a_sentence(run: Run) -> None:
    outcome = await run("rotate", DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")
    assert (outcome.code, outcome.out) == (2, "")
    assert "cannot be reached" in outcome.err
    assert "Traceback" not in outcome.err


async def test_help_says_the_exit_codes(run: Run) -> None:
    outcome = await run("rotate", "--help")
    assert outcome.code == 0
    assert "Ends with 0" in outcome.out


async def test_a_secret_that_is_saved_meanwhile_is_not_overwritten(safe: Safe) -> None:
    made = await safe.fill(OLD)
    current = Vault(Purpose.NOTIFICATIONS, KEY)
    turned = vaults(OLD)
    async with safe.databases.app.transaction(safe.tenant.id) as saving:
        row = await saving.session.get(NotificationChannel, (safe.tenant.id, made[0]))
        assert row is not None
        row.secrets = current.seal("entered just now", safe.tenant.id, made[0])
        saving.session.add(row)
        await saving.session.flush()
        rotating = asyncio.create_task(reseal(safe.databases.app, safe.tenant.id, turned, lambda: None))
        # It has read the row as it was, and waits for the one who saves.
        async with safe.databases.worker.reading(safe.tenant.id) as work, asyncio.timeout(30):
            while not (await work.execute(WAITS)).scalar_one():  # noqa: ASYNC110 - the database calls nobody
                await asyncio.sleep(0.02)
    await rotating
    assert await safe.secrets(KEY) == {"entered just now", *(f"secret of {one}" for one in made[1:])}


WAITS = text("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")


async def test_every_sealed_column_of_the_database_is_known(safe: Safe) -> None:
    """Whoever adds one is reminded here."""
    statement = text("""
        SELECT table_name, column_name FROM information_schema.columns
        WHERE table_schema = 'public' AND data_type = 'bytea' AND column_name ~ 'secret|credential|private|password'""")
    async with safe.databases.worker.reading(safe.tenant.id) as work:
        found = {(row.table_name, row.column_name) for row in await work.execute(statement)}
        assert await count_old(work, vaults()) == 0
    assert found == {(one.table, one.column) for one in SEALED}
