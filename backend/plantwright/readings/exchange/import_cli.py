"""`plantwright import` of the command line."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import httpx
import msgspec
import typer
from plantwright_agent.inputs.csv_watch.config import CsvConfig
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)

from plantwright.readings.exchange.csv_format import is_long_form
from plantwright.readings.exchange.long_importing import csv_import, parquet_import
from plantwright.readings.exchange.sending import Import, ImportStopped, Summary
from plantwright.readings.exchange.wide_importing import CsvImport, columns_of

REFUSED = 1
UNUSABLE = 2
SHOWN_REFUSALS = 20
TIMEOUT_SECONDS = 30.0
DELIMITERS = {"tab": "\t", "\\t": "\t"}

app = typer.Typer(help="Bring in recorded readings.", no_args_is_help=True)


@app.callback()
def main() -> None:
    """Bring in recorded readings."""


KeyOption = Annotated[str, typer.Option(envvar="PLANTWRIGHT_API_KEY", help="A key with the scope ingest.")]
UrlOption = Annotated[str, typer.Option(envvar="PLANTWRIGHT_PUBLIC_URL", help="Address of Plantwright.")]


@app.command("csv")
def csv_command(  # noqa: PLR0917 - Typer passes them by name
    file: Annotated[Path, typer.Argument(help="An exported file; or one row per time and one column per metric.")],
    api_key: KeyOption,
    machine: Annotated[str, typer.Option(help="Identifier of the machine that the readings belong to.")] = "",
    time_column: Annotated[str, typer.Option(help="Column with the time; without an offset it is UTC.")] = "",
    delimiter: Annotated[str, typer.Option(help="One character, or tab.")] = ",",
    time_format: Annotated[str, typer.Option(help="iso, unix, unix_ms or a strptime pattern.")] = "iso",
    ignore_column: Annotated[list[str] | None, typer.Option(help="A column that is no metric; repeatable.")] = None,
    unit: Annotated[
        list[str] | None, typer.Option(help="COLUMN=UNIT, such as Temperature=celsius; repeatable.")
    ] = None,
    url: UrlOption = "http://localhost:8000",
) -> None:
    """Send a CSV file. The same file again stores nothing twice.

    A file that was exported names its machines, metrics and units; for any other, name --machine and --time-column.
    Ends with 0 when everything was stored, 1 when something in the file was refused, 2 when it could not be imported.
    """
    delimiter = DELIMITERS.get(delimiter, delimiter)

    def prepare() -> Task:
        size = file.stat().st_size if file.is_file() else 0
        if len(delimiter) == 1 and is_long_form(columns_of(file, delimiter)):
            if machine or time_column or ignore_column or unit:
                raise ImportStopped(f"{file} names its machines, metrics and units itself: leave these options out")
            return Task(csv_import(file), size, "line", DownloadColumn())
        if not machine or not time_column:
            raise ImportStopped(
                f"{file} is no exported file: name its machine with --machine and the column of its times with "
                "--time-column"
            )
        config = _config(file, delimiter, time_column, time_format, ignore_column or [], unit or [])
        return Task(CsvImport(file, config, machine), size, "line", DownloadColumn())

    _import(prepare, file, url, api_key)


@app.command("parquet")
def parquet_command(
    file: Annotated[Path, typer.Argument(help="An exported file.")],
    api_key: KeyOption,
    url: UrlOption = "http://localhost:8000",
) -> None:
    """Send an exported Parquet file. The same file again stores nothing twice.

    Ends with 0 when everything was stored, 1 when something in the file was refused, 2 when it could not be imported.
    """

    def prepare() -> Task:
        task, rows = parquet_import(file)
        return Task(task, rows, "row", MofNCompleteColumn())

    _import(prepare, file, url, api_key)


@dataclass(frozen=True, slots=True)
class Task:
    """An import and how it is shown: how far it will go, and what a place in the file is called."""

    work: Import
    total: int
    place: str
    amount: ProgressColumn


def _import(prepare: Callable[[], Task], file: Path, url: str, api_key: str) -> None:
    try:
        task = prepare()
        summary = _run(task, file, url, api_key)
    except ImportStopped as error:
        typer.echo(f"plantwright: {error.message}", err=True)
        raise typer.Exit(UNUSABLE) from None
    _report(summary, task.place)
    if summary.refused:
        raise typer.Exit(REFUSED)


def _config(  # noqa: PLR0917 - the options of the command, passed on in their order
    file: Path, delimiter: str, time_column: str, time_format: str, ignored: list[str], units: list[str]
) -> CsvConfig:
    given = {
        "path": str(file),
        "delimiter": delimiter,
        "time_column": time_column,
        "time_format": time_format,
        "ignore_columns": ignored,
        "metrics": _metrics(file, delimiter, {time_column, *ignored}, units),
    }
    try:
        config = msgspec.convert(given, CsvConfig)
    except msgspec.ValidationError as error:
        raise ImportStopped(f"The options do not fit: {error}") from None
    for name, reason in config.problems():
        raise ImportStopped(f"{name}: {reason}")
    return config


def _metrics(file: Path, delimiter: str, ignored: set[str], units: list[str]) -> dict[str, dict[str, str]]:
    """Without units every column is a metric by itself; with units all of them are named, some with one."""
    if not units:
        return {}
    if len(delimiter) != 1:
        raise ImportStopped("The delimiter is one character, or tab")
    columns = [name for name in columns_of(file, delimiter) if name and name not in ignored]
    unit_of = dict(text.rpartition("=")[::2] for text in units)
    unknown = next((name for name in unit_of if name not in columns), None)
    if unknown is not None:
        raise ImportStopped(f"--unit takes COLUMN=UNIT, and {unknown!r} is no metric column of {file}")
    return {name: {"unit": unit_of.get(name, "")} for name in columns}


def _run(task: Task, file: Path, url: str, api_key: str) -> Summary:
    columns = (TextColumn("{task.description}"), BarColumn(), task.amount, TimeRemainingColumn())
    headers = {"X-API-Key": api_key}
    try:
        client = httpx.Client(base_url=url, headers=headers, timeout=TIMEOUT_SECONDS)
    except (httpx.InvalidURL, UnicodeEncodeError):
        raise ImportStopped("The address or the API key contains a character that cannot be sent") from None
    with client, Progress(*columns, console=Console(stderr=True)) as progress:
        bar = progress.add_task(file.name, total=task.total)
        summary = task.work.run(client, lambda done: progress.update(bar, completed=done))
        progress.update(bar, completed=task.total)
    return summary


def _report(summary: Summary, place: str) -> None:
    for refusal in summary.refusals[:SHOWN_REFUSALS]:
        typer.echo(f"{place} {refusal.line}: {refusal.reason}", err=True)
    if summary.refused > SHOWN_REFUSALS:
        typer.echo(f"… and {summary.refused - SHOWN_REFUSALS} more", err=True)
    typer.echo(f"{summary.accepted} readings accepted, {summary.refused} rows or values refused")
