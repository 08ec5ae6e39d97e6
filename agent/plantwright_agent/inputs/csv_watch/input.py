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
        return csv_parser(path, content, self._csv, self._machine, settled=False)


def csv_parser(
    path: Path, content: Content, config: CsvConfig, machine_identifier: str | None, *, settled: bool
) -> CsvParser:
    """The parser for a file with these contents; `settled` when it does not grow any more.

    Raises UnusableFileError and OSError.
    """
    names = config.columns
    header = ""
    if config.has_header or not names:
        header = header_line(path, content, config, settled=settled)
        found = header_columns(header, config.delimiter)
        names = names or (found if config.has_header else [str(number + 1) for number in range(len(found))])
    kind = LongParser if config.is_long else WideParser
    return kind(path, names, config, machine_identifier, header=header if config.has_header else "")


def header_line(path: Path, content: Content, config: CsvConfig, *, settled: bool) -> str:
    """The header line; without one, the first row, which tells how many columns there are.

    Raises UnusableFileError and OSError.
    """
    reader = LineReader(content, beginning(path, 0), config.encoding, str(path))
    texts: list[str] = []
    while len(texts) <= config.skip_lines:
        lines = reader.read(settled=settled)
        if lines is None or reader.position.offset > LONGEST_LINE:
            raise UnusableFileError("there is no header line" if settled else "the header line is not complete yet")
        for letter in lines.set_aside:
            if letter.line == config.skip_lines + 1:
                raise UnusableFileError(f"the header line {letter.reason}")
        texts += lines.texts
    return texts[config.skip_lines]


def header_columns(header: str, delimiter: str) -> list[str]:
    """Names in a header line. Raises UnusableFileError."""
    try:
        return [name.strip() for name in split(header, delimiter)]
    except csv.Error as error:
        raise UnusableFileError(f"the header line is not CSV: {error}") from None
