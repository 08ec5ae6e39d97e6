"""SQL of the series with late readings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlmodel import col, select

from plantwright.core.database import UnitOfWork
from plantwright.detection.replay.late import LONGEST_WAIT_SECONDS, QUIET_SECONDS
from plantwright.journal.models import AuditRecord
from plantwright.readings.repository import OWN_NUMBER

_NOTE = text("""
    INSERT INTO detection_late AS kept (tenant_id, series_id, from_ms)
    SELECT :tenant_id, given.series_id, given.from_ms
    FROM unnest(CAST(:series AS integer[]), CAST(:from_ms AS bigint[])) AS given (series_id, from_ms)
    ON CONFLICT (tenant_id, series_id) DO UPDATE
    SET from_ms = least(kept.from_ms, excluded.from_ms), notes = kept.notes + 1, last_noted_at = now()""")
# What a sweep asks; docs/replay.md says why.
IS_DUE = f"""last_noted_at < now() - interval '{QUIET_SECONDS} seconds'
          OR first_noted_at < now() - interval '{LONGEST_WAIT_SECONDS} seconds'"""
_DUE = text(f"""
    SELECT series_id, from_ms, notes FROM detection_late
    WHERE tenant_id = :tenant_id AND (:is_all OR {IS_DUE}) ORDER BY from_ms DESC, series_id LIMIT :limit""")  # noqa: S608 - constants
_OF_SERIES = text("""
    SELECT series_id, from_ms, notes FROM detection_late
    WHERE tenant_id = :tenant_id AND series_id = ANY(CAST(:series AS integer[]))""")
_FORGET = text("""
    DELETE FROM detection_late
    WHERE tenant_id = :tenant_id AND series_id = ANY(CAST(:series AS integer[]))""")
_FIRST_READING = text(f"""
    SELECT (extract(epoch FROM min(start)) * 1000)::bigint FROM segment
    WHERE tenant_no = {OWN_NUMBER} AND series_id = ANY(CAST(:series AS integer[]))""")  # noqa: S608 - a constant
_CURSOR = text("SELECT position FROM consumer_cursor WHERE tenant_id = :tenant_id AND consumer = :consumer")
_SERIES = text("""
    SELECT metric.series_id, metric.id, machine.id AS machine_id, machine.identifier, metric.name
    FROM metric JOIN machine ON machine.tenant_id = metric.tenant_id AND machine.id = metric.machine_id
    WHERE metric.tenant_id = :tenant_id AND metric.series_id IS NOT NULL ORDER BY metric.series_id""")


@dataclass(frozen=True, slots=True)
class NamedSeries:
    series: int
    metric_id: UUID
    machine_id: UUID
    machine: str
    metric: str


@dataclass(frozen=True, slots=True)
class LateSeries:
    """A series to be derived anew from a time on; `notes` counts how often that was said of it."""

    series: int
    from_ms: int
    notes: int


async def note(work: UnitOfWork, from_ms: Mapping[int, int]) -> None:
    """These series have to be derived anew, each from its time on."""
    if from_ms:
        series, times = list(from_ms), list(from_ms.values())
        await work.execute(_NOTE, {"tenant_id": work.tenant_id, "series": series, "from_ms": times})


async def due(work: UnitOfWork, limit: int, *, at_once: bool = False) -> list[LateSeries]:
    """Series whose late readings have stopped coming, or have come for long; all of them `at_once`."""
    parameters = {"tenant_id": work.tenant_id, "limit": limit, "is_all": at_once}
    return [_late(row) for row in await work.execute(_DUE, parameters)]


async def of_series(work: UnitOfWork, series: Sequence[int]) -> dict[int, LateSeries]:
    rows = await work.execute(_OF_SERIES, {"tenant_id": work.tenant_id, "series": list(series)})
    return {row.series_id: _late(row) for row in rows}


async def forget(work: UnitOfWork, series: Sequence[int]) -> None:
    await work.execute(_FORGET, {"tenant_id": work.tenant_id, "series": list(series)})


async def first_reading_ms(work: UnitOfWork, series: Sequence[int]) -> int | None:
    """Time of the first stored reading of any of these series."""
    found = await work.execute(_FIRST_READING, {"tenant_id": work.tenant_id, "series": list(series)})
    first: int | None = found.scalar_one()
    return first


async def list_series(work: UnitOfWork) -> list[NamedSeries]:
    """All of the tenant, with the machine's identifier and the metric's name."""
    rows = await work.execute(_SERIES, {"tenant_id": work.tenant_id})
    return [NamedSeries(row.series_id, row.id, row.machine_id, row.identifier, row.name) for row in rows]


async def position_of(work: UnitOfWork, consumer: str) -> int:
    found = await work.execute(_CURSOR, {"tenant_id": work.tenant_id, "consumer": consumer})
    return found.scalar_one_or_none() or 0


async def recorded_findings(
    work: UnitOfWork, metric_ids: Sequence[UUID], actions: Sequence[str]
) -> Sequence[tuple[int, str, Mapping[str, Any]]]:
    """Sequence, action and payload of what the journal holds of these metrics, in its order."""
    statement = (
        select(AuditRecord.sequence, AuditRecord.action, AuditRecord.payload)
        .where(
            AuditRecord.tenant_id == work.tenant_id,
            AuditRecord.resource_type == "metric",
            col(AuditRecord.resource_id).in_([str(metric_id) for metric_id in metric_ids]),
            col(AuditRecord.action).in_(actions),
        )
        .order_by(col(AuditRecord.sequence))
    )
    return (await work.session.exec(statement)).all()


def _late(row: Row[Any]) -> LateSeries:
    return LateSeries(row.series_id, row.from_ms, row.notes)
