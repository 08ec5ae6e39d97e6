"""`plantwright demo …`: run the demo plant and break its machines."""

import asyncio
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from plantwright.core.settings import load_settings
from plantwright.demo.errors import DemoError, FaultNotApplicable, UnknownFault, UnknownMachine
from plantwright.demo.fault_store import FaultStore
from plantwright.demo.faults import FaultKind, make_fault
from plantwright.demo.ports import DEFAULT_MODBUS_PORT, DEFAULT_OPCUA_PORT

EXIT_FAILED = 1
EXIT_USAGE = 2

app = typer.Typer(help="The demo plant: six simulated machines behind real protocol servers.", no_args_is_help=True)

DataDir = Annotated[
    Path | None,
    typer.Option(help="Data folder; PLANTWRIGHT_DATA_DIR, else .plantwright, unless given.", show_default=False),
]
OpcuaPort = Annotated[
    int, typer.Option(min=0, max=65_535, envvar="PLANTWRIGHT_DEMO_OPCUA_PORT", help="0 takes a free port.")
]
ModbusPort = Annotated[
    int, typer.Option(min=0, max=65_535, envvar="PLANTWRIGHT_DEMO_MODBUS_PORT", help="0 takes a free port.")
]


@app.command()
def plant(
    *,
    data_dir: DataDir = None,
    opcua_port: OpcuaPort = DEFAULT_OPCUA_PORT,
    modbus_port: ModbusPort = DEFAULT_MODBUS_PORT,
) -> None:
    """Run the OPC UA and Modbus servers and write the growing files until stopped."""
    from plantwright.demo.plant import run_plant  # noqa: PLC0415 - only this command needs the protocol libraries

    # Both protocol libraries report each connecting client at info level.
    for name in ("asyncua", "pymodbus"):
        logging.getLogger(name).setLevel(logging.ERROR)
    with _explained():
        asyncio.run(run_plant(_folder(data_dir), opcua_port=opcua_port, modbus_port=modbus_port))


@app.command()
def seed(*, opcua_port: OpcuaPort = DEFAULT_OPCUA_PORT, modbus_port: ModbusPort = DEFAULT_MODBUS_PORT) -> None:
    """Make the demo tenants, people, machines, agent configuration and a day of history, where they are missing."""
    from plantwright.demo.seed import seed as run  # noqa: PLC0415 - only this command needs the database

    with _explained():
        asyncio.run(run(load_settings(), opcua_port=opcua_port, modbus_port=modbus_port))


@app.command()
def fault(
    machine: Annotated[str, typer.Argument(help="Machine identifier, for example PUMP-101.")],
    kind: Annotated[str, typer.Argument(help=f"One of {', '.join(FaultKind)}.")],
    *,
    clear: Annotated[bool, typer.Option("--clear", help="Take the fault away again.")] = False,
    metric: Annotated[str | None, typer.Option(help="Which sensor is stuck.", show_default=False)] = None,
    data_dir: DataDir = None,
) -> None:
    """Put a fault on a machine, or take it away with --clear."""
    with _explained():
        named = make_fault(machine, kind, time.time_ns() // 1_000_000, metric)
        store = FaultStore(_folder(data_dir))
        if not clear:
            store.start(named)
            typer.echo(f"{named.kind} started on {named.machine}.")
        elif store.clear(named, any_metric=metric is None):
            typer.echo(f"{named.kind} cleared on {named.machine}.")
        else:
            typer.echo(f"{named.kind} was not active on {named.machine}.")


@app.command()
def faults(*, data_dir: DataDir = None) -> None:
    """List the active faults."""
    with _explained():
        active = FaultStore(_folder(data_dir)).read()
    if not active:
        typer.echo("No faults are active.")
    for entry in active:
        started = datetime.fromtimestamp(entry.started_at / 1000, tz=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        typer.echo("  ".join((entry.machine, entry.kind, f"since {started}", entry.metric or "")).rstrip())


def _folder(data_dir: Path | None) -> Path:
    return data_dir or load_settings().data_dir


@contextmanager
def _explained() -> Iterator[None]:
    """Expected errors end the command with their message and a code instead of a trace."""
    try:
        yield
    except (UnknownMachine, UnknownFault, FaultNotApplicable) as error:
        typer.echo(error.message, err=True)
        raise typer.Exit(EXIT_USAGE) from error
    except DemoError as error:
        typer.echo(error.message, err=True)
        raise typer.Exit(EXIT_FAILED) from error
