"""Secrets of a tenant, sealed anew with the newest key, so that the keys before it can be thrown away.

A row is changed only while it is as it was read: whoever saves a secret meanwhile has used the newest key already.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from sqlalchemy import text

from plantwright.core.database import Database, UnitOfWork
from plantwright.core.errors import Conflict
from plantwright.core.vault import ID_BYTES, Purpose, Vault

AT_ONCE: Final = 200


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """`owner` is the column whose value the secret is bound to."""

    purpose: Purpose
    table: str
    column: str
    owner: str


SEALED: Final = (
    SealedColumn(Purpose.SOURCES, "ingest_source", "credentials", "id"),
    SealedColumn(Purpose.SOURCES, "opcua_identity", "private_key", "tenant_id"),
    SealedColumn(Purpose.NOTIFICATIONS, "notification_channel", "secrets", "id"),
)
_NOTHING: Final = UUID(int=0)


@dataclass(slots=True)
class Resealed:
    """`lost` are rows whose key this server does not have, as `table/owner`."""

    done: int = 0
    lost: list[str] = field(default_factory=list)


async def count_old(work: UnitOfWork, vaults: Mapping[Purpose, Vault]) -> int:
    """Secrets of the tenant that another key than the newest has sealed."""
    counts = [await _count(work, one, vaults[one.purpose]) for one in SEALED]
    return sum(counts)


async def reseal(
    database: Database, tenant_id: UUID, vaults: Mapping[Purpose, Vault], advance: Callable[[], None]
) -> Resealed:
    """Everything of the tenant, a few rows per transaction; `advance` is called after each row. `database` is of the
    `app` role.
    """
    result = Resealed()
    for column in SEALED:
        after: UUID | None = _NOTHING
        while after is not None:
            async with database.transaction(tenant_id) as work:
                after = await _reseal_some(work, column, vaults[column.purpose], after, (result, advance))
    return result


async def _reseal_some(
    work: UnitOfWork,
    column: SealedColumn,
    vault: Vault,
    after: UUID,
    told: tuple[Resealed, Callable[[], None]],
) -> UUID | None:
    """Returns the last owner that was looked at; None at the end."""
    result, advance = told
    rows = await _old_rows(work, column, vault, after)
    for owner_id, sealed in rows:
        try:
            secret = vault.open(sealed, work.tenant_id, owner_id)
        except Conflict:
            result.lost.append(f"{column.table}/{owner_id}")
        else:
            await _replace(work, column, owner_id, (sealed, vault.seal(secret, work.tenant_id, owner_id)))
            result.done += 1
        advance()
    return rows[-1][0] if len(rows) == AT_ONCE else None


async def _count(work: UnitOfWork, column: SealedColumn, vault: Vault) -> int:
    statement = text(f"SELECT count(*) FROM {column.table} WHERE {_is_old(column)}")  # noqa: S608 - constants
    found: int = (await work.execute(statement, _parameters(work, vault))).scalar_one()
    return found


async def _old_rows(work: UnitOfWork, column: SealedColumn, vault: Vault, after: UUID) -> Sequence[tuple[UUID, bytes]]:
    statement = text(f"""
        SELECT {column.owner} AS owner, {column.column} AS sealed FROM {column.table}
        WHERE {_is_old(column)} AND {column.owner} > :after ORDER BY {column.owner} LIMIT :most""")  # noqa: S608
    parameters = {**_parameters(work, vault), "after": after, "most": AT_ONCE}
    return [(row.owner, row.sealed) for row in await work.execute(statement, parameters)]


async def _replace(work: UnitOfWork, column: SealedColumn, owner_id: UUID, change: tuple[bytes, bytes]) -> None:
    before, sealed = change
    statement = text(f"""
        UPDATE {column.table} SET {column.column} = :sealed
        WHERE tenant_id = :tenant AND {column.owner} = :owner AND {column.column} = :before""")  # noqa: S608
    parameters = {"tenant": work.tenant_id, "owner": owner_id, "before": before, "sealed": sealed}
    await work.execute(statement, parameters)


def _is_old(column: SealedColumn) -> str:
    return f"tenant_id = :tenant AND substring({column.column} FOR {ID_BYTES}) <> :newest"


def _parameters(work: UnitOfWork, vault: Vault) -> dict[str, object]:
    return {"tenant": work.tenant_id, "newest": vault.key_id}
