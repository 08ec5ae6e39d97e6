"""What the two logs hold, and what they should hold."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
from plantwright.assets.models import Metric
from plantwright.detection.charts.engine import ReadingBatch, step
from plantwright.detection.charts.state import DetectionState
from plantwright.detection.config import ConfigColumns, DetectionConfig
from plantwright.detection.findings import finding_to_payload
from plantwright.detection.replay.derivation import Derivation, Filters, Period, difference_from
from plantwright.detection.replay.machine_replay import MachineDerivation
from plantwright.detection.replay.record import Payload
from plantwright.detection.replay.replay import SeriesDerivation
from plantwright.journal.canonical import to_payload
from plantwright.journal.models import AuditRecord
from plantwright.journal.repository import read_actions_after
from plantwright.journal.service import Journal
from plantwright.readings.repository import read_flushes
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.conftest import Databases
from tests.factories import MadeTenant

EVERYTHING = 1_000_000
# Merging comes every quarter of a minute.
MERGE_SECONDS = 90
OF_READINGS, OF_JOURNAL = ("latest", "detection", "machine_charts"), ("alerts", "health")

_VIEW = text("""
    SELECT (extract(epoch FROM time) * 1000)::bigint AS time_ms, value FROM reading
    WHERE series_id = :series ORDER BY flush_id, time""")
_ENDS = text("""
    SELECT coalesce((SELECT max(flush_id) FROM segment), 0) AS flush,
           coalesce((SELECT max(sequence) FROM audit_record), 0) AS row""")
_UNMERGED = text("SELECT count(*) FROM segment WHERE level < 2")
_LATE = text("SELECT (SELECT count(*) FROM detection_late) + (SELECT count(*) FROM machine_chart_late)")
_CURSORS = text("SELECT consumer, position FROM consumer_cursor")


async def stored(databases: Databases, tenant: MadeTenant, metric: Metric) -> list[tuple[int, float]]:
    """Every reading of a metric through the view, in the order in which the flushes stored them."""
    async with databases.app.reading(tenant.id) as work:
        return [tuple(row) for row in await work.execute(_VIEW, {"series": metric.series_id})]


async def journal_rows(databases: Databases, tenant: MadeTenant, *prefixes: str) -> Sequence[AuditRecord]:
    async with databases.app.reading(tenant.id) as work:
        return await read_actions_after(work, 0, prefixes, EVERYTHING)


async def cursors(databases: Databases, tenant: MadeTenant) -> dict[str, int]:
    async with databases.app.reading(tenant.id) as work:
        return {row.consumer: row.position for row in await work.execute(_CURSORS)}


async def wait_until_consumed(databases: Databases, tenant: MadeTenant, seconds: float = 60) -> None:
    """Until every consumer stands at the end of its log; a database that is just coming back is asked again."""
    async with asyncio.timeout(seconds):
        while True:
            try:
                if await _is_consumed(databases, tenant):
                    return
            except (DBAPIError, OSError):
                await asyncio.sleep(0.2)
            await asyncio.sleep(0.05)


async def wait_until_merged(databases: Databases, tenant: MadeTenant) -> None:
    """Until every row of the tenant is one of a whole hour; there must be none of the hour that is open."""
    async with asyncio.timeout(MERGE_SECONDS):
        while True:
            try:
                async with databases.app.reading(tenant.id) as work:
                    if (await work.execute(_UNMERGED)).scalar_one() == 0:
                        return
            except (DBAPIError, OSError):
                # The server is just coming back.
                pass
            await asyncio.sleep(0.2)


async def _is_consumed(databases: Databases, tenant: MadeTenant) -> bool:
    async with databases.app.reading(tenant.id) as work:
        ends = (await work.execute(_ENDS)).one()
        positions = {row.consumer: row.position for row in await work.execute(_CURSORS)}
    return all(positions.get(name, 0) >= ends.flush for name in OF_READINGS) and all(
        positions.get(name, 0) >= ends.row for name in OF_JOURNAL
    )


async def assert_intact(databases: Databases, journal: Journal, tenant: MadeTenant) -> None:
    async with databases.app.snapshot(tenant.id) as work:
        result = await journal.verify(work)
    assert result.is_intact, result.detail


async def findings_of(databases: Databases, tenant: MadeTenant) -> dict[str, list[dict[str, Any]]]:
    """What the detectors journaled, by metric, without what names tenant, machine and metric."""
    found = defaultdict(list)
    for row in await journal_rows(databases, tenant, "finding."):
        own = {"machine_id", "metric_id", "metric", "unit", "time", "started"}
        found[row.payload["metric"]].append({key: value for key, value in row.payload.items() if key not in own})
    return dict(found)


async def derived_findings(databases: Databases, tenant: MadeTenant, period: Period) -> dict[str, list[dict[str, Any]]]:
    """What must be found in the stored readings by order of their time; the record must have all of it."""
    await wait_until_derived(databases, tenant)
    found = defaultdict(list)
    own = {"machine_id", "metric_id", "metric", "unit", "time", "started"}
    for source in (SeriesDerivation(), MachineDerivation()):
        for payload in await _derived_by(source, databases, tenant, period):
            found[str(payload["metric"])].append({key: value for key, value in payload.items() if key not in own})
    return dict(found)


async def _derived_by(source: Derivation, databases: Databases, tenant: MadeTenant, period: Period) -> list[Payload]:
    async with databases.app.reading(tenant.id) as work:
        units = await source.units(work, Filters())
    replayed = await source.derive(databases.worker, tenant.id, units, period)
    async with databases.app.reading(tenant.id) as work:
        records = await source.recorded(work, units)
    difference, _ = difference_from(records, source.detectors, period, replayed.payloads)
    assert (difference.missing, difference.superseded) == ([], [])
    return replayed.payloads


async def wait_until_derived(databases: Databases, tenant: MadeTenant) -> None:
    """Until the worker has derived anew what came late."""
    async with asyncio.timeout(180):
        while await _is_late(databases, tenant):  # noqa: ASYNC110 - over the database
            await asyncio.sleep(0.5)


async def _is_late(databases: Databases, tenant: MadeTenant) -> bool:
    async with databases.app.reading(tenant.id) as work:
        return bool((await work.execute(_LATE)).scalar_one())


async def replayed_findings(
    databases: Databases, tenant: MadeTenant, metrics: Sequence[Metric]
) -> dict[str, list[dict[str, Any]]]:
    """What the detectors must find in the stored readings: all of them in one step, as `findings_of` gives it."""
    async with databases.app.reading(tenant.id) as work:
        readings = await read_flushes(work, 0, EVERYTHING)
    ordered = sorted(metrics, key=lambda metric: int(metric.series_id or 0))
    row_of = {metric.series_id: row for row, metric in enumerate(ordered)}
    rows = [row_of[series] for series in readings.series.tolist()]
    state = DetectionState.empty(0).grow(len(ordered))
    config = ConfigColumns.from_configs([DetectionConfig()] * len(ordered))
    _, findings = step(state, ReadingBatch(np.array(rows, np.int64), readings.time_ms, readings.value), config)
    found = defaultdict(list)
    for finding in findings:
        found[ordered[finding.series].name].append(dict(to_payload(finding_to_payload(finding))))
    return dict(found)
