"""CSV files in the wide form: a header line, one time column, every other column a metric.

A row whose time or number of columns is wrong is set aside whole; a row with a bad cell keeps its good cells.
An empty cell is a value that was not measured. Rows are single lines: quoted line breaks are not part of the form.
"""

import csv
from collections.abc import Sequence
from pathlib import Path

from plantwright_agent.inputs.contract import Positions
from plantwright_agent.inputs.csv_watch.config import CsvConfig
from plantwright_agent.inputs.files.lines import Line, first_line
from plantwright_agent.inputs.files.tag import make_tag
from plantwright_agent.inputs.files.times import TimeReader
from plantwright_agent.inputs.files.watch import FileWatch, LineParser, Row, UnusableFileError
from plantwright_agent.inputs.tags import ColumnConfig
from plantwright_agent.samples import DeadLetter, RawSample, Tag


class CsvWatch(FileWatch):
    """Input contract: see `plantwright_agent.inputs.contract`."""

    def __init__(self, stream: str, config: CsvConfig, machine_identifier: str | None, positions: Positions) -> None:
        super().__init__(stream, config, positions)
        self._csv = config
        self._machine = machine_identifier

    def parser(self, path: Path) -> "CsvParser":
        try:
            header = first_line(path)
        except UnicodeDecodeError:
            raise UnusableFileError("the header line is not UTF-8 text") from None
        if header is None:
            raise UnusableFileError("the header line is not complete yet")
        return CsvParser(path, split(header, self._csv.delimiter), self._csv, self._machine)


class CsvParser(LineParser):
    """Rows of one file under its header."""

    def __init__(self, path: Path, header: Sequence[str], config: CsvConfig, machine_identifier: str | None) -> None:
        super().__init__(path)
        self._config = config
        self._header = [name.strip() for name in header]
        self._times = TimeReader(config.time_format, config.time_zone)
        missing = [name for name in (config.time_column, *config.metrics) if name not in self._header]
        if missing:
            raise UnusableFileError(f"column {missing[0]!r} is missing; the header has {', '.join(self._header)}")
        self._time = self._header.index(config.time_column)
        self._tags = self._columns(machine_identifier)

    def row(self, line: Line, text: str) -> Row:
        if line.number == 1:
            return Row()
        try:
            cells = split(text, self._config.delimiter)
        except csv.Error as error:
            return self.broken(line, f"is not a CSV row: {error}")
        if len(cells) != len(self._header):
            return self.broken(line, f"has {len(cells)} columns, the header has {len(self._header)}")
        moment = self._times.read(cells[self._time])
        if moment is None:
            return self.broken(line, f"column {self._config.time_column!r} is not a time")
        samples: list[RawSample] = []
        bad: list[DeadLetter] = []
        origin = self.origin(line, text)
        for index, tag in self._tags:
            cell = cells[index].strip()
            if not cell:
                continue
            value = self._number(cell)
            if value is None:
                bad.append(DeadLetter(origin.file, origin.line, text, f"column {tag.raw_tag!r} is not a number"))
            else:
                samples.append(RawSample(tag, value, moment, origin=origin))
        return Row(tuple(samples), tuple(bad))

    def _columns(self, machine_identifier: str | None) -> list[tuple[int, Tag]]:
        ignored = {self._config.time_column, *self._config.ignore_columns}
        wanted = self._config.metrics or {name: ColumnConfig() for name in self._header if name not in ignored}
        return [
            (self._header.index(name), make_tag(name, column, machine_identifier))
            for name, column in wanted.items()
            if name and name not in ignored
        ]

    def _number(self, cell: str) -> float | None:
        """NaN and infinity pass here: the check for finite numbers is one and the same for all inputs."""
        text = cell.replace(",", ".") if self._config.decimal == "," else cell
        if "_" in text:
            return None
        try:
            return float(text)
        except ValueError:
            return None


def split(text: str, delimiter: str) -> list[str]:
    """Cells of one line. Raises csv.Error."""
    return next(csv.reader([text], delimiter=delimiter, strict=True), [])
