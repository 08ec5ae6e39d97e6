"""`plantwright-agent browse modbus`."""

import argparse
import asyncio

import msgspec

from plantwright_agent.cli.common import ATTENTION, OK, CommandError, config_if_there, say, source_named, table
from plantwright_agent.cli.toml_text import toml_table
from plantwright_agent.configuration.config import config_path
from plantwright_agent.inputs.modbus_tcp.config import ModbusConnection
from plantwright_agent.inputs.modbus_tcp.probe import ProbedAddress, probe

SIGN = 0x8000
SIZE = 0x10000


def browse_modbus(options: argparse.Namespace) -> int:
    connection = chosen_connection(options)
    try:
        found = asyncio.run(probe(connection, options.kind, options.address, options.count, options.unit_id))
    except ValueError as error:
        raise CommandError(str(error)) from None
    lines = _toml(options, found) if options.toml else table(("ADDRESS", "VALUE", "SIGNED", "HEX", ""), _rows(found))
    say("\n".join(lines).rstrip())
    return OK if any(item.value is not None for item in found) else ATTENTION


def chosen_connection(options: argparse.Namespace) -> ModbusConnection:
    """Of the source with that name, otherwise to the host. Raises CommandError."""
    config = config_if_there(config_path(options.config), is_named=bool(options.config))
    source = None if config is None else source_named(config, options.device, "modbus")
    if source is not None and source.modbus is not None:
        return source.modbus
    try:
        connection: ModbusConnection = msgspec.convert(
            {"host": options.device, "port": options.port, "timeout": options.timeout}, ModbusConnection
        )
    except msgspec.ValidationError as error:
        raise CommandError(str(error)) from None
    return connection


def _rows(found: list[ProbedAddress]) -> list[tuple[object, ...]]:
    return [
        (item.address, "-", "", "", item.reason)
        if item.value is None
        else (
            item.address,
            item.value,
            item.value - SIZE if item.value >= SIGN else item.value,
            f"{item.value:04x}",
            "",
        )
        for item in found
    ]


def _toml(options: argparse.Namespace, found: list[ProbedAddress]) -> list[str]:
    return [
        toml_table(
            "[[source.modbus.registers]]",
            {
                "address": item.address,
                "register_type": options.kind,
                "unit_id": options.unit_id,
                "metric_name": f"{options.kind}_{item.address}",
            },
        )
        for item in found
        if item.value is not None
    ]
