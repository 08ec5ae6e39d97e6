"""The long form as CSV (RFC 4180, lines end with LF, UTF-8), and safe to open in a spreadsheet.

A text cell that begins with a character which spreadsheets take for the start of a formula gets an apostrophe in
front, and so does one that begins with an apostrophe; reading takes one leading apostrophe away. So every text comes
back as it was. Source: OWASP, "CSV Injection". Numbers are never changed: a negative value is a number.
"""

import csv
import math
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import lru_cache
from io import TextIOWrapper
from typing import TYPE_CHECKING, BinaryIO, TypeVar, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from plantwright_agent.samples import Quality, Reading

from plantwright.readings.arrays import Int8s, Int64s
from plantwright.readings.exchange.long_form import (
    COLUMNS,
    QUALITY_WORDS,
    Chunk,
    FileRow,
    FileRows,
    UnreadableFileError,
)
from plantwright.readings.ingest.segments import DAY_MS

if TYPE_CHECKING:
    import _csv

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001 - full-width forms count
ESCAPE = "'"

# Digit by digit: which divisor of the milliseconds of a day gives it, and modulo what.
_CLOCK_DIGITS = (
    (11, 36_000_000, 10),
    (12, 3_600_000, 10),
    (14, 600_000, 6),
    (15, 60_000, 10),
    (17, 10_000, 6),
    (18, 1_000, 10),
    (20, 100, 10),
    (21, 10, 10),
    (22, 1, 10),
)
_TIME_WIDTH = len("2026-01-31T08:00:00.250Z")

_Parsed = TypeVar("_Parsed")


def escape(cell: str) -> str:
    return ESCAPE + cell if cell.startswith((*FORMULA_STARTS, ESCAPE)) else cell


def unescape(cell: str) -> str:
    return cell.removeprefix(ESCAPE)


class CsvEncoder:
    """See `Encoder`. Values are the shortest text that gives the same double again."""

    def begin(self) -> bytes:
        return (",".join(COLUMNS) + "\n").encode()

    def add(self, chunk: Chunk) -> bytes:
        middle = "".join(f",{_cell(text)}" for text in chunk.name) + ","
        lines = pc.binary_join_element_wise(
            _times(chunk.time_ms),
            pa.scalar(middle),
            pc.cast(pa.array(chunk.value), pa.string()),
            _line_ends(chunk.quality),
            "",
        )
        # The texts of an Arrow column lie one behind the other: together they are the lines of the file.
        return bytes(lines.buffers()[2])

    def finish(self) -> bytes:
        return b""


def _cell(text: str) -> str:
    escaped = escape(text)
    if any(character in escaped for character in ',"\r\n'):
        return '"' + escaped.replace('"', '""') + '"'
    return escaped


def _times(time_ms: Int64s) -> pa.Array:
    """ISO 8601 with milliseconds and Z, all of one width, written digit by digit for all rows at once."""
    day = time_ms // DAY_MS
    days, place = np.unique(day, return_inverse=True)
    dates = np.datetime_as_string(days.astype("datetime64[D]")).astype("S10")
    cells = np.empty((len(time_ms), _TIME_WIDTH), np.uint8)
    cells[:, :10] = dates.view(np.uint8).reshape(-1, 10)[place]
    cells[:, [10, 13, 16, 19, 23]] = np.frombuffer(b"T::.Z", np.uint8)
    clock = (time_ms - day * DAY_MS).astype(np.int32)
    for column, divisor, modulus in _CLOCK_DIGITS:
        cells[:, column] = clock // divisor % modulus + ord("0")
    offsets = np.arange(0, (len(time_ms) + 1) * _TIME_WIDTH, _TIME_WIDTH, dtype=np.int32)
    return pa.StringArray.from_buffers(len(time_ms), pa.py_buffer(offsets), pa.py_buffer(cells))


def _line_ends(quality: Int8s) -> pa.Scalar | pa.Array:
    ends = [f",{word}\n" for word in QUALITY_WORDS]
    if not quality.any():
        return pa.scalar(ends[0])
    return pa.array(ends).take(pa.array(quality))


def is_long_form(header: list[str]) -> bool:
    """Whether a header line names the columns of the long form, in any order."""
    return sorted(header) == sorted(COLUMNS)


def read_csv(file: BinaryIO) -> FileRows:
    """Rows of a file in the long form, with the number of the line on which each ends.

    Raises:
        UnreadableFileError: the header line is missing or has other columns.
    """
    with TextIOWrapper(file, "utf-8-sig", errors="surrogateescape", newline="") as text:
        lines = csv.reader(text, strict=True)
        header = [name.strip() for name in next(lines, [])]
        if not is_long_form(header):
            raise UnreadableFileError(f"the header line has to name the columns {', '.join(COLUMNS)}")
        order = [header.index(name) for name in COLUMNS]
        while (row := _next_row(lines, order)) is not None:
            yield row


def _next_row(lines: "_csv.Reader", order: list[int]) -> FileRow | None:
    try:
        cells = next(lines, None)
    except csv.Error as error:
        return lines.line_num, f"is not a CSV row: {error}"
    if cells is None:
        return None
    if len(cells) != len(order):
        return lines.line_num, f"has {len(cells)} columns, the header has {len(order)}"
    return lines.line_num, _reading([cells[place] for place in order])


def _reading(cells: Sequence[str]) -> Reading | str:
    time, machine, metric, unit, value, quality = cells
    names = _names(machine, metric, unit)
    if names is None:
        return "is not UTF-8 text"
    moment = _parsed(datetime.fromisoformat, time.strip())
    if moment is None or moment.tzinfo is None:
        return "column 'time' is not an ISO 8601 time with Z or an offset"
    number = _parsed(float, value)
    if number is None or "_" in value:
        return "column 'value' is not a number"
    if not math.isfinite(number):
        return "column 'value' is not a finite number"
    if quality not in QUALITY_WORDS:
        return f"column 'quality' is not one of {', '.join(QUALITY_WORDS)}"
    machine, metric, unit = names
    return Reading(machine, moment, metric, number, unit, "", cast(Quality, quality))


def _parsed(parse: Callable[[str], _Parsed], text: str) -> _Parsed | None:
    try:
        return parse(text)
    except ValueError:
        return None


@lru_cache(maxsize=20_000)
def _names(*cells: str) -> tuple[str, ...] | None:
    """Texts as they were before the export, None when they were no UTF-8; remembered, for most rows repeat them."""
    try:
        "".join(cells).encode()
    except UnicodeEncodeError:
        return None
    return tuple(map(unescape, cells))
