"""One file of the configuration: its values, and the line on which each of them stands."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from plantwright_agent.configuration.json_document import parse_json
from plantwright_agent.configuration.syntax import Malformed, Place
from plantwright_agent.configuration.toml_lines import toml_lines
from plantwright_agent.configuration.yaml_document import parse_yaml
from plantwright_agent.errors import ConfigError, Problem

WHOLE_FILE = "(file)"
TOO_DEEP = "is nested too deeply"


@dataclass(frozen=True, slots=True)
class Document:
    """`lines` counts from 1; a place that is not in it stands where its nearest parent does."""

    file: Path
    values: Any
    lines: Mapping[Place, int] = field(default_factory=dict)

    def line(self, place: Place) -> int | None:
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place)


def read_toml(path: Path) -> Document:
    """Raises ConfigError with the line when it is no TOML."""
    text = read_text(path)
    try:
        return Document(path, tomllib.loads(text), toml_lines(text))
    except tomllib.TOMLDecodeError as error:
        raise _refusal(path, _toml_fault(str(error), text), "TOML") from None
    except RecursionError:
        raise ConfigError([Problem(path, None, WHOLE_FILE, TOO_DEEP)]) from None


def read_source_file(path: Path) -> Document:
    """A file of `sources_dir`: JSON when it is named so, otherwise YAML. Raises ConfigError."""
    text = read_text(path)
    kind, parse = ("JSON", parse_json) if path.suffix == ".json" else ("YAML", parse_yaml)
    try:
        values, lines = parse(text)
    except Malformed as error:
        raise _refusal(path, error, kind) from None
    except RecursionError:
        raise ConfigError([Problem(path, None, WHOLE_FILE, TOO_DEEP)]) from None
    return Document(path, values, lines)


def read_text(path: Path) -> str:
    """Raises ConfigError when the file is not there, not readable or not UTF-8."""
    try:
        return path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except OSError as error:
        raise ConfigError([Problem(path, None, WHOLE_FILE, f"cannot be read: {error.strerror}")]) from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ConfigError([Problem(path, line, WHOLE_FILE, "is not UTF-8 text")]) from None


def _refusal(path: Path, fault: Malformed, kind: str) -> ConfigError:
    return ConfigError([Problem(path, fault.line, WHOLE_FILE, f"is not valid {kind}: {fault.reason}")])


def _toml_fault(message: str, text: str) -> Malformed:
    """The library tells the line only within its message."""
    reason, _, where = message.partition(" (at ")
    found = re.match(r"line (\d+)", where)
    return Malformed(int(found[1]) if found else text.rstrip().count("\n") + 1, reason)
