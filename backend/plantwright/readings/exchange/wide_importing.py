"""Recorded readings from a CSV file, sent through the ingest door like those of an agent.

Rows are parsed by the agent's own code. The batch key is made of the file's content and of how it is read, so that
importing the same file the same way again stores nothing twice, and an import that broke off can simply be repeated.
"""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path
from uuid import UUID, uuid5

import httpx
import msgspec
from plantwright_agent.inputs.csv_watch.config import CsvConfig
from plantwright_agent.inputs.csv_watch.input import csv_parser, header_columns, header_line
from plantwright_agent.inputs.files.content import UnusableFileError, open_content
from plantwright_agent.inputs.files.lines import FileChangedError, LineReader
from plantwright_agent.inputs.files.resume import beginning
from plantwright_agent.normalise import to_reading
from plantwright_agent.samples import Reading

from plantwright.readings.exchange.sending import (
    MACHINE_NOT_FOUND,
    ImportStopped,
    Summary,
    send_batch,
    unknown_machines,
)
from plantwright.readings.ingest.decoded import MAX_READINGS, MAX_STREAM

_NAMESPACE = UUID("6f1d8d0a-5d5e-5b0e-9c55-2f5b8a0c7d11")


class CsvImport:
    """One file on its way to one machine.

    Raises:
        ImportStopped: the file cannot be read, or lacks a column.
    """

    def __init__(self, path: Path, config: CsvConfig, machine: str) -> None:
        self._path = path
        self._machine = machine
        self._config = config
        with _understood(path), closing(open_content(path)) as content:
            self._parser = csv_parser(path, content, config, machine, settled=True)
            self._agent = _key(path, config, machine)

    def run(self, client: httpx.Client, on_progress: Callable[[int], None]) -> Summary:
        """Send everything; `on_progress` hears how far the file has been read.

        Raises:
            ImportStopped: the key or the machine is unknown, or the server stays away.
        """
        summary = Summary()
        readings = self._readings(summary, on_progress)
        sequence = 0
        while batch := list(islice(readings, MAX_READINGS)):
            sequence += 1
            readings_of_batch = [reading for _, reading in batch]
            answer = send_batch(client, self._agent, self._path.name[:MAX_STREAM], sequence, readings_of_batch)
            summary.accepted += answer.accepted_count
            for error in answer.errors:
                line, reading = batch[error.index]
                if error.error == MACHINE_NOT_FOUND:
                    raise unknown_machines([self._machine])
                summary.refuse(line, f"column {reading.raw_tag!r}: {error.error}")
        return summary

    def _readings(self, summary: Summary, on_progress: Callable[[int], None]) -> Iterator[tuple[int, Reading]]:
        """Usable readings with their line; what is broken goes to the summary."""
        with _understood(self._path), closing(open_content(self._path)) as content:
            reader = LineReader(content, beginning(self._path, 0), self._config.encoding, str(self._path))
            while (lines := reader.read(settled=True)) is not None:
                parsed = self._parser.parse(lines)
                for letter in parsed.dead_letters:
                    summary.refuse(letter.line, letter.reason)
                for sample in parsed.samples:
                    line = sample.origin.line if sample.origin is not None else 0
                    outcome = to_reading(sample)
                    if isinstance(outcome, Reading):
                        yield line, outcome
                    else:
                        summary.refuse(line, f"column {sample.tag.raw_tag!r} is {outcome}")
                on_progress(reader.position.offset)


def columns_of(path: Path, delimiter: str) -> list[str]:
    """Names in the header line of a file.

    Raises:
        ImportStopped: the file has no readable header line.
    """
    config = CsvConfig(path=str(path), delimiter=delimiter, time_column="-")
    with _understood(path), closing(open_content(path)) as content:
        return header_columns(header_line(path, content, config, settled=True), delimiter)


@contextmanager
def _understood(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ImportStopped(f"{path}: cannot be read: {error.strerror}") from None
    except UnusableFileError as error:
        raise ImportStopped(f"{path}: {error}") from None
    except FileChangedError:
        raise ImportStopped(f"{path}: was changed while it was read; import it again") from None


def _key(path: Path, config: CsvConfig, machine: str) -> UUID:
    """The same content for another machine, or read another way, is another import; the file's place is not part."""
    digest = hashlib.sha256(msgspec.json.encode([machine, msgspec.structs.replace(config, path="-")]))
    with path.open("rb") as file:
        digest.update(hashlib.file_digest(file, "sha256").digest())
    return uuid5(_NAMESPACE, digest.hexdigest())
