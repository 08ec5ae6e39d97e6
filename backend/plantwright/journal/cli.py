"""`journal verify` and `journal export` of the command line."""

import asyncio
import os
import sys
from collections.abc import AsyncGenerator, Coroutine, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any, BinaryIO, NoReturn
from uuid import UUID

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from plantwright.core.database import Database
from plantwright.core.errors import ConfigurationError
from plantwright.core.ids import parse_id
from plantwright.core.settings import Settings, load_settings
from plantwright.identity.repository import list_tenant_names
from plantwright.journal import repository
from plantwright.journal.checkpoints import FILE_NAME, CheckpointFile, Kept, load_file
from plantwright.journal.export import json_line
from plantwright.journal.service import Journal
from plantwright.journal.verify import Verification

BROKEN = 1
UNUSABLE = 2

app = typer.Typer(help="Verify or export the journal.", no_args_is_help=True)

TenantOption = Annotated[str | None, typer.Option("--tenant", help="Name or id; without it every tenant.")]
CheckpointsOption = Annotated[
    Path | None, typer.Option("--checkpoints", help=f"Heads kept outside the database; {FILE_NAME} of the data folder.")
]
OutputOption = Annotated[Path | None, typer.Option("--output", "-o", help="A file instead of the standard output.")]


class _UnusableError(Exception):
    """The command cannot start: wrong arguments, settings or connection."""


@app.command()
def verify(tenant: TenantOption = None, checkpoints: CheckpointsOption = None) -> None:
    """Recompute every row of the journal and name the first that is not as it was written.

    Ends with 0 when every chain is intact, 1 when one is broken, 2 when it could not be checked.
    """
    raise typer.Exit(_run(_verify(tenant, checkpoints)))


@app.command()
def export(tenant: Annotated[str, typer.Option("--tenant", help="Name or id.")], output: OutputOption = None) -> None:
    """Write the rows of one tenant as JSON lines: the canonical fields that the hash covers, and the hash."""
    raise typer.Exit(_run(_export(tenant, output)))


def _run(command: Coroutine[Any, Any, int]) -> int:
    try:
        return asyncio.run(command)
    except (ConfigurationError, _UnusableError) as error:
        _fail(str(error))
    except (DBAPIError, OSError, PoolTimeoutError) as error:
        _fail(f"The database cannot be read: {_first_line(error)} Is it running, and has `plantwright migrate` run?")


def _fail(message: str) -> NoReturn:
    typer.echo(f"plantwright: {message}", err=True)
    raise typer.Exit(UNUSABLE)


def _first_line(error: Exception) -> str:
    cause = error.orig if isinstance(error, DBAPIError) else error
    line = (str(cause) or type(cause).__name__).splitlines()[0].rpartition("'>: ")[2]
    return line if line.endswith(".") else f"{line}."


@asynccontextmanager
async def _connected() -> AsyncGenerator[tuple[Settings, Database, Journal]]:
    settings = load_settings()
    journal = Journal(settings.audit_key_material())
    database = Database(settings.role_url("worker"), pool_size=1)
    try:
        yield settings, database, journal
    finally:
        await database.close()


async def _verify(wanted: str | None, file: Path | None) -> int:
    async with _connected() as (settings, database, journal):
        kept = _load_checkpoints(file, settings.data_dir / FILE_NAME)
        tenants = await _tenants(database, wanted)
        sound = [await _verify_tenant(database, journal, tenant, kept) for tenant in tenants]
    vanished = [] if wanted else sorted(kept.tenants() - {tenant_id for tenant_id, _ in tenants})
    for tenant_id in vanished:
        typer.echo(f"{tenant_id}: BROKEN: checkpoints were kept of this tenant, and the database does not know it.")
    for number in kept.unreadable:
        typer.echo(f"plantwright: line {number} of the checkpoints is unreadable and was left out.", err=True)
    return 0 if all(sound) and not vanished else BROKEN


def _load_checkpoints(named: Path | None, usual: Path) -> CheckpointFile:
    if named is not None and not named.is_file():
        raise _UnusableError(f"There is no checkpoint file {named}.")
    try:
        return load_file(named or usual)
    except OSError as error:
        raise _UnusableError(f"The checkpoint file cannot be read: {error}") from error


async def _tenants(database: Database, wanted: str | None) -> Sequence[tuple[UUID, str]]:
    async with database.transaction() as work:
        tenants = await list_tenant_names(work)
    if wanted is None:
        return tenants
    wanted_id = parse_id(wanted)
    found = [(tenant_id, name) for tenant_id, name in tenants if wanted_id == tenant_id or name == wanted]
    if not found:
        raise _UnusableError(f"There is no tenant named {wanted!r}.")
    if len(found) > 1:
        ids = ", ".join(str(tenant_id) for tenant_id, _ in found)
        raise _UnusableError(f"Several tenants are named {wanted!r}; name one by its id: {ids}.")
    return found


async def _verify_tenant(database: Database, journal: Journal, tenant: tuple[UUID, str], file: CheckpointFile) -> bool:
    tenant_id, name = tenant
    kept = file.of_tenant(tenant_id, journal.tenant_key(tenant_id))
    async with database.snapshot(tenant_id) as work:
        head = await repository.read_head(work)
        with _progress() as progress:
            task = progress.add_task(f"Verifying {name}", total=head.sequence if head else None)
            result = await journal.verify(work, kept.checkpoints, lambda _: progress.advance(task))
    typer.echo(f"{name} ({tenant_id}): {_describe(result, kept)}")
    for number in kept.forged:
        typer.echo(f"  Line {number} of the checkpoints is forged: its seal is wrong. It was not trusted.")
    return result.is_intact and not kept.forged


def _progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True)


def _describe(result: Verification, kept: Kept) -> str:
    if not result.is_intact:
        return f"BROKEN at row {result.first_bad_sequence}: {result.fault}. {result.detail}"
    against = f", {len(kept.checkpoints)} checkpoints agree" if kept.checkpoints else ""
    return f"intact, {result.records_checked} rows, head {result.head_hash.hex()}{against}."


async def _export(wanted: str, output: Path | None) -> int:
    async with _connected() as (_, database, _):
        ((tenant_id, name),) = await _tenants(database, wanted)
        if output is None:
            count = await _write_rows(database, tenant_id, sys.stdout.buffer)
        else:
            count = await _write_file(database, tenant_id, output)
    typer.echo(f"Exported {count} rows of {name} ({tenant_id}).", err=True)
    return 0


async def _write_file(database: Database, tenant_id: UUID, output: Path) -> int:
    """The file appears under its name when it is whole."""
    part = output.with_name(f"{output.name}.part")
    try:
        with part.open("wb") as file:
            count = await _write_rows(database, tenant_id, file)
            file.flush()
            os.fsync(file.fileno())
        part.replace(output)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise _UnusableError(f"{output} cannot be written: {error}") from error
    return count


async def _write_rows(database: Database, tenant_id: UUID, file: BinaryIO) -> int:
    count = 0
    async with database.snapshot(tenant_id) as work:
        async for record in repository.walk(work):
            file.write(json_line(record))
            count += 1
    return count


if __name__ == "__main__":
    app()
