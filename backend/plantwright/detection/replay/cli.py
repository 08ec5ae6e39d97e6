"""`plantwright replay` of the command line: the detectors' findings of a period, derived again from the log."""

import asyncio
import contextlib
import multiprocessing
import sys
from collections.abc import AsyncGenerator, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, BinaryIO
from uuid import UUID

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from sqlalchemy.exc import SQLAlchemyError

from plantwright.core.clock import utc_now
from plantwright.core.database import Database
from plantwright.core.errors import PlantwrightError, ValidationFailed
from plantwright.core.ids import parse_id
from plantwright.core.settings import load_settings
from plantwright.detection.replay.late_rounds import AHEAD
from plantwright.detection.replay.record import Difference, Payload, line_of
from plantwright.detection.replay.replay import Period, Replayed, check, find_series, in_groups, in_order, replay_group
from plantwright.identity.repository import list_tenant_names

DIFFERENT = 1
UNUSABLE = 2
_STATEMENT_MS = 600_000
_SHOWN = 20

app = typer.Typer(help="Derive findings of a period again from the log.")


class _UnusableError(Exception):
    """The replay cannot begin or go on."""


@app.callback(invoke_without_command=True)
def replay(
    *,
    tenant: Annotated[str, typer.Option(help="Name or id.")],
    since: Annotated[str, typer.Option("--from", help="Included; without an offset it is UTC.")],
    until: Annotated[str, typer.Option("--to", help="Not included; without it, up to the newest reading.")] = "",
    metric: Annotated[list[str] | None, typer.Option(help="MACHINE/METRIC or id; repeatable. All without it.")] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="A file instead of the standard output.")] = None,
    is_checked: Annotated[bool, typer.Option("--check", help="Compare with the journal instead.")] = False,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes; the answer is the same.")] = 1,
) -> None:
    """Derive the findings of a period again and print them, a line of canonical JSON each, as they were journaled.

    With --check the journal is compared instead: ends with 0 when it holds the same findings, 1 when it does not, 2
    when that could not be found out.
    """
    try:
        end = _moment(until) if until else utc_now() + AHEAD
        period = Period.of(_moment(since), end)
        is_same = asyncio.run(_replay(tenant, metric or [], period, out, workers=workers, is_checked=is_checked))
    except (PlantwrightError, _UnusableError) as error:
        typer.echo(f"plantwright: {error}", err=True)
        raise typer.Exit(UNUSABLE) from None
    except (SQLAlchemyError, OSError) as error:
        typer.echo(f"plantwright: The replay broke off: {type(error).__name__}. Is the database running?", err=True)
        raise typer.Exit(UNUSABLE) from None
    raise typer.Exit(0 if is_same else DIFFERENT)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValidationFailed(f"{text!r} is no time such as 2026-01-31T08:00:00Z.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


async def _replay(
    tenant: str, metrics: Sequence[str], period: Period, out: Path | None, *, workers: int, is_checked: bool
) -> bool:
    url = load_settings().role_url("worker")
    async with _opened(url) as database:
        tenant_id = await _tenant(database, tenant)
        async with database.reading(tenant_id) as work:
            series = await find_series(work, metrics)
        parts = await _derive(url, database, tenant_id, in_groups(series, workers), period=period, workers=workers)
        payloads = in_order([payload for part in parts for payload in part.payloads])
        late = sum(part.late for part in parts)
        if late:
            typer.echo(f"{late} series have late readings that are still to be derived anew.", err=True)
        if is_checked:
            difference, superseded = await check(database, tenant_id, series, period, payloads)
            _tell(difference, superseded)
            return not difference.missing and not difference.superseded
    _write(payloads, out)
    readings = sum(part.readings for part in parts)
    typer.echo(f"{len(payloads)} findings of {readings} readings of {len(series)} series.", err=True)
    return True


async def _tenant(database: Database, wanted: str) -> UUID:
    async with database.transaction() as work:
        tenants = await list_tenant_names(work)
    found = [
        tenant_id for tenant_id, name in tenants if wanted in {name, str(tenant_id)} or parse_id(wanted) == tenant_id
    ]
    if not found:
        raise _UnusableError(f"There is no tenant named {wanted!r}.")
    if len(found) > 1:
        ids = ", ".join(str(tenant_id) for tenant_id in found)
        raise _UnusableError(f"Several tenants are named {wanted!r}; name one by its id: {ids}.")
    return found[0]


async def _derive(
    url: str, database: Database, tenant_id: UUID, groups: Sequence[Sequence[int]], *, period: Period, workers: int
) -> list[Replayed]:
    with _progress() as progress:
        task = progress.add_task("Series", total=sum(map(len, groups)))
        parts = []
        if workers == 1 or len(groups) == 1:
            for group in groups:
                parts.append(await replay_group(database, tenant_id, group, period))
                progress.advance(task, len(group))
            return parts
        loop = asyncio.get_running_loop()
        with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool:
            begun = [loop.run_in_executor(pool, _replay_apart, url, tenant_id, group, period) for group in groups]
            for group, running in zip(groups, begun, strict=True):
                parts.append(await running)
                progress.advance(task, len(group))
        return parts


def _replay_apart(url: str, tenant_id: UUID, series: Sequence[int], period: Period) -> Replayed:
    """In a process of its own."""

    async def run() -> Replayed:
        async with _opened(url) as database:
            return await replay_group(database, tenant_id, series, period)

    return asyncio.run(run())


@contextlib.asynccontextmanager
async def _opened(url: str) -> AsyncGenerator[Database]:
    database = Database(url, pool_size=1, statement_timeout_ms=_STATEMENT_MS)
    try:
        yield database
    finally:
        await database.close()


@contextlib.contextmanager
def _progress() -> Iterator[Progress]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        yield progress


def _tell(difference: Difference, superseded: int) -> None:
    typer.echo(
        f"{difference.equal} findings equal, {len(difference.missing)} missing in the journal, "
        f"{len(difference.superseded)} in the journal that are not derived like that any more; "
        f"{superseded} of the period were superseded by late readings."
    )
    for payload in difference.missing[:_SHOWN]:
        typer.echo(f"  missing: {line_of(payload).decode()}")
    for known, _ in difference.superseded[:_SHOWN]:
        typer.echo(f"  differs: row {known.sequence}: {line_of(known.payload).decode()}")


def _write(payloads: Sequence[Payload], out: Path | None) -> None:
    """A file appears under its name when it is whole."""
    if out is None:
        _write_lines(payloads, sys.stdout.buffer)
        return
    part = out.with_name(f"{out.name}.part")
    try:
        with part.open("wb") as file:
            _write_lines(payloads, file)
        part.replace(out)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise _UnusableError(f"{out} cannot be written: {error.strerror}.") from error


def _write_lines(payloads: Sequence[Payload], file: BinaryIO) -> None:
    file.writelines(line_of(payload) + b"\n" for payload in payloads)
    file.flush()
