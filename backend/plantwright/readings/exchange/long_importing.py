"""Files in the long form, as an export writes them, sent through the ingest door.

Each machine's readings are a stream of their own, keyed by the file's content and the machine: a batch holds readings
of one machine only, so one whose machine is unknown is refused as a whole, leaves no trace, and is judged anew when the
import is repeated. The others are not stored twice.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO
from uuid import UUID, uuid5

import httpx
from plantwright_agent.samples import Reading

from plantwright.readings.exchange import csv_format, parquet_format
from plantwright.readings.exchange.long_form import FileRows, UnreadableFileError
from plantwright.readings.exchange.sending import (
    MACHINE_NOT_FOUND,
    ImportStopped,
    Summary,
    send_batch,
    unknown_machines,
)
from plantwright.readings.ingest.decoded import MAX_READINGS

STREAM = "import"
# Held back until their machine has a whole batch; with more than that, the largest part goes.
MAX_HELD = 200_000
PROGRESS_ROWS = 1_000

_NAMESPACE = UUID("b3c1a2c8-8f0f-5f0e-8d53-0a9d7b4f6e21")


@dataclass(slots=True)
class _Outgoing:
    """What waits to be sent for one machine, with the places in the file."""

    agent: UUID
    sequence: int = 0
    places: list[int] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)


class LongImport:
    """One file on its way to the machines that it names.

    Raises:
        ImportStopped: the file cannot be read.
    """

    def __init__(
        self, path: Path, read: Callable[[BinaryIO], FileRows], progress_of: Callable[[BinaryIO, int], int]
    ) -> None:
        self._path = path
        self._read = read
        self._progress_of = progress_of
        try:
            with path.open("rb") as file:
                self._digest = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise ImportStopped(f"{path}: cannot be read: {error.strerror}") from None
        self._outgoing: dict[str, _Outgoing] = {}
        self._unknown: list[str] = []
        self._held = 0

    def run(self, client: httpx.Client, on_progress: Callable[[int], None]) -> Summary:
        """See `Import`."""
        summary = Summary()
        for place, reading in self._readings(summary, on_progress):
            outgoing = self._hold(place, reading)
            if len(outgoing.readings) == MAX_READINGS:
                self._flush(client, reading.machine_identifier, summary)
            elif self._held >= MAX_HELD:
                self._flush(client, max(self._outgoing, key=self._waiting), summary)
        for machine in self._outgoing:
            self._flush(client, machine, summary)
        if self._unknown:
            raise unknown_machines(self._unknown)
        return summary

    def _readings(self, summary: Summary, on_progress: Callable[[int], None]) -> Iterator[tuple[int, Reading]]:
        """Usable readings with their place; what is broken goes to the summary."""
        try:
            with self._path.open("rb") as file:
                for count, (place, row) in enumerate(self._read(file)):
                    if isinstance(row, Reading):
                        yield place, row
                    else:
                        summary.refuse(place, row)
                    if count % PROGRESS_ROWS == 0:
                        on_progress(self._progress_of(file, place))
        except (UnreadableFileError, OSError) as error:
            raise ImportStopped(f"{self._path}: {error}") from None

    def _hold(self, place: int, reading: Reading) -> _Outgoing:
        machine = reading.machine_identifier
        outgoing = self._outgoing.get(machine)
        if outgoing is None:
            outgoing = self._outgoing[machine] = _Outgoing(uuid5(_NAMESPACE, f"{self._digest} {machine}"))
        outgoing.places.append(place)
        outgoing.readings.append(reading)
        self._held += 1
        return outgoing

    def _waiting(self, machine: str) -> int:
        return len(self._outgoing[machine].readings)

    def _flush(self, client: httpx.Client, machine: str, summary: Summary) -> None:
        outgoing = self._outgoing[machine]
        places, readings = outgoing.places[:MAX_READINGS], outgoing.readings[:MAX_READINGS]
        self._held -= len(readings)
        del outgoing.places[:MAX_READINGS], outgoing.readings[:MAX_READINGS]
        if not readings or machine in self._unknown:
            return
        outgoing.sequence += 1
        answer = send_batch(client, outgoing.agent, STREAM, outgoing.sequence, readings)
        summary.accepted += answer.accepted_count
        if any(error.error == MACHINE_NOT_FOUND for error in answer.errors):
            self._unknown.append(machine)
            return
        for error in answer.errors:
            summary.refuse(places[error.index], error.error)


def csv_import(path: Path) -> LongImport:
    """Progress is in bytes. Raises as `LongImport`."""
    return LongImport(path, csv_format.read_csv, lambda file, _place: file.tell())


def parquet_import(path: Path) -> tuple[LongImport, int]:
    """Progress is in rows, of which there are so many. Raises as `LongImport`."""
    task = LongImport(path, parquet_format.read_parquet, lambda _file, place: place)
    try:
        with path.open("rb") as file:
            return task, parquet_format.row_count(file)
    except UnreadableFileError as error:
        raise ImportStopped(f"{path}: {error}") from None
