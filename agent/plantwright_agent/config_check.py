"""Rules between keys of the configuration: each broken one is a key and a reason."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from plantwright_agent.inputs.csv_watch.config import CsvConfig
from plantwright_agent.inputs.json_watch.config import JsonConfig
from plantwright_agent.inputs.modbus_tcp.config import ModbusConfig
from plantwright_agent.inputs.opcua.config import OpcUaConfig

if TYPE_CHECKING:
    from plantwright_agent.config import Config, SourceConfig

Problems = list[tuple[str, str]]
TABLES = ("opcua", "modbus", "csv", "json")


def check(config: Config) -> Problems:
    """All broken rules, in the order of the file."""
    found = [(f"agent.{key}", reason) for key, reason in config.agent.problems()]
    if not config.source:
        found.append(("source", "at least one [[source]] is needed"))
    names = Counter(source.name for source in config.source)
    for index, source in enumerate(config.source):
        place = f"source[{index}]"
        if names[source.name] > 1:
            found.append((f"{place}.name", f'"{source.name}" is used by more than one source'))
        found += [(f"{place}.{key}", reason) for key, reason in _check_source(source)]
    return found


def _check_source(source: SourceConfig) -> Problems:
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
    if source.machine_identifier is not None:
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
