"""Writes the edge agent's configuration for all sources of the demo plant."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from plantwright.demo.credentials import Credentials, ensure_credentials
from plantwright.demo.fault_store import write_atomically
from plantwright.demo.files import CSV_DELIMITER, TIME_COLUMN, file_of
from plantwright.demo.machines import machines_on
from plantwright.demo.modbus_map import registers_of, unit_ids
from plantwright.demo.model import Machine, Protocol
from plantwright.demo.opcua_server import endpoint_of, node_id_of
from plantwright.demo.ports import DEFAULT_MODBUS_PORT, DEFAULT_OPCUA_PORT

AGENT_NAME = "northfield-edge"
HEARTBEAT_INTERVAL_SECONDS = 15
PUSH_INTERVAL_SECONDS = 0.5
BATCH_SIZE = 500
POLL_INTERVAL_SECONDS = 1.0

_Value = str | int | float
_Table = Mapping[str, _Value]


def write_agent_config(
    path: Path,
    *,
    data_dir: Path,
    api_url: str,
    api_key: str,
    buffer_dir: Path,
    opcua_port: int = DEFAULT_OPCUA_PORT,
    modbus_port: int = DEFAULT_MODBUS_PORT,
) -> None:
    """Write `agent.toml`, readable by its owner only because it carries the key and the OPC UA password.

    Args:
        path: where to write; its folder is made, an older file is replaced.
        data_dir: data folder of the plant; its certificates are made when missing.
        api_url: base URL of the API, without /api/v1.
        api_key: key with the scopes ingest and agent.
        buffer_dir: where the agent keeps what it has not sent.
        opcua_port: where the plant's OPC UA server listens on 127.0.0.1.
        modbus_port: the same for its Modbus server.
    """
    root = data_dir.resolve()
    agent: _Table = {
        "api_key": api_key,
        "api_url": api_url,
        "name": AGENT_NAME,
        "heartbeat_interval": HEARTBEAT_INTERVAL_SECONDS,
        "push_interval": PUSH_INTERVAL_SECONDS,
        "batch_size": BATCH_SIZE,
        "buffer_dir": str(buffer_dir.resolve()),
        "log_level": "info",
    }
    lines = [
        *_table("[agent]", agent),
        *_opcua(ensure_credentials(root), opcua_port),
        *_modbus(modbus_port),
        *(line for machine in machines_on(Protocol.CSV) for line in _csv(root, machine)),
        *(line for machine in machines_on(Protocol.JSON) for line in _json(root, machine)),
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, "\n".join(lines).encode(), mode=0o600)


def _opcua(credentials: Credentials, port: int) -> Iterator[str]:
    machines = machines_on(Protocol.OPC_UA)
    yield from _source("demo-opcua", machines[0], "opcua")
    connection = {
        "endpoint": endpoint_of(port),
        "security_mode": "SignAndEncrypt",
        "security_policy": "Basic256Sha256",
        "username": credentials.username,
        "password": credentials.password,
        "certificate": str(credentials.client_certificate),
        "private_key": str(credentials.client_key),
        "server_certificate": str(credentials.server_certificate),
    }
    yield from _table("[source.opcua]", connection)
    for machine in machines:
        for spec in machine.metrics:
            node: _Table = {
                "node_id": node_id_of(machine, spec),
                "machine_identifier": machine.identifier,
                "metric_name": spec.name,
                "unit": spec.unit,
            }
            yield from _table("[[source.opcua.nodes]]", node)


def _modbus(port: int) -> Iterator[str]:
    machines, units = machines_on(Protocol.MODBUS_TCP), unit_ids()
    yield from _source("demo-modbus", machines[0], "modbus")
    connection: _Table = {"host": "127.0.0.1", "port": port, "poll_interval": POLL_INTERVAL_SECONDS}
    yield from _table("[source.modbus]", connection)
    for machine in machines:
        for register in registers_of(machine):
            entry: _Table = {
                "address": register.address,
                "unit_id": units[machine.identifier],
                "register_type": register.register_type,
                "data_type": register.data_type,
                "scale": register.scale,
                "offset": register.offset,
                "machine_identifier": machine.identifier,
                "metric_name": register.spec.name,
                "unit": register.spec.unit,
            }
            yield from _table("[[source.modbus.registers]]", entry)


def _csv(data_dir: Path, machine: Machine) -> Iterator[str]:
    yield from _source("demo-csv", machine, "csv")
    file = {"path": str(file_of(data_dir, machine)), "delimiter": CSV_DELIMITER, "time_column": TIME_COLUMN}
    yield from _table("[source.csv]", file)
    yield from _columns("csv", machine)


def _json(data_dir: Path, machine: Machine) -> Iterator[str]:
    yield from _source("demo-json", machine, "json")
    yield from _table("[source.json]", {"path": str(file_of(data_dir, machine)), "time_key": TIME_COLUMN})
    yield from _columns("json", machine)


def _columns(protocol: str, machine: Machine) -> Iterator[str]:
    for spec in machine.metrics:
        yield from _table(f"[source.{protocol}.metrics.{spec.name}]", {"unit": spec.unit})


def _source(name: str, machine: Machine, protocol: str) -> Iterator[str]:
    """The machine is the default of the source; nodes and registers of other machines name their own."""
    yield from _table("[[source]]", {"name": name, "machine_identifier": machine.identifier, "protocol": protocol})


def _table(header: str, entries: _Table) -> Iterator[str]:
    yield header
    for key, value in entries.items():
        # A JSON text is a valid TOML basic string, a JSON number a valid TOML number.
        yield f"{key} = {json.dumps(value, ensure_ascii=False)}"
    yield ""
