"""What every import has in common: batches through the ingest door, repeated until they are answered, and a summary."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Protocol
from uuid import UUID

import httpx
import msgspec
from plantwright_agent.samples import Reading

from plantwright.core.errors import PlantwrightError

PATH = "/api/v1/ingest"
KEPT_REFUSALS = 1_000
NAMED_MACHINES = 20
ATTEMPTS = 6
LONGEST_WAIT_SECONDS = 30.0
MACHINE_NOT_FOUND = "Machine not found"

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


class Import(Protocol):
    def run(self, client: httpx.Client, on_progress: Callable[[int], None]) -> Summary:
        """Send everything; `on_progress` hears how far the file has been read.

        Raises:
            ImportStopped: it cannot go on; what was stored is not stored twice when it is repeated.
        """
        ...


class Answer(msgspec.Struct):
    class Error(msgspec.Struct):
        index: int
        error: str

    accepted_count: int
    errors: list[Error]


def unknown_machines(identifiers: Sequence[str]) -> ImportStopped:
    named = ", ".join(map(repr, identifiers[:NAMED_MACHINES]))
    more = f" and {len(identifiers) - NAMED_MACHINES} more" if len(identifiers) > NAMED_MACHINES else ""
    add = "Add it" if len(identifiers) == 1 else "Add them"
    return ImportStopped(
        f"There is no machine {named}{more}. {add} first, in the web pages under Machines or with the mutation "
        "machineCreate, then import again: what was stored is not stored twice."
    )


def send_batch(client: httpx.Client, agent: UUID, stream: str, sequence: int, readings: Sequence[Reading]) -> Answer:
    """The door's answer to a batch, which is sent again while the door does not answer.

    Raises:
        ImportStopped: the key is refused, or the server stays away.
    """
    body = msgspec.json.encode({"agent": agent, "stream": stream, "sequence": sequence, "readings": readings})
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


def _accepted(response: httpx.Response) -> Answer:
    if response.status_code == _ACCEPTED:
        return msgspec.json.decode(response.content, type=Answer)
    try:
        detail = msgspec.json.decode(response.content)["detail"]
    except (msgspec.DecodeError, KeyError, TypeError):
        detail = f"status {response.status_code}"
    raise ImportStopped(f"{response.url} refused the readings: {detail}")


def _retry_after(response: httpx.Response, otherwise: float) -> float:
    header = response.headers.get("retry-after", "")
    return float(header) if header.isdecimal() else otherwise
