"""A file that is one JSON document, taken once it is complete."""

import msgspec

from plantwright_agent.inputs.files.lines import BOM, LineReader, Lines
from plantwright_agent.inputs.files.resume import WINDOW
from plantwright_agent.samples import DeadLetter

LARGEST = 16 * 1024 * 1024


class DocumentReader(LineReader):
    """The whole file as a single line."""

    def read(self, *, settled: bool) -> Lines | None:
        """None while the document is not complete. A file nobody writes to any more is taken as it is."""
        if self.position.offset:
            self.at_end = True
            return None
        block = self._next(LARGEST + 1)
        self.at_end = not block
        text, reason = self._text(block)
        if not block or not (settled or (text and _is_json(text))):
            return None
        shown = block[:WINDOW].decode("utf-8", errors="backslashreplace")
        self._move(block, 1)
        return Lines(1, [text], [DeadLetter(self._origin, 1, shown, reason)] if reason else [], self.position)

    def _text(self, block: bytes) -> tuple[str, str]:
        if len(block) > LARGEST:
            return "", "is longer than 16 MiB; write one document per line instead"
        try:
            return block.decode(self._encoding).removeprefix(BOM), ""
        except UnicodeDecodeError:
            return "", f"is not {self._encoding.upper()} text"


def _is_json(text: str) -> bool:
    try:
        msgspec.json.decode(text, type=msgspec.Raw)
    except msgspec.DecodeError:
        return False
    return True
