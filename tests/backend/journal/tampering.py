"""What someone who owns the database can do to a chain: triggers off, row-level security satisfied, any statement."""

# ruff: noqa: S608 - the statements of an intruder are put together from constants of the tests

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg
from plantwright.journal.service import Fact, Journal
from plantwright.journal.verify import Checkpoint, Verification

from tests.conftest import Databases

ROWS = 12
COLUMNS = "tenant_id, sequence, prev_hash, row_hash, actor_id, action, resource_type, resource_id, payload, created_at"


def fact(number: int) -> Fact:
    return Fact(action="test.noted", resource_type="test", resource_id=str(number), payload={"value": number / 3})


@dataclass
class Intruder:
    """The owner of the database with the journal's triggers switched off."""

    connection: asyncpg.Connection
    tenant_id: UUID

    async def run(self, *statements: str, tenant_id: UUID | None = None) -> None:
        async with self.connection.transaction():
            await self.connection.execute(f"SET LOCAL app.tenant_id = '{tenant_id or self.tenant_id}'")
            for statement in statements:
                await self.connection.execute(statement)

    async def head(self) -> asyncpg.Record:
        async with self.connection.transaction():
            await self.connection.execute(f"SET LOCAL app.tenant_id = '{self.tenant_id}'")
            return await self.connection.fetchrow("SELECT * FROM journal_head WHERE tenant_id = $1", self.tenant_id)

    async def shift(self, first: int, by: int) -> None:
        """Renumber the rows from `first` on; in two steps, since numbers are unique at every moment."""
        mine = f"tenant_id = '{self.tenant_id}'"
        await self.run(
            f"UPDATE audit_record SET sequence = sequence + 1000000 WHERE {mine} AND sequence >= {first}",
            f"UPDATE audit_record SET sequence = sequence - 1000000 + {by} WHERE {mine} AND sequence > 1000000",
        )

    async def delete(self, condition: str) -> None:
        await self.run(f"DELETE FROM audit_record WHERE tenant_id = '{self.tenant_id}' AND {condition}")

    async def copy(self, source: int, target: int, **changes: str) -> None:
        """Insert the row `source` again as `target`, with some columns changed."""
        values = [{"sequence": str(target)}.get(name) or changes.get(name, name) for name in COLUMNS.split(", ")]
        await self.run(
            f"INSERT INTO audit_record ({COLUMNS}) SELECT {', '.join(values)} FROM audit_record "
            f"WHERE tenant_id = '{self.tenant_id}' AND sequence = {source}"
        )

    async def save(self, sequence: int) -> None:
        """Keep a row for `put_back`."""
        mine = f"tenant_id = '{self.tenant_id}' AND sequence = {sequence}"
        await self.run(f"CREATE TEMPORARY TABLE saved AS SELECT {COLUMNS} FROM audit_record WHERE {mine}")

    async def put_back(self) -> None:
        await self.run(f"INSERT INTO audit_record ({COLUMNS}) SELECT {COLUMNS} FROM saved")

    async def set_back_head(self, head: asyncpg.Record) -> None:
        old = (
            f"sequence = {head['sequence']}, row_hash = '\\x{head['row_hash'].hex()}', seal = '\\x{head['seal'].hex()}'"
        )
        await self.run(f"UPDATE journal_head SET {old} WHERE tenant_id = '{self.tenant_id}'")


@dataclass
class Chain:
    """A chain of `ROWS` rows, its intruder and its verifier."""

    databases: Databases
    journal: Journal
    tenant_id: UUID
    intruder: Intruder
    other_tenant_id: UUID
    old_heads: dict[int, Any] = field(default_factory=dict)

    async def append(self, count: int = 1) -> None:
        async with self.databases.app.transaction(self.tenant_id) as work:
            await self.journal.append(work, *(fact(number) for number in range(count)))

    async def verify(self, checkpoints: Sequence[Checkpoint] = ()) -> Verification:
        async with self.databases.worker.snapshot(self.tenant_id) as work:
            return await self.journal.verify(work, checkpoints)


@asynccontextmanager
async def intruding(owner_url: str, tenant_id: UUID) -> AsyncIterator[Intruder]:
    connection = await asyncpg.connect(owner_url)
    try:
        await connection.execute("SET session_replication_role = replica")
        yield Intruder(connection, tenant_id)
    finally:
        await connection.close()
