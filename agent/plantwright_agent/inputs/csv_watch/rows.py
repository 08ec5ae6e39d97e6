"""Rows of CSV files to samples.

A row whose time or number of columns is wrong is set aside whole; a row with a bad cell keeps its good cells.
An empty cell is a value that was not measured.
"""

import csv
from abc import abstractmethod
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from plantwright_agent.inputs.csv_watch.config import CsvConfig
from plantwright_agent.inputs.files.content import UnusableFileError
from plantwright_agent.inputs.files.numbers import NumberReader
from plantwright_agent.inputs.files.rows import LineParser, Parsed, broken
from plantwright_agent.inputs.files.tag import QualityReader, Tags
from plantwright_agent.inputs.files.times import TimeReader
from plantwright_agent.samples import Origin, Quality, RawSample, Tag

ALL_NAMED = ", the header has "


@dataclass(frozen=True, slots=True)
class Stamp:
    """What all values of a row share. `machine` is empty when the row names none."""

    moment: datetime
    quality: Quality
    machine: str


class CsvParser(LineParser):
    """Rows of one file with these columns. Loggers repeat the header after a restart; it is passed over."""

    def __init__(
        self, path: Path, columns: Sequence[str], config: CsvConfig, machine_identifier: str | None, *, header: str
    ) -> None:
        super().__init__(path)
        self.columns = list(columns)
        self.config = config
        self.tags = Tags(config.metrics, machine_identifier)
        self.numbers = NumberReader(config.decimal, config.thousands)
        self._missing = {"", *config.missing}
        self._times = TimeReader(config.time_format, config.time_zone)
        self._qualities = QualityReader(config.qualities)
        self._header = header
        self._check()
        self._time = [self.columns.index(name) for name in config.time_columns]
        self._quality = self.place(config.quality_column)
        self._machine = self.place(config.machine_column)

    def row(self, origin: Origin, parsed: Parsed) -> None:
        text = origin.text
        if origin.line <= self.config.preamble or text == self._header:
            return
        try:
            cells = text.split(self.config.delimiter) if '"' not in text else split(text, self.config.delimiter)
        except csv.Error as error:
            parsed.dead_letters.append(broken(origin, f"is not a CSV row: {error}"))
            return
        if len(cells) != len(self.columns):
            reason = f"has {len(cells)} columns{ALL_NAMED}{len(self.columns)}"
            parsed.dead_letters.append(broken(origin, reason))
            return
        moment = self._times.read(" ".join(cells[index].strip() for index in self._time))
        if moment is None:
            named = ", ".join(repr(name) for name in self.config.time_columns)
            parsed.dead_letters.append(broken(origin, f"column {named} is not a time"))
            return
        quality = self._qualities.read(cells[self._quality].strip()) if self._quality is not None else "good"
        if quality is None:
            reason = f"column {self.config.quality_column!r} is not a known quality"
            parsed.dead_letters.append(broken(origin, reason))
            return
        machine = cells[self._machine].strip() if self._machine is not None else ""
        self.values(cells, Stamp(moment, quality, machine), origin, parsed)

    @abstractmethod
    def values(self, cells: list[str], stamp: Stamp, origin: Origin, parsed: Parsed) -> None:
        """Add the values of one row."""

    def place(self, column: str | None) -> int | None:
        return None if column is None else self.columns.index(column)

    def value(self, cell: str, column: str, origin: Origin, parsed: Parsed) -> float | None:
        """None when nothing was measured, or when the cell is set aside."""
        cell = cell.strip()
        if cell in self._missing:
            return None
        value = self.numbers.read(cell)
        if value is None:
            parsed.dead_letters.append(broken(origin, f"column {column!r} is not a number"))
        return value

    def _check(self) -> None:
        times = Counter(self.columns)
        named = f"; the header has {', '.join(self.columns)}"
        for _, name in self.config.wanted_columns():
            if name not in times:
                raise UnusableFileError(f"column {name!r} is missing{named}")
            if times[name] > 1:
                raise UnusableFileError(f"column {name!r} is there {times[name]} times{named}")


class WideParser(CsvParser):
    """One row per time, one column per metric."""

    def __init__(
        self, path: Path, columns: Sequence[str], config: CsvConfig, machine_identifier: str | None, *, header: str
    ) -> None:
        super().__init__(path, columns, config, machine_identifier, header=header)
        others = {column for _, column in config.special_columns()} | set(config.ignore_columns)
        wanted = list(config.metrics) or [name for name in self.columns if name and name not in others]
        twice = [name for name, times in Counter(self.columns).items() if times > 1 and name in wanted]
        if twice:
            raise UnusableFileError(f"column {twice[0]!r} is there more than once, so its name cannot be the metric's")
        self._wanted = [(self.columns.index(name), name) for name in wanted if name not in config.ignore_columns]
        self._by_machine: dict[str, list[tuple[int, str, Tag]]] = {}

    def values(self, cells: list[str], stamp: Stamp, origin: Origin, parsed: Parsed) -> None:
        places = self._by_machine.get(stamp.machine)
        if places is None:
            found = [(index, name, self.tags.tag(name, stamp.machine, "")) for index, name in self._wanted]
            places = self._by_machine[stamp.machine] = [
                (index, name, tag) for index, name, tag in found if tag is not None
            ]
        if len(places) < len(self._wanted):
            parsed.dead_letters.append(broken(origin, f"column {self.config.machine_column!r} names no machine"))
        add = parsed.samples.append
        for index, name, tag in places:
            value = self.value(cells[index], name, origin, parsed)
            if value is not None:
                add(RawSample(tag, value, stamp.moment, stamp.quality, origin))


class LongParser(CsvParser):
    """One row per value, which names its metric and maybe its machine, unit and quality."""

    def __init__(
        self, path: Path, columns: Sequence[str], config: CsvConfig, machine_identifier: str | None, *, header: str
    ) -> None:
        super().__init__(path, columns, config, machine_identifier, header=header)
        self._metric = self.columns.index(config.metric_column or "")
        self._value = self.columns.index(config.value_column or "")
        self._unit = self.place(config.unit_column)

    def values(self, cells: list[str], stamp: Stamp, origin: Origin, parsed: Parsed) -> None:
        name = cells[self._metric].strip()
        if not name:
            parsed.dead_letters.append(broken(origin, f"column {self.config.metric_column!r} names no metric"))
            return
        if not self.tags.wants(name):
            return
        tag = self.tags.tag(name, stamp.machine, cells[self._unit].strip() if self._unit is not None else "")
        if tag is None:
            parsed.dead_letters.append(broken(origin, f"column {self.config.machine_column!r} names no machine"))
            return
        value = self.value(cells[self._value], str(self.config.value_column), origin, parsed)
        if value is not None:
            parsed.samples.append(RawSample(tag, value, stamp.moment, stamp.quality, origin))


def split(text: str, delimiter: str) -> list[str]:
    """Cells of one line. Raises csv.Error."""
    return next(csv.reader([text], delimiter=delimiter, strict=True), [])
