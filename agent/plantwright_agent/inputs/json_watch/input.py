"""JSON files: documents with times and values at known places."""

from pathlib import Path

from plantwright_agent.inputs.contract import Positions
from plantwright_agent.inputs.files.content import Content
from plantwright_agent.inputs.files.lines import LineReader
from plantwright_agent.inputs.files.watch import FileWatch
from plantwright_agent.inputs.json_watch.config import JsonConfig
from plantwright_agent.inputs.json_watch.document import DocumentReader
from plantwright_agent.inputs.json_watch.rows import JsonParser
from plantwright_agent.samples import FilePosition


class JsonWatch(FileWatch):
    """Input contract: see `plantwright_agent.inputs.contract`."""

    def __init__(self, stream: str, config: JsonConfig, machine_identifier: str | None, positions: Positions) -> None:
        super().__init__(stream, config, positions)
        self._json = config
        self._machine = machine_identifier

    def parser(self, path: Path, content: Content) -> JsonParser:  # noqa: ARG002 - a document names its own keys
        return JsonParser(path, self._json, self._machine)

    def reader(self, content: Content, position: FilePosition) -> LineReader:
        if self._json.whole_file:
            return DocumentReader(content, position, self._json.encoding, position.path)
        return super().reader(content, position)

    def lost(self, reason: str) -> str:
        """A whole document takes the place of the one before: nothing of that was left unread."""
        return "" if self._json.whole_file else reason
