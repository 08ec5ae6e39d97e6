"""JSON Lines files: one object per line, with a time and any number of metrics at known key paths.

A line that is not an object, or has no time, is set aside. A metric whose key is absent or null was not measured;
one that is there but is no number is set aside while the others of the line are kept.
"""

from pathlib import Path
from typing import Any

import msgspec

from plantwright_agent.inputs.contract import Positions
from plantwright_agent.inputs.files.lines import Line
from plantwright_agent.inputs.files.tag import make_tag
from plantwright_agent.inputs.files.times import TimeReader
from plantwright_agent.inputs.files.watch import FileWatch, LineParser, Row
from plantwright_agent.inputs.json_watch.config import JsonConfig
from plantwright_agent.samples import RawSample


class JsonWatch(FileWatch):
    """Input contract: see `plantwright_agent.inputs.contract`."""

    def __init__(self, stream: str, config: JsonConfig, machine_identifier: str | None, positions: Positions) -> None:
        super().__init__(stream, config, positions)
        self._json = config
        self._machine = machine_identifier

    def parser(self, path: Path) -> "JsonParser":
        return JsonParser(path, self._json, self._machine)


class JsonParser(LineParser):
    """Rows of one file."""

    def __init__(self, path: Path, config: JsonConfig, machine_identifier: str | None) -> None:
        super().__init__(path)
        self._config = config
        self._times = TimeReader(config.time_format, config.time_zone)
        self._tags = [(key, make_tag(key, column, machine_identifier)) for key, column in config.metrics.items()]

    def row(self, line: Line, text: str) -> Row:
        try:
            document = msgspec.json.decode(text)
        except msgspec.DecodeError as error:
            return self.broken(line, f"is not JSON: {error}")
        if not isinstance(document, dict):
            return self.broken(line, "is not a JSON object")
        moment = self._times.read(at_path(document, self._config.time_key))
        if moment is None:
            return self.broken(line, f"key {self._config.time_key!r} is not a time")
        origin = self.origin(line, text)
        return Row(
            tuple(
                RawSample(tag, value, moment, origin=origin)
                for key, tag in self._tags
                if (value := at_path(document, key)) is not None
            )
        )


def at_path(document: dict[str, Any], path: str) -> object:
    """The value at a path; a key that itself contains the dots wins over going deeper. None when absent."""
    if path in document:
        return document[path]
    first, dot, rest = path.partition(".")
    inner = document.get(first)
    return at_path(inner, rest) if dot and isinstance(inner, dict) else None
