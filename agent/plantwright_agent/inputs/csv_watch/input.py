"""CSV files, in the wide form (one row per time) or the long form (one row per value).

Rows are single lines: a quoted line break would make it impossible to tell where a row begins after a fault.
"""

import csv
from pathlib import Path

from plantwright_agent.inputs.contract import Positions
from plantwright_agent.inputs.csv_watch.config import CsvConfig
from plantwright_agent.inputs.csv_watch.rows import CsvParser, LongParser, WideParser, split
from plantwright_agent.inputs.files.content import Content, UnusableFileError
from plantwright_agent.inputs.files.lines import LONGEST_LINE, LineReader
from plantwright_agent.inputs.files.resume import beginning
from plantwright_agent.inputs.files.watch import FileWatch


class CsvWatch(FileWatch):
    """Input contract: see `plantwright_agent.inputs.contract`."""

    def __init__(self, stream: str, config: CsvConfig, machine_identifier: str | None, positions: Positions) -> None:
        super().__init__(stream, config, positions)
        self._csv = config
        self._machine = machine_identifier

    def parser(self, path: Path, content: Content) -> CsvParser:
        config = self._csv
        columns = config.columns
        header = ""
        if config.has_header or not columns:
            header = self._line(path, content)
            found = [name.strip() for name in _cells(header, config.delimiter)]
            columns = columns or (found if config.has_header else [str(number + 1) for number in range(len(found))])
        kind = LongParser if config.is_long else WideParser
        return kind(path, columns, config, self._machine, header=header if config.has_header else "")

    def _line(self, path: Path, content: Content) -> str:
        """The header line; without one, the first row, which tells how many columns there are."""
        reader = LineReader(content, beginning(path, 0), self._csv.encoding, str(path))
        texts: list[str] = []
        while len(texts) <= self._csv.skip_lines:
            lines = reader.read(settled=False)
            if lines is None or reader.position.offset > LONGEST_LINE:
                raise UnusableFileError("the header line is not complete yet")
            for letter in lines.set_aside:
                if letter.line == self._csv.skip_lines + 1:
                    raise UnusableFileError(f"the header line {letter.reason}")
            texts += lines.texts
        return texts[self._csv.skip_lines]


def _cells(header: str, delimiter: str) -> list[str]:
    try:
        return split(header, delimiter)
    except csv.Error as error:
        raise UnusableFileError(f"the header line is not CSV: {error}") from None
