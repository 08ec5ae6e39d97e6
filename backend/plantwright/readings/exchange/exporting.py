"""A selection of readings as a stream of columns, as they stand in the log: one reading per series and time, of any
quality; of several readings of one time the one of the latest flush.

Memory stays bounded: a piece of about `PIECE_READINGS` is read in a transaction of its own, which has ended before
the piece is passed on. So a slow receiver holds neither a connection nor a snapshot. Readings that arrive while the
export runs may be in it; every reading that was stored before it began, and still stands, is.
"""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from plantwright.assets.series import SeriesName
from plantwright.assets.series_repository import machine_ids
from plantwright.core.database import Database, UnitOfWork
from plantwright.core.errors import NotFound, ValidationFailed
from plantwright.readings.columns import milliseconds_from
from plantwright.readings.exchange import export_repository as repository
from plantwright.readings.exchange.long_form import Chunk, Encoder, ExportFormat

MAX_WINDOW = timedelta(days=3_660)
MAX_NAMES = 1_000
PIECE_READINGS = 131_072


@dataclass(frozen=True, slots=True)
class Selection:
    """Readings with `start <= time < end` of these machines (identifiers) and metrics (names); all when empty."""

    machines: Sequence[str]
    metrics: Sequence[str]
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class ExportPlan:
    """What an export reads; `estimated_readings` is None when it would take long to tell."""

    series: Sequence[tuple[int, SeriesName]]
    start_ms: int
    end_ms: int
    estimated_readings: int | None


def make_encoder(kind: ExportFormat) -> Encoder:
    """The libraries behind it take a third of a second and some memory: they are loaded when they are needed."""
    if kind is ExportFormat.PARQUET:
        from plantwright.readings.exchange.parquet_format import ParquetEncoder  # noqa: PLC0415 - see above

        return ParquetEncoder()
    from plantwright.readings.exchange.csv_format import CsvEncoder  # noqa: PLC0415 - see above

    return CsvEncoder()


async def plan_export(database: Database, tenant_id: UUID, selection: Selection) -> ExportPlan:
    """
    Raises:
        ValidationFailed: the window is broken, or too much is named.
        NotFound: the tenant has no such machine, or none of the machines has such a metric.
    """
    _require_bounds(selection)
    async with database.reading(tenant_id) as work:
        series = await _find_series(work, selection)
    start_ms, end_ms = milliseconds_from(selection.start), milliseconds_from(selection.end)
    numbers = [number for number, _ in series]
    estimate = await repository.estimate_readings(database, tenant_id, numbers, selection.start, selection.end)
    return ExportPlan(series, start_ms, end_ms, estimate)


async def read_export(database: Database, tenant_id: UUID, plan: ExportPlan) -> AsyncGenerator[Chunk]:
    """The readings series by series, each in ascending order of time."""
    place = _Place(0, plan.start_ms)
    while place.series < len(plan.series):
        async with database.reading(tenant_id) as work:
            chunks, place = await _read_round(work, plan, place)
        for chunk in chunks:
            yield chunk


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an export goes on: which series of the plan, from which time."""

    series: int
    from_ms: int


async def _find_series(work: UnitOfWork, selection: Selection) -> list[tuple[int, SeriesName]]:
    known = await machine_ids(work, selection.machines) if selection.machines else {}
    strange = next((machine for machine in selection.machines if machine not in known), None)
    if strange is not None:
        raise NotFound(f"There is no machine {strange!r}.", ["machine"])
    series = await repository.find_series(work, selection.machines, selection.metrics)
    found = {metric for _, (_, metric, _) in series}
    missing = next((metric for metric in selection.metrics if metric not in found), None)
    if missing is not None:
        raise NotFound(f"No machine of this selection has a metric named {missing!r}.", ["metric"])
    return series


def _require_bounds(selection: Selection) -> None:
    if selection.start.tzinfo is None or selection.end.tzinfo is None:
        raise ValidationFailed("Times need a zone, for example 2026-01-31T08:00:00Z.", ["from"])
    if selection.start >= selection.end:
        raise ValidationFailed("The window must begin before it ends.", ["from"])
    if selection.end - selection.start > MAX_WINDOW:
        raise ValidationFailed(f"The window may span at most {MAX_WINDOW.days} days.", ["from"])
    if max(len(selection.machines), len(selection.metrics)) > MAX_NAMES:
        raise ValidationFailed(
            f"At most {MAX_NAMES} machines and metrics can be named; leave them out for all.", ["machine"]
        )


async def _read_round(work: UnitOfWork, plan: ExportPlan, place: _Place) -> tuple[list[Chunk], _Place]:
    """The next chunks, together about a piece, and where the next round begins."""
    chunks: list[Chunk] = []
    room = PIECE_READINGS
    while place.series < len(plan.series) and room > 0:
        number, name = plan.series[place.series]
        readings, next_ms = await repository.read_piece(work, number, place.from_ms, plan.end_ms, room)
        if len(readings):
            chunks.append(Chunk(name, readings.time_ms, readings.value, readings.quality))
        room -= len(readings)
        is_over = next_ms >= plan.end_ms
        place = _Place(place.series + 1, plan.start_ms) if is_over else _Place(place.series, next_ms)
    return chunks, place
