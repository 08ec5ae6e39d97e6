"""Rules between keys of the configuration: each broken one is a key and a reason."""

import os
from collections import Counter
from pathlib import Path
from typing import Any

from plantwright_agent.configuration.syntax import Place
from plantwright_agent.inputs.csv_watch.config import CsvConfig
from plantwright_agent.inputs.json_watch.config import JsonConfig
from plantwright_agent.inputs.modbus_tcp.config import ModbusConfig
from plantwright_agent.inputs.opcua.config import OpcUaConfig
from plantwright_agent.inputs.source import SourceConfig

Problems = list[tuple[str, str]]
TABLES = ("opcua", "modbus", "csv", "json")


def shared_names(sources: list[Any]) -> list[tuple[Place, str]]:
    """Each source whose name another one has as well; a source is a stream, so its name is its own."""
    names = [source.get("name") if isinstance(source, dict) else None for source in sources]
    used = Counter(name for name in names if isinstance(name, str))
    return [
        (("source", index, "name"), f'"{name}" is used by more than one source')
        for index, name in enumerate(names)
        if isinstance(name, str) and used[name] > 1
    ]


def source_rules(source: SourceConfig) -> Problems:
    """All broken rules of one source, its keys spelled from the source downwards."""
    found: Problems = [
        (table, f'does not belong to protocol "{source.protocol}"')
        for table in TABLES
        if table != source.protocol and getattr(source, table) is not None
    ]
    settings = source.settings
    if settings is None:
        return [*found, (source.protocol, f"[source.{source.protocol}] is missing")]
    rules = settings.problems()
    if isinstance(settings, OpcUaConfig):
        rules += _unreadable(settings.files())
    rules += _without_machine(source)
    return found + [(f"{source.protocol}.{key}", reason) for key, reason in rules]


def _unreadable(files: list[tuple[str, Path]]) -> Problems:
    return [(key, f"cannot read {path}") for key, path in files if not path.is_file() or not os.access(path, os.R_OK)]


def _without_machine(source: SourceConfig) -> Problems:
    settings = source.settings
    if source.machine_identifier is not None or (
        isinstance(settings, CsvConfig | JsonConfig) and settings.names_machines
    ):
        return []
    return [
        (place, "needs a machine_identifier, here or on the source")
        for place, identifier in _machines(source)
        if identifier is None
    ]


def _machines(source: SourceConfig) -> list[tuple[str, str | None]]:
    settings = source.settings
    if isinstance(settings, OpcUaConfig):
        return [(f"nodes[{i}]", node.machine_identifier) for i, node in enumerate(settings.nodes)]
    if isinstance(settings, ModbusConfig):
        return [(f"registers[{i}]", item.machine_identifier) for i, item in enumerate(settings.registers)]
    if isinstance(settings, CsvConfig | JsonConfig) and settings.metrics:
        return [(f"metrics.{key}", item.machine_identifier) for key, item in settings.metrics.items()]
    return [("metrics", None)]
