"""The first configuration file, from what a person answered."""

from dataclasses import dataclass, field

from plantwright_agent.cli.toml_text import toml_table, toml_value

SCHEMA_FILE = "agent.schema.json"
SOURCE_SCHEMA_FILE = "source.schema.json"
DEFAULT_PORT = 502


@dataclass(frozen=True, slots=True)
class FirstTag:
    """`address` is a node id, a register, a column or a key path; `data_type` is for registers."""

    metric: str
    address: str
    unit: str = ""
    data_type: str = ""


@dataclass(slots=True)
class Answers:
    """`address` is an endpoint, a host with or without port, or a path; `time` a column or a key path."""

    api_url: str = ""
    api_key: str | None = None
    name: str = ""
    buffer_dir: str | None = None
    source: str = ""
    machine: str = ""
    protocol: str = ""
    address: str = ""
    security_mode: str = "SignAndEncrypt"
    username: str = ""
    password: str = ""
    time: str = ""
    tags: list[FirstTag] = field(default_factory=list)


def first_file(answers: Answers) -> str:
    """Complete TOML, with the line by which editors find the schema."""
    agent = {
        "api_url": answers.api_url,
        "api_key": answers.api_key,
        "name": answers.name,
        "buffer_dir": answers.buffer_dir,
    }
    source = {"name": answers.source, "machine_identifier": answers.machine, "protocol": answers.protocol}
    parts = [
        f"#:schema ./{SCHEMA_FILE}",
        toml_table("[agent]", agent),
        toml_table("[[source]]", source),
        SETTINGS[answers.protocol](answers),
    ]
    return "\n".join(parts)


def _opcua(answers: Answers) -> str:
    settings = {
        "endpoint": answers.address,
        "security_mode": answers.security_mode,
        "username": answers.username,
        "password": answers.password,
    }
    nodes = [
        toml_table("[[source.opcua.nodes]]", {"node_id": tag.address, "metric_name": tag.metric, "unit": tag.unit})
        for tag in answers.tags
    ]
    return "\n".join([toml_table("[source.opcua]", settings), *nodes])


def modbus_address(text: str) -> tuple[str, int]:
    """Host and port; an IPv6 address with a port is written in brackets."""
    host, _, port = text.rpartition(":")
    if host and port.isdigit() and (":" not in host or host.startswith("[")):
        return host.strip("[]"), int(port)
    return text.strip("[]"), DEFAULT_PORT


def _modbus(answers: Answers) -> str:
    host, port = modbus_address(answers.address)
    settings: dict[str, str | float | None] = {"host": host, "port": port}
    registers = [
        toml_table(
            "[[source.modbus.registers]]",
            {
                "address": _register(tag.address),
                "data_type": tag.data_type,
                "metric_name": tag.metric,
                "unit": tag.unit,
            },
        )
        for tag in answers.tags
    ]
    return "\n".join([toml_table("[source.modbus]", settings), *registers])


def _register(address: str) -> str | int:
    """Five digits and more are a manual's number, which is a text."""
    is_manual = address.isdigit() and len(address) >= len("40001")
    return int(address) if address.isdigit() and not is_manual else address


def _csv(answers: Answers) -> str:
    settings = {"path": answers.address, "time_column": answers.time}
    return "\n".join([toml_table("[source.csv]", settings), *_columns("csv", answers.tags)])


def _json(answers: Answers) -> str:
    settings = {"path": answers.address, "time_key": answers.time}
    return "\n".join([toml_table("[source.json]", settings), *_columns("json", answers.tags)])


def _columns(table: str, tags: list[FirstTag]) -> list[str]:
    return [
        toml_table(f"[source.{table}.metrics.{toml_value(tag.address)}]", {"metric_name": tag.metric, "unit": tag.unit})
        for tag in tags
    ]


SETTINGS = {"opcua": _opcua, "modbus": _modbus, "csv": _csv, "json": _json}
