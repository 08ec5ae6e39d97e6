"""`plantwright export` of the command line: readings of a tenant as a file, straight from the database."""

import asyncio
import os
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from sqlalchemy.exc import SQLAlchemyError

from plantwright.core.clock import utc_now
from plantwright.core.database import Database
from plantwright.core.errors import PlantwrightError, ValidationFailed
from plantwright.core.ids import parse_id
from plantwright.core.settings import load_settings
from plantwright.identity.repository import list_tenant_names
from plantwright.readings.exchange.exporting import MAX_WINDOW, Selection, make_encoder, plan_export, read_export
from plantwright.readings.exchange.long_form import Chunk, Encoder, ExportFormat

BROKEN_OFF = 1
UNUSABLE = 2
# Readings are accepted this far ahead of the clock.
_AHEAD = timedelta(minutes=5)

app = typer.Typer(help="Write readings to a file.")


@app.callback(invoke_without_command=True)
def export(
    *,
    tenant: Annotated[str, typer.Option(help="Name or id.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The file; one of that name is replaced.")],
    machine: Annotated[list[str] | None, typer.Option(help="Identifier; repeatable. All when left out.")] = None,
    metric: Annotated[list[str] | None, typer.Option(help="Name; repeatable. All when left out.")] = None,
    since: Annotated[str, typer.Option("--from", help="Included; without an offset it is UTC.")] = "",
    until: Annotated[str, typer.Option("--to", help="Not included; without an offset it is UTC.")] = "",
    kind: Annotated[ExportFormat, typer.Option("--format", help="What the file is.")] = ExportFormat.CSV,
) -> None:
    """Write readings to a file, which appears under its name once it is whole.

    Ends with 0 when the file is whole, 1 when the export broke off, 2 when it could not begin.
    """
    try:
        end = _moment(until) if until else utc_now() + _AHEAD
        start = _moment(since) if since else end - MAX_WINDOW
        selection = Selection(machine or [], metric or [], start, end)
        count = asyncio.run(_export(tenant, selection, make_encoder(kind), out))
    except _BrokenOff as error:
        typer.echo(f"plantwright: The export broke off: {error}. Nothing was written.", err=True)
        raise typer.Exit(BROKEN_OFF) from None
    except (PlantwrightError, _UnusableError) as error:
        typer.echo(f"plantwright: {error}", err=True)
        raise typer.Exit(UNUSABLE) from None
    typer.echo(f"{count} readings written to {out}")


class _UnusableError(Exception):
    """The export cannot begin."""


class _BrokenOff(Exception):
    """It has begun, and cannot go on."""


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValidationFailed(f"{text!r} is no time such as 2026-01-31T08:00:00Z.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


async def _export(tenant: str, selection: Selection, encoder: Encoder, out: Path) -> int:
    database = Database(load_settings().role_url("worker"), pool_size=1)
    try:
        try:
            tenant_id = await _find_tenant(database, tenant)
            plan = await plan_export(database, tenant_id, selection)
        except (SQLAlchemyError, OSError) as error:
            raise _UnusableError(
                f"The database cannot be read ({type(error).__name__}). Is it running, and has `plantwright migrate` "
                "run?"
            ) from error
        with _progress() as progress:
            bar = progress.add_task(out.name, total=plan.estimated_readings)
            chunks = read_export(database, tenant_id, plan)
            return await _write_file(chunks, encoder, out, lambda count: progress.advance(bar, count))
    finally:
        await database.close()


async def _find_tenant(database: Database, wanted: str) -> UUID:
    async with database.transaction() as work:
        tenants = await list_tenant_names(work)
    found = [tenant_id for tenant_id, name in tenants if wanted == name or parse_id(wanted) == tenant_id]
    if not found:
        raise _UnusableError(f"There is no tenant named {wanted!r}.")
    if len(found) > 1:
        raise _UnusableError(f"Several tenants are named {wanted!r}; name one by its id: {', '.join(map(str, found))}.")
    return found[0]


def _progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TaskProgressColumn())
    return Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True), transient=True)


async def _write_file(
    chunks: AsyncGenerator[Chunk], encoder: Encoder, out: Path, advance: Callable[[int], None]
) -> int:
    """Under a name of its own until it is whole, then under `out`; what is left of a broken one is removed."""
    part = out.with_name(f".{out.name}.{os.getpid()}.part")
    count = 0
    try:
        with part.open("xb") as file:
            file.write(encoder.begin())
            async for chunk in chunks:
                file.write(encoder.add(chunk))
                count += len(chunk)
                advance(len(chunk))
            file.write(encoder.finish())
            file.flush()
            os.fsync(file.fileno())
        part.replace(out)
    except OSError as error:
        if count == 0 and not part.exists():
            raise _UnusableError(f"{out} cannot be written: {error.strerror}") from error
        raise _BrokenOff(f"{error.strerror or type(error).__name__}") from error
    except SQLAlchemyError as error:
        raise _BrokenOff(f"the database does not answer any more ({type(error).__name__})") from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
    return count
