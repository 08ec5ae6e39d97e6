"""`up`, `with-stack` and `reset` of the command line."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from plantwright.embedded.errors import LocalStartError
from plantwright.embedded.launch import die_with_parent
from plantwright.embedded.ports import free_port
from plantwright.embedded.reset import contents, require_stopped, reset
from plantwright.embedded.services import throw_away_folder
from plantwright.embedded.supervisor import Supervisor
from plantwright.embedded.up import LocalInstallation, Request, welcome

DEFAULT_PORT = 8000
INTERRUPTED = 130

app = typer.Typer(help="A local installation with embedded PostgreSQL and Valkey.", no_args_is_help=True)

DataDir = Annotated[Path, typer.Option(envvar="PLANTWRIGHT_DATA_DIR", help="Where the local data is kept.")]
Port = Annotated[int, typer.Option(min=1, max=65535, help="Port of the web pages and the API.")]
WithParent = Annotated[
    bool, typer.Option("--with-parent", help="Stop when the process that started this one ends (Linux).")
]


@app.command()
def up(port: Port = DEFAULT_PORT, data_dir: DataDir = Path(".plantwright"), with_parent: WithParent = False) -> None:
    """Start everything on this machine, print the address, and keep it running until Ctrl-C."""
    if with_parent:
        die_with_parent(signal.SIGTERM)
    request = Request(data_dir.resolve(), port, Path.cwd())

    def keep_running(supervisor: Supervisor) -> None:
        _say(welcome(request))
        supervisor.watch()

    _run(request, keep_running)
    _say("Stopped; the data is kept.")


@app.command("with-stack")
def with_stack(
    command: Annotated[list[str], typer.Argument(help="What to run, after `--`.")], *, with_parent: WithParent = False
) -> None:
    """Run a command beside a throw-away installation, named by PLANTWRIGHT_URL and PLANTWRIGHT_DATA_DIR."""
    if with_parent:
        die_with_parent(signal.SIGTERM)
    codes: list[int] = []
    with throw_away_folder() as folder:
        request = Request(folder.resolve(), free_port(), Path.cwd())

        def run_command(supervisor: Supervisor) -> None:
            environment = {"PLANTWRIGHT_URL": request.address, "PLANTWRIGHT_DATA_DIR": str(request.data_dir)}
            with subprocess.Popen(command, env=os.environ | environment) as process:
                try:
                    supervisor.watch(lambda: process.poll() is None)
                finally:
                    process.terminate()
            codes.append(process.returncode)

        _run(request, run_command)
    raise typer.Exit(codes[0] if codes else INTERRUPTED)


@app.command("reset")
def reset_data(
    data_dir: DataDir = Path(".plantwright"),
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Drop all local data: database, agent buffer, demo configuration, logs and secrets."""
    data_dir = data_dir.resolve()
    try:
        require_stopped(data_dir)
        if not contents(data_dir):
            _say(f"There is no local data in {data_dir}.")
            return
        if not yes:
            typer.confirm(f"Drop all local data in {data_dir}? It cannot be brought back", abort=True)
        reset(data_dir)
    except (LocalStartError, PermissionError) as error:
        _fail(error)
    _say(f"Dropped the local data in {data_dir}.")


def _run(request: Request, then: Callable[[Supervisor], None]) -> None:
    try:
        LocalInstallation(request, _say).run(then)
    except (LocalStartError, PermissionError) as error:
        _fail(error)


def _say(line: str) -> None:
    # The terminal may be gone; that is no reason to leave processes behind.
    with suppress(OSError):
        typer.echo(line)
        sys.stdout.flush()


def _fail(error: LocalStartError | PermissionError) -> NoReturn:
    typer.echo(f"plantwright: {error}", err=True)
    raise typer.Exit(1)


if __name__ == "__main__":
    app()
