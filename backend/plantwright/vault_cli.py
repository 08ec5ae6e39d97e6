"""`vault status` and `vault rotate` of the command line."""

import asyncio
from collections.abc import AsyncGenerator, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, NamedTuple, NoReturn
from uuid import UUID

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from plantwright.core.database import Database
from plantwright.core.errors import ConfigurationError
from plantwright.core.resealing import Resealed, count_old, reseal
from plantwright.core.settings import Settings, load_settings
from plantwright.core.vault import Purpose, Vault
from plantwright.identity.repository import list_tenant_names

LEFT = 1
UNUSABLE = 2
MOST_NAMED = 20

app = typer.Typer(help="Stored secrets and the keys that encrypt them.", no_args_is_help=True)


class _Opened(NamedTuple):
    database: Database
    vaults: Mapping[Purpose, Vault]
    tenants: Sequence[tuple[UUID, str]]


@app.command()
def status() -> None:
    """Say how many secrets of each tenant another key than PLANTWRIGHT_SECRET_KEY has encrypted; change nothing.

    Ends with 0 when there are none, 1 when there are some, 2 when it could not be found out.
    """
    raise typer.Exit(_run(_status()))


@app.command()
def rotate() -> None:
    """Encrypt the secrets of channels and sources with PLANTWRIGHT_SECRET_KEY that earlier keys have encrypted.

    The earlier keys are read from PLANTWRIGHT_PREVIOUS_SECRET_KEYS. It may run while the server does, and again after
    it was stopped: what is done is done. Ends with 0 when the earlier keys are no longer needed, 1 when some secrets
    cannot be read with any of the keys (they are named), 2 when it could not begin.
    """
    raise typer.Exit(_run(_rotate()))


async def _status() -> int:
    async with _opened() as (database, vaults, tenants):
        left = 0
        for tenant_id, name in tenants:
            async with database.reading(tenant_id) as work:
                count = await count_old(work, vaults)
            if count:
                typer.echo(f"{name} ({tenant_id}): {count} encrypted with an earlier key.")
            left += count
    typer.echo(f"{left} secrets are to be encrypted anew: plantwright vault rotate." if left else _ALL_NEW)
    return LEFT if left else 0


async def _rotate() -> int:
    done, lost = 0, 0
    async with _opened() as (database, vaults, tenants):
        for tenant_id, name in tenants:
            result = await _rotate_tenant(database, vaults, tenant_id, name)
            done, lost = done + result.done, lost + len(result.lost)
            for row in result.lost[:MOST_NAMED]:
                typer.echo(f"{name} ({tenant_id}): {row} cannot be read with any of the keys.", err=True)
    typer.echo(f"{done} secrets encrypted anew in {len(tenants)} tenants.")
    if not lost:
        typer.echo(_ALL_NEW)
        return 0
    typer.echo(
        f"plantwright: {lost} secrets cannot be read. Add the key they were encrypted with to "
        "PLANTWRIGHT_PREVIOUS_SECRET_KEYS, or enter them again.",
        err=True,
    )
    return LEFT


_ALL_NEW = "PLANTWRIGHT_SECRET_KEY encrypts every stored secret; earlier keys are not needed."


async def _rotate_tenant(database: Database, vaults: Mapping[Purpose, Vault], tenant_id: UUID, name: str) -> Resealed:
    async with database.reading(tenant_id) as work:
        total = await count_old(work, vaults)
    with _progress() as progress:
        task = progress.add_task(f"Encrypting {name}", total=total)
        return await reseal(database, tenant_id, vaults, lambda: progress.advance(task))


def _progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True)


@asynccontextmanager
async def _opened() -> AsyncGenerator[_Opened]:
    """Tenants are known to the worker's role, and secrets are changed by that of the application."""
    settings = load_settings()
    directory = Database(settings.role_url("worker"), pool_size=1)
    database = Database(settings.role_url("app"), pool_size=1)
    try:
        async with directory.transaction() as work:
            tenants = await list_tenant_names(work)
        yield _Opened(database, _vaults(settings), tenants)
    finally:
        await directory.close()
        await database.close()


def _vaults(settings: Settings) -> Mapping[Purpose, Vault]:
    keys = (settings.key_material(), settings.previous_key_material())
    return {purpose: Vault(purpose, *keys) for purpose in Purpose}


def _run(command: Coroutine[Any, Any, int]) -> int:
    try:
        return asyncio.run(command)
    except ConfigurationError as error:
        _fail(str(error))
    except (DBAPIError, OSError, PoolTimeoutError) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        line = (str(cause) or type(cause).__name__).splitlines()[0].rpartition("'>: ")[2].rstrip(".")
        _fail(
            f"The database cannot be reached: {line}. Is it running, and has `plantwright migrate` run since the key "
            "changed?"
        )


def _fail(message: str) -> NoReturn:
    typer.echo(f"plantwright: {message}", err=True)
    raise typer.Exit(UNUSABLE)


if __name__ == "__main__":
    app()
