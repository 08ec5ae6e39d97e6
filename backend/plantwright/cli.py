"""The `plantwright` command line: assembles the rooms' own commands."""

import sys
from typing import Annotated

import typer
from pydantic import ValidationError

from plantwright.core.errors import PlantwrightError
from plantwright.core.settings import load_settings
from plantwright.demo.cli import app as demo
from plantwright.embedded.cli import app as local
from plantwright.journal.cli import app as journal

USAGE = 2

app = typer.Typer(
    help="Watch industrial machines, find trouble, prove the record.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
)
app.add_typer(demo, name="demo", help="The demo plant: simulated machines behind real protocol servers.")
app.add_typer(journal, name="journal", help="Verify and export the journal.")
app.add_typer(local, name="local", help="A local installation with embedded PostgreSQL and Valkey.")


@app.command()
def migrate() -> None:
    """Bring the database at DATABASE_URL to the newest shape."""
    from plantwright.core.migrate import migrate as run  # noqa: PLC0415 - keeps other commands fast

    run(load_settings())


@app.command()
def worker() -> None:
    """Run the consumers of both logs until a signal ends the process."""
    from plantwright.worker import main as run  # noqa: PLC0415 - keeps other commands fast

    run(load_settings())


@app.command()
def schema(
    check: Annotated[str, typer.Option(help="Compare with this file and fail when it differs.")] = "",
) -> None:
    """Print the GraphQL schema."""
    from plantwright.graphql.printing import check_schema, print_sorted  # noqa: PLC0415 - keeps other commands fast

    if check:
        check_schema(check)
    else:
        typer.echo(print_sorted(), nl=False)


def main() -> None:
    """Expected faults end with one line for people and exit code 2."""
    try:
        app()
    except (PlantwrightError, ValidationError) as error:
        typer.echo(f"plantwright: {getattr(error, 'message', error)}", err=True)
        sys.exit(USAGE)


if __name__ == "__main__":
    main()
