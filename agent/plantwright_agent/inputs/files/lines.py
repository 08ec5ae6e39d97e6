"""Whole lines of a file from a byte offset on; a half-written last line is left for later."""

import time
from dataclasses import dataclass, replace
from pathlib import Path

from plantwright_agent.inputs.files.resume import digests
from plantwright_agent.samples import FilePosition

CHUNK = 64 * 1024
LONGEST_LINE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Line:
    """`text` is None when the bytes are not UTF-8; `raw` is what was there. Lines are numbered from 1."""

    number: int
    text: str | None
    raw: bytes


@dataclass(frozen=True, slots=True)
class Lines:
    lines: tuple[Line, ...]
    position: FilePosition


def read_lines(path: Path, position: FilePosition, settle_seconds: float) -> Lines:
    """The next whole lines, about 64 KiB at most, and the position behind them. Raises OSError."""
    with path.open("rb") as file:
        file.seek(position.offset)
        block = file.read(CHUNK)
        if b"\n" not in block and len(block) == CHUNK:
            block += file.read(LONGEST_LINE - CHUNK)
        end = block.rfind(b"\n") + 1
        if end == 0 and block and (len(block) == LONGEST_LINE or _settled(path, settle_seconds)):
            end = len(block)
        lines = tuple(_line(number, raw) for number, raw in enumerate(_split(block[:end]), start=position.line + 1))
        offset = position.offset + end
        head, tail = digests(file, offset)
    return Lines(lines, replace(position, offset=offset, line=position.line + len(lines), head=head, tail=tail))


def first_line(path: Path) -> str | None:
    """The header line, or None while it is not complete. Raises OSError and UnicodeDecodeError."""
    with path.open("rb") as file:
        raw = file.readline(LONGEST_LINE)
    if not raw.endswith(b"\n"):
        return None
    return raw.decode("utf-8-sig").rstrip("\r\n")


def _split(block: bytes) -> list[bytes]:
    """At line feeds only: a lone carriage return or a form feed is part of a value."""
    parts = block.split(b"\n")
    return parts[:-1] if parts[-1] == b"" else parts


def _line(number: int, raw: bytes) -> Line:
    try:
        text = raw.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r")
    except UnicodeDecodeError:
        return Line(number, None, raw)
    return Line(number, text, raw)


def _settled(path: Path, seconds: float) -> bool:
    return time.time() - path.stat().st_mtime > seconds
