"""Recorded readings from a CSV file, sent through the ingest door like those of an agent.

Rows are parsed by the agent's own code. The batch key is made of the file's content and of how it is read, so that
importing the same file the same way again stores nothing twice, and an import that broke off can simply be repeated.
"""

import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import ClassVar
from uuid import UUID, uuid5

import httpx
import msgspec
from plantwright_agent.inputs.csv_watch.config import CsvConfig
from plantwright_agent.inputs.csv_watch.input import CsvParser, split
from plantwright_agent.inputs.files.lines import first_line, read_lines
from plantwright_agent.inputs.files.watch import UnusableFileError
from plantwright_agent.normalise import to_reading
from plantwright_agent.samples import FilePosition, Reading
from plantwright_agent.wire import encode_reading, encode_request

from plantwright.core.errors import PlantwrightError
from plantwright.readings.decoded import MAX_READINGS, MAX_STREAM

PATH = "/api/v1/ingest"
KEPT_REFUSALS = 1_000
ATTEMPTS = 6
LONGEST_WAIT_SECONDS = 30.0

_NAMESPACE = UUID("6f1d8d0a-5d5e-5b0e-9c55-2f5b8a0c7d11")
# A negative settling time takes a last line without a line end at once: a recording does not grow any more.
_SETTLED = -1.0
_MACHINE_NOT_FOUND = "Machine not found"
_ACCEPTED = 207
_RETRYABLE = frozenset({408, 425, 429, 500, 502, 503, 504})


class ImportStopped(PlantwrightError):
    """The import cannot go on; the message says what to do."""

    code: ClassVar[str] = "IMPORT_STOPPED"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why something on a line of the file was not stored."""

    line: int
    reason: str


@dataclass(slots=True)
class Summary:
    """`refusals` keeps the first thousand; `refused` counts them all."""

    accepted: int = 0
    refused: int = 0
    refusals: list[Refusal] = field(default_factory=list)

    def refuse(self, line: int, reason: str) -> None:
        self.refused += 1
        if len(self.refusals) < KEPT_REFUSALS:
            self.refusals.append(Refusal(line, reason))


class _Answer(msgspec.Struct):
    class Error(msgspec.Struct):
        index: int
        error: str

    accepted_count: int
    errors: list[Error]


class CsvImport:
    """One file on its way to one machine.

    Raises:
        ImportStopped: the file cannot be read, or lacks a column.
    """

    def __init__(self, path: Path, config: CsvConfig, machine: str) -> None:
        self._path = path
        self._machine = machine
        try:
            header = first_line(path)
            if header is None:
                raise ImportStopped(f"{path}: there is no header line")
            self._parser = CsvParser(path, split(header, config.delimiter), config, machine)
            self._agent = _key(path, config, machine)
        except UnicodeDecodeError:
            raise ImportStopped(f"{path}: the header line is not UTF-8 text") from None
        except OSError as error:
            raise ImportStopped(f"{path}: cannot be read: {error.strerror}") from None
        except UnusableFileError as error:
            raise ImportStopped(f"{path}: {error}") from None

    def run(self, client: httpx.Client, on_bytes: Callable[[int], None]) -> Summary:
        """Send everything; `on_bytes` hears how far the file has been read.

        Raises:
            ImportStopped: the key or the machine is unknown, or the server stays away.
        """
        summary = Summary()
        readings = self._readings(summary, on_bytes)
        sequence = 0
        while batch := list(islice(readings, MAX_READINGS)):
            sequence += 1
            bodies = [encode_reading(reading) for _, reading in batch]
            body = encode_request(str(self._agent), self._path.name[:MAX_STREAM], sequence, bodies)
            answer = self._send(client, body)
            summary.accepted += answer.accepted_count
            for error in answer.errors:
                line, reading = batch[error.index]
                if error.error == _MACHINE_NOT_FOUND:
                    raise ImportStopped(
                        f"There is no machine {self._machine!r}. Add it first, in the web pages under Machines or with "
                        "the mutation machineCreate, then import again."
                    )
                summary.refuse(line, f"column {reading.raw_tag!r}: {error.error}")
        return summary

    def _readings(self, summary: Summary, on_bytes: Callable[[int], None]) -> Iterator[tuple[int, Reading]]:
        """Usable readings with their line; what is broken goes to the summary."""
        position = FilePosition(str(self._path), 0, 0, 0, "", "")
        while True:
            chunk = read_lines(self._path, position, _SETTLED)
            if chunk.position.offset == position.offset:
                return
            position = chunk.position
            for line in chunk.lines:
                row = self._parser.parse(line)
                for letter in row.dead_letters:
                    summary.refuse(letter.line, letter.reason)
                for sample in row.samples:
                    outcome = to_reading(sample)
                    if isinstance(outcome, Reading):
                        yield line.number, outcome
                    else:
                        summary.refuse(line.number, f"column {sample.tag.raw_tag!r} is {outcome}")
            on_bytes(position.offset)

    def _send(self, client: httpx.Client, body: bytes) -> _Answer:
        trouble = ""
        for attempt in range(ATTEMPTS):
            try:
                response = client.post(PATH, content=body, headers={"Content-Type": "application/json"})
            except httpx.TransportError as error:
                trouble, wait = f"{type(error).__name__}", 2.0**attempt
            else:
                if response.status_code not in _RETRYABLE:
                    return _accepted(response)
                trouble, wait = f"status {response.status_code}", _retry_after(response, 2.0**attempt)
            if attempt < ATTEMPTS - 1:
                time.sleep(min(wait, LONGEST_WAIT_SECONDS))
        raise ImportStopped(
            f"{client.base_url} does not take readings at the moment ({trouble}). Import again later: what was stored "
            "is not stored twice."
        )


def columns_of(path: Path, delimiter: str) -> list[str]:
    """Names in the header line of a file.

    Raises:
        ImportStopped: the file has no readable header line.
    """
    try:
        header = first_line(path)
    except UnicodeDecodeError:
        raise ImportStopped(f"{path}: the header line is not UTF-8 text") from None
    except OSError as error:
        raise ImportStopped(f"{path}: cannot be read: {error.strerror}") from None
    if header is None:
        raise ImportStopped(f"{path}: there is no header line")
    return [name.strip() for name in split(header, delimiter)]


def _key(path: Path, config: CsvConfig, machine: str) -> UUID:
    """The same content for another machine, or read another way, is another import; the file's place is not part."""
    digest = hashlib.sha256(msgspec.json.encode([machine, msgspec.structs.replace(config, path="-")]))
    with path.open("rb") as file:
        digest.update(hashlib.file_digest(file, "sha256").digest())
    return uuid5(_NAMESPACE, digest.hexdigest())


def _accepted(response: httpx.Response) -> _Answer:
    if response.status_code == _ACCEPTED:
        return msgspec.json.decode(response.content, type=_Answer)
    try:
        detail = msgspec.json.decode(response.content)["detail"]
    except (msgspec.DecodeError, KeyError, TypeError):
        detail = f"status {response.status_code}"
    raise ImportStopped(f"{response.url} refused the readings: {detail}")


def _retry_after(response: httpx.Response, otherwise: float) -> float:
    header = response.headers.get("retry-after", "")
    return float(header) if header.isdecimal() else otherwise
