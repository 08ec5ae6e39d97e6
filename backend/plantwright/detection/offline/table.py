"""Reads a CSV file with one row per time and one column per metric."""

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from plantwright_agent.inputs.files.times import TimeReader

from plantwright.core.errors import PlantwrightError
from plantwright.detection.columns import Bools, Floats, Ints

# What data sets call the columns that tell the answer: never a metric, whoever forgets to say so.
LABEL_COLUMNS = frozenset({"anomaly", "changepoint", "is_anomaly", "label", "labels", "attack"})


class FileUnusable(PlantwrightError):
    code = "FILE_UNUSABLE"


@dataclass(frozen=True, slots=True)
class Layout:
    """How the file is written; see `plantwright detect --help`."""

    time_column: str
    delimiter: str = ","
    time_format: str = "iso"
    ignored: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """n times of m metrics, sorted by time, one row per time.

    Attributes:
        metrics: names of the columns.
        time_ms: milliseconds since the Unix epoch, shape (n,).
        texts: the times as they stood in the file.
        values: NaN where the cell held no number, shape (n, m).
        left_out: columns that are no metrics.
        unreadable_rows: rows whose time could not be read.
        empty_cells: cells that held no finite number.
        repeated_rows: rows whose time came again later in the file; the last one counts.
    """

    metrics: Sequence[str]
    time_ms: Ints
    texts: Sequence[str]
    values: Floats
    left_out: Sequence[str]
    unreadable_rows: int
    empty_cells: int
    repeated_rows: int


def read_table(file: Path, layout: Layout) -> Table:
    """
    Raises:
        FileUnusable: no such file or column, or no row with a readable time.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            rows = csv.reader(lines, delimiter=layout.delimiter)
            header = [name.strip() for name in next(rows, [])]
            return _table(file, layout, header, [row for row in rows if row])
    except OSError as error:
        raise FileUnusable(f"{file} cannot be read: {error.strerror}.") from error
    except (csv.Error, UnicodeDecodeError) as error:
        raise FileUnusable(f"{file} is not a CSV file in UTF-8: {error}.") from error


def _table(file: Path, layout: Layout, header: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    if layout.time_column not in header:
        raise FileUnusable(
            f"{file} has no column {layout.time_column!r}. Its columns are {', '.join(map(repr, header)) or 'none'}; "
            "name the one with the time (--time-column), and the delimiter if it is not a comma (--delimiter)."
        )
    at = header.index(layout.time_column)
    is_label = {number for number, name in enumerate(header) if name.lower() in LABEL_COLUMNS or name in layout.ignored}
    places = [number for number in range(len(header)) if number != at and number not in is_label]
    if not places:
        raise FileUnusable(f"{file} has no column of a metric beside {layout.time_column!r}.")
    times, texts, values, unreadable = _cells(layout, rows, at, places)
    if not times:
        raise FileUnusable(
            f"{file} has no row whose {layout.time_column!r} is a time of the form {layout.time_format!r}. "
            "Say how times are written (--time-format)."
        )
    time_ms, order, repeated = _in_order(np.array(times, np.int64))
    table = np.array(values, np.float64)[order]
    # A column without a single number is text.
    is_metric: Bools = np.any(np.isfinite(table), axis=0)
    return Table(
        metrics=[header[place] for place, kept in zip(places, is_metric.tolist(), strict=True) if kept],
        time_ms=time_ms,
        texts=[texts[place] for place in order.tolist()],
        values=table[:, is_metric],
        left_out=[header[place] for place in sorted(is_label)]
        + [header[place] for place, kept in zip(places, is_metric.tolist(), strict=True) if not kept],
        unreadable_rows=unreadable,
        empty_cells=int((~np.isfinite(table[:, is_metric])).sum()),
        repeated_rows=repeated,
    )


def _cells(
    layout: Layout, rows: Sequence[Sequence[str]], at: int, places: Sequence[int]
) -> tuple[list[int], list[str], list[list[float]], int]:
    reader = TimeReader(layout.time_format, "UTC")
    times, texts, values, unreadable = [], [], [], 0
    for row in rows:
        moment = reader.read(row[at]) if at < len(row) else None
        if moment is None:
            unreadable += 1
            continue
        times.append(round(moment.timestamp() * 1_000))
        texts.append(row[at].strip())
        values.append([_number(row[place]) if place < len(row) else math.nan for place in places])
    return times, texts, values, unreadable


def _number(cell: str) -> float:
    try:
        number = float(cell)
    except ValueError:
        return math.nan
    return number if math.isfinite(number) else math.nan


def _in_order(times: Ints) -> tuple[Ints, Ints, int]:
    """Sorted distinct times, the row of each, and how many rows were dropped for a later one of the same time."""
    order = np.argsort(times, kind="stable")
    ordered = times[order]
    is_last = np.append(ordered[1:] != ordered[:-1], True)
    return ordered[is_last], order[is_last], int((~is_last).sum())
