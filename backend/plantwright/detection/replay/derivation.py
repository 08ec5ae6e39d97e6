"""What `plantwright replay` is made of: sources of findings, each of which derives its own again from the log."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from plantwright.core.clock import to_milliseconds
from plantwright.core.database import Database, UnitOfWork
from plantwright.core.errors import ValidationFailed
from plantwright.detection.replay.record import SUPERSEDED, Difference, Payload, compare, standing_of

# Sequence, action and payload of a row of the journal.
Record = tuple[int, str, Mapping[str, Any]]
# A number or an id, whatever a source derives its findings of; it is handed to other processes.
Unit = Any


@dataclass(frozen=True, slots=True)
class Period:
    """`start_ms <= time < end_ms`, milliseconds since 1970."""

    start_ms: int
    end_ms: int

    def __contains__(self, time_ms: int) -> bool:
        return self.start_ms <= time_ms < self.end_ms

    @classmethod
    def of(cls, start: datetime, end: datetime) -> "Period":
        """
        Raises:
            ValidationFailed: the end is not after the start.
        """
        if start >= end:
            raise ValidationFailed("The period must begin before it ends.", ["from"])
        return cls(to_milliseconds(start), to_milliseconds(end))


@dataclass(frozen=True, slots=True)
class Filters:
    """What a replay is narrowed to, as people name it; nothing named is everything.

    Attributes:
        metrics: ids, or MACHINE/METRIC.
        machines: ids or identifiers; of those everything.
    """

    metrics: Sequence[str] = ()
    machines: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Replayed:
    """Payloads as they are journaled; `late` are units with readings that still have to be derived anew."""

    payloads: list[Payload]
    readings: int
    late: int


class Derivation(Protocol):
    """A source of findings; it is handed to other processes, so it has to be picklable."""

    @property
    def name(self) -> str:
        """Of its units, in the plural, for people: "series"."""
        ...

    @property
    def together(self) -> int:
        """How many units are derived at once at most."""
        ...

    @property
    def detectors(self) -> frozenset[str]:
        """Whose findings these are."""
        ...

    async def units(self, work: UnitOfWork, filters: Filters) -> list[Unit]:
        """In an order that does not change.

        Raises:
            NotFound: nothing has one of the names.
        """
        ...

    async def derive(self, database: Database, tenant_id: UUID, units: Sequence[Unit], period: Period) -> Replayed:
        """Findings within the period, of the readings that the detectors have passed."""
        ...

    async def recorded(self, work: UnitOfWork, units: Sequence[Unit]) -> Sequence[Record]:
        """What the journal says of these units, of any time, in its order."""
        ...


def in_groups(units: Sequence[Unit], workers: int, together: int) -> list[list[Unit]]:
    """Neighbours together; small enough that every worker has some."""
    size = max(1, min(together, -(-len(units) // max(1, workers))))
    return [list(units[low : low + size]) for low in range(0, len(units), size)]


def difference_from(
    records: Sequence[Record], detectors: frozenset[str], period: Period, derived: Sequence[Payload]
) -> tuple[Difference, int]:
    """How these findings differ from the record, and how many of the record it calls superseded itself."""
    concerned = {
        identity: place for identity, place in standing_of(records, detectors).items() if identity.time_ms in period
    }
    superseded = sum(
        entry["was"]["time_ms"] in period and entry["was"]["detector"] in detectors
        for _, action, payload in records
        if action == SUPERSEDED
        for entry in payload["findings"]
    )
    return compare(derived, concerned), superseded
