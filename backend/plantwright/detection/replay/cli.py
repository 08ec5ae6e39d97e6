"""`plantwright replay` of the command line: findings of a period, derived again from the log."""

import asyncio
import contextlib
import multiprocessing
import sys
from collections.abc import AsyncGenerator, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
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
from plantwright.detection.replay.derivation import (
    Derivation,
    Filters,
    Period,
    Replayed,
    Unit,
    difference_from,
    in_groups,
)
from plantwright.detection.replay.late_rounds import AHEAD
from plantwright.detection.replay.record import Difference, Payload, in_order, line_of
from plantwright.identity.repository import list_tenant_names

DIFFERENT = 1
UNUSABLE = 2
_STATEMENT_MS = 600_000
_SHOWN = 20


@dataclass(frozen=True, slots=True)
class _Task:
    derivations: Sequence[Derivation]
    tenant: str
    filters: Filters
    period: Period
    workers: int


class _UnusableError(Exception):
    """The replay cannot begin or go on."""


def replay_app(derivations: Sequence[Derivation]) -> typer.Typer:
    """The command, over these sources of findings."""
    app = typer.Typer(help="Derive findings of a period again from the log.")

    @app.callback(invoke_without_command=True)
    def replay(
        *,
        tenant: Annotated[str, typer.Option(help="Name or id.")],
        since: Annotated[str, typer.Option("--from", help="Included; without an offset it is UTC.")],
        until: Annotated[str, typer.Option("--to", help="Not included; without it, up to the newest reading.")] = "",
        metric: Annotated[list[str] | None, typer.Option(help="MACHINE/METRIC or id; repeatable.")] = None,
        machine: Annotated[list[str] | None, typer.Option(help="Identifier or id, with all of it; repeatable.")] = None,
        out: Annotated[Path | None, typer.Option("--out", "-o", help="A file instead of the standard output.")] = None,
        is_checked: Annotated[bool, typer.Option("--check", help="Compare with the journal instead.")] = False,
        workers: Annotated[int, typer.Option(min=1, max=64, help="Processes; the answer is the same.")] = 1,
    ) -> None:
        """Derive the findings of a period again and print them, a line of canonical JSON each, as they were journaled.

        With --check the journal is compared instead: ends with 0 when it holds the same findings, 1 when it does not,
        2 when that could not be found out.
        """
        with _told():
            period = Period.of(_moment(since), _moment(until) if until else utc_now() + AHEAD)
            task = _Task(derivations, tenant, Filters(metric or (), machine or ()), period, workers)
            is_same = asyncio.run(_replay(task, out, is_checked=is_checked))
        raise typer.Exit(0 if is_same else DIFFERENT)

    return app


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """What keeps a replay from its end is one line for people."""
    try:
        yield
    except (PlantwrightError, _UnusableError) as error:
        typer.echo(f"plantwright: {error}", err=True)
        raise typer.Exit(UNUSABLE) from None
    except (SQLAlchemyError, OSError) as error:
        typer.echo(f"plantwright: The replay broke off: {type(error).__name__}. Is the database running?", err=True)
        raise typer.Exit(UNUSABLE) from None


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValidationFailed(f"{text!r} is no time such as 2026-01-31T08:00:00Z.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


async def _replay(task: _Task, out: Path | None, *, is_checked: bool) -> bool:
    url = load_settings().role_url("worker")
    derived: list[Payload] = []
    differences: list[tuple[Difference, int]] = []
    async with _opened(url) as database:
        tenant_id = await _tenant(database, task.tenant)
        async with database.reading(tenant_id) as work:
            units = [await source.units(work, task.filters) for source in task.derivations]
        for source, of_source in zip(task.derivations, units, strict=True):
            payloads = await _derive(url, database, tenant_id, source, of_source, task)
            derived += payloads
            if is_checked:
                async with database.reading(tenant_id) as work:
                    records = await source.recorded(work, of_source)
                differences.append(difference_from(records, source.detectors, task.period, payloads))
    if is_checked:
        difference = Difference.joined([found for found, _ in differences])
        _tell(difference, sum(superseded for _, superseded in differences))
        return not difference.missing and not difference.superseded
    _write(in_order(derived), out)
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


async def _derive(  # noqa: PLR0917 - where, whose and what
    url: str, database: Database, tenant_id: UUID, source: Derivation, units: Sequence[Unit], task: _Task
) -> list[Payload]:
    """Findings of one source, and what people are to know of them on the standard error."""
    groups = in_groups(units, task.workers, source.together)
    parts: list[Replayed] = []
    with _progress() as progress:
        bar = progress.add_task(source.name.capitalize(), total=len(units))
        if task.workers == 1 or len(groups) <= 1:
            for group in groups:
                parts.append(await source.derive(database, tenant_id, group, task.period))
                progress.advance(bar, len(group))
        else:
            loop = asyncio.get_running_loop()
            with ProcessPoolExecutor(task.workers, multiprocessing.get_context("spawn")) as pool:
                begun = [
                    loop.run_in_executor(pool, _derive_apart, url, tenant_id, source, group, task.period)
                    for group in groups
                ]
                for group, running in zip(groups, begun, strict=True):
                    parts.append(await running)
                    progress.advance(bar, len(group))
    payloads = [payload for part in parts for payload in part.payloads]
    late, readings = (sum(getattr(part, name) for part in parts) for name in ("late", "readings"))
    if late:
        typer.echo(f"{late} {source.name} have late readings that are still to be derived anew.", err=True)
    typer.echo(f"{len(units)} {source.name}: {len(payloads)} findings of {readings} readings.", err=True)
    return payloads


def _derive_apart(url: str, tenant_id: UUID, source: Derivation, units: Sequence[Unit], period: Period) -> Replayed:
    """In a process of its own."""

    async def run() -> Replayed:
        async with _opened(url) as database:
            return await source.derive(database, tenant_id, units, period)

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
