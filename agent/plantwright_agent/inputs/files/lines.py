"""Whole lines of a file from a byte offset on; a half-written last line is left for later."""

import re
from dataclasses import dataclass, replace

from plantwright_agent.inputs.files.config import Encoding
from plantwright_agent.inputs.files.content import Content
from plantwright_agent.inputs.files.resume import WINDOW, digest
from plantwright_agent.samples import DeadLetter, FilePosition

CHUNK = 64 * 1024
LONGEST_LINE = 1024 * 1024
TOO_LONG = "is longer than 1 MiB; the whole line is set aside"
REST = "is the rest of a line that was taken or set aside before its end"

LINE_ENDS = {"utf-16-le": b"\n\x00", "utf-16-be": b"\x00\n"}
LINES = {
    encoding: re.compile(rb"(?s)(?:(?!" + re.escape(end) + rb")..)*" + re.escape(end))
    for encoding, end in LINE_ENDS.items()
}
BOM = "\ufeff"


class FileChangedError(Exception):
    """The bytes before the offset are no longer those that were read."""


@dataclass(frozen=True, slots=True)
class Lines:
    """Texts of consecutive lines, the first of them numbered `first`. Lines that are no text are empty here."""

    first: int
    texts: list[str]
    set_aside: list[DeadLetter]
    position: FilePosition


def exact_encoding(content: Content, encoding: Encoding) -> str:
    """UTF-16 becomes the one its byte order mark names, little endian without one."""
    if encoding == "utf-16":
        return "utf-16-be" if content.at(0, 2) == b"\xfe\xff" else "utf-16-le"
    return "utf-8" if encoding == "utf-8-sig" else encoding


class LineReader:
    """Reads on from a position, about 64 KiB at a time. `origin` is what dead letters name."""

    def __init__(self, content: Content, position: FilePosition, encoding: Encoding, origin: str) -> None:
        self.position = position
        self._content = content
        self._encoding = exact_encoding(content, encoding)
        self._end = LINE_ENDS.get(self._encoding, b"\n")
        self._origin = origin
        start = max(0, position.offset - WINDOW)
        self._tail = content.at(start, position.offset - start)
        self.at_end = False

    def read(self, *, settled: bool) -> Lines | None:
        """The next whole lines, or None. `settled`: the file is not being written to, so its last line is whole.

        Raises OSError and FileChangedError.
        """
        block = self._next(CHUNK)
        end = self._last_end(block)
        if end == 0 and len(block) == CHUNK:
            block = self._next(LONGEST_LINE)
            end = self._last_end(block)
        self.at_end = not block
        if end == 0 and block and (len(block) == LONGEST_LINE or settled):
            end = len(block)
        return self._lines(block[:end]) if end else None

    def _next(self, size: int) -> bytes:
        before = len(self._tail)
        block = self._content.at(self.position.offset - before, before + size)
        if block[:before] != self._tail:
            raise FileChangedError
        return block[before:]

    def _last_end(self, block: bytes) -> int:
        """Where the last whole line ends. In UTF-16 only even offsets count."""
        if len(self._end) == 1:
            return block.rfind(self._end) + 1
        end = 0
        for match in LINES[self._encoding].finditer(block):
            end = match.end()
        return end

    def _lines(self, block: bytes) -> Lines:
        inside = bool(self._tail) and not self._tail.endswith(self._end)
        first = self.position.line + (0 if inside else 1)
        texts, set_aside = self._texts(block, first)
        if inside and texts:
            if texts[0]:
                set_aside.insert(0, DeadLetter(self._origin, first, texts[0][:WINDOW], REST))
            texts[0] = ""
        elif len(block) == LONGEST_LINE and not block.endswith(self._end):
            set_aside.append(DeadLetter(self._origin, first, texts[0][:WINDOW], TOO_LONG))
            texts = [""]
        self._move(block, first + len(texts) - 1)
        return Lines(first, texts, set_aside, self.position)

    def _texts(self, block: bytes, first: int) -> tuple[list[str], list[DeadLetter]]:
        """At line feeds only: a lone carriage return or a form feed is part of a value."""
        try:
            text = block.decode(self._encoding)
        except UnicodeDecodeError:
            return self._one_by_one(block, first)
        texts = text.replace("\r\n", "\n").split("\n")
        if not texts[-1]:
            texts.pop()
        if self.position.offset == 0:
            texts[0] = texts[0].removeprefix(BOM)
        return texts, []

    def _one_by_one(self, block: bytes, first: int) -> tuple[list[str], list[DeadLetter]]:
        texts: list[str] = []
        set_aside: list[DeadLetter] = []
        for number, raw in enumerate(self._split(block), start=first):
            try:
                texts.append(raw.decode(self._encoding).removesuffix("\r").removeprefix(BOM))
            except UnicodeDecodeError:
                texts.append("")
                shown = raw.decode("utf-8", errors="backslashreplace")
                set_aside.append(DeadLetter(self._origin, number, shown, f"is not {self._encoding.upper()} text"))
        return texts, set_aside

    def _split(self, block: bytes) -> list[bytes]:
        if len(self._end) == 1:
            parts = block.split(self._end)
            return parts[:-1] if parts[-1] == b"" else parts
        found = list(LINES[self._encoding].finditer(block))
        rest = block[found[-1].end() if found else 0 :]
        return [match[0][: -len(self._end)] for match in found] + ([rest] if rest else [])

    def _move(self, block: bytes, line: int) -> None:
        offset = self.position.offset + len(block)
        self._tail = (self._tail + block)[-WINDOW:] if len(block) < WINDOW else block[-WINDOW:]
        tail = digest(self._tail)
        head = tail if offset <= WINDOW else self.position.head
        if self.position.offset < WINDOW < offset:
            head = digest(self._content.at(0, WINDOW))
        self.position = replace(self.position, offset=offset, line=line, head=head, tail=tail)
