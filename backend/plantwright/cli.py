"""The `plantwright` command line: assembles the rooms' own commands."""

import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from plantwright.core.errors import PlantwrightError
from plantwright.core.settings import load_settings

USAGE = 2

# A room's commands bring its libraries, so only those that are called are loaded: processes start faster.
ROOMS = {
    "demo": ("plantwright.demo.cli", "The demo plant: simulated machines behind real protocol servers."),
    "export": ("plantwright.readings.exchange.export_cli", "Write readings to a file."),
    "import": ("plantwright.readings.exchange.import_cli", "Bring in recorded readings."),
    "journal": ("plantwright.journal.cli", "Verify and export the journal."),
    "local": ("plantwright.embedded.cli", "A local installation with embedded PostgreSQL and Valkey."),
    "replay": ("plantwright.replaying", "Derive findings of a period again from the log."),
    "tenant": ("plantwright.identity.cli", "Make tenants and their first people."),
    "vault": ("plantwright.vault_cli", "Stored secrets and the keys that encrypt them."),
}

app = typer.Typer(
    help="Watch industrial machines, find trouble, prove the record.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
)


@app.command()
def migrate() -> None:
    """Bring the database at DATABASE_URL to the newest shape."""
    from plantwright.core.migrate import migrate as run  # noqa: PLC0415 - see ROOMS

    run(load_settings())


@app.command()
def worker() -> None:
    """Run the consumers of both logs until a signal ends the process."""
    from plantwright.worker.process import main as run  # noqa: PLC0415 - see ROOMS

    run(load_settings())


@app.command()
def sources() -> None:
    """Read devices directly, as ingest sources say, until a signal ends the process."""
    from plantwright.source_polling import main as run  # noqa: PLC0415 - see ROOMS

    run(load_settings())


@app.command()
def schema(
    check: Annotated[str, typer.Option(help="Compare with this file and fail when it differs.")] = "",
) -> None:
    """Print the GraphQL schema."""
    from plantwright.graphql.printing import check_schema, print_sorted  # noqa: PLC0415 - see ROOMS

    if check:
        check_schema(check)
    else:
        typer.echo(print_sorted(), nl=False)


@app.command()
def detect(  # noqa: PLR0917 - Typer passes them by name
    file: Annotated[Path, typer.Argument(help="A CSV file with one row per time and one column per metric.")],
    time_column: Annotated[str, typer.Option(help="Column with the time; without an offset it is UTC.")],
    out: Annotated[Path, typer.Option(help="Where the scores go: a CSV file with one row per time.")],
    delimiter: Annotated[str, typer.Option(help="One character, or tab.")] = ",",
    time_format: Annotated[str, typer.Option(help="iso, unix, unix_ms or a strptime pattern.")] = "iso",
    train_until: Annotated[
        str, typer.Option(help="The file is normal operation up to this time, or for this number of rows.")
    ] = "",
    ignore_column: Annotated[list[str] | None, typer.Option(help="A column that is no metric; repeatable.")] = None,
) -> None:
    """Run the detectors over a CSV file, with default settings and without a database.

    The scores are those of the four detectors (the greatest over all metrics), a combined one from 0 to 1, where 0.5 is
    the threshold, and the findings. Columns named anomaly, changepoint or label are never taken as metrics.
    """
    from plantwright.detection.offline.cli import Task  # noqa: PLC0415 - see ROOMS
    from plantwright.detection.offline.cli import detect as run  # noqa: PLC0415 - see ROOMS
    from plantwright.detection.offline.table import Layout  # noqa: PLC0415 - see ROOMS

    character = {"tab": "\t", "\\t": "\t"}.get(delimiter, delimiter)
    if len(character) != 1:
        raise typer.BadParameter("must be one character, or tab", param_hint="--delimiter")
    layout = Layout(time_column, character, time_format, tuple(ignore_column or ()))
    run(Task(file, layout, train_until, out))


def rooms_for(arguments: Sequence[str]) -> Sequence[str]:
    """The room that is called; none for a command of our own; all of them for help and for words nobody knows."""
    called = next((argument for argument in arguments if not argument.startswith("-")), "")
    if called in ROOMS:
        return [called]
    own = {command.name or getattr(command.callback, "__name__", "") for command in app.registered_commands}
    return [] if called in own else list(ROOMS)


def main() -> None:
    """Expected faults end with one line for people and exit code 2."""
    for name in rooms_for(sys.argv[1:]):
        module, help_text = ROOMS[name]
        app.add_typer(import_module(module).app, name=name, help=help_text)
    try:
        app()
    except (PlantwrightError, ValidationError) as error:
        typer.echo(f"plantwright: {getattr(error, 'message', error)}", err=True)
        sys.exit(USAGE)


if __name__ == "__main__":
    main()
