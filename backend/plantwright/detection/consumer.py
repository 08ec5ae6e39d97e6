"""The detectors as a consumer of the readings log; findings are journaled in the transaction that moves the cursor."""

import asyncio
from collections.abc import Sequence
from typing import Any

import numpy as np

from plantwright.assets.models import Metric
from plantwright.assets.repository import metrics_by_series
from plantwright.core.clock import from_milliseconds
from plantwright.core.database import UnitOfWork
from plantwright.detection import repository
from plantwright.detection.config import ConfigColumns, DetectionConfig
from plantwright.detection.engine import ReadingBatch, step
from plantwright.detection.findings import Finding, finding_to_payload
from plantwright.detection.service import overlay, tenant_default
from plantwright.detection.state import DetectionState
from plantwright.journal.service import Fact, Journal
from plantwright.readings.columns import LogSlice
from plantwright.readings.models import Quality

ACTION_PREFIX = "finding."
_ONLY_SHARD = 0


class DetectionConsumer:
    """State, cursor and findings commit together, so a crash neither loses nor repeats a finding."""

    name = "detection"

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    async def consume(self, work: UnitOfWork, readings: LogSlice) -> None:
        good = readings.quality == Quality.GOOD
        if not good.any():
            return
        series_ids, before = await repository.load_state(work, _ONLY_SHARD)
        series_ids, grown = _with_new_series(series_ids, before, readings.series[good])
        row_of = {series: row for row, series in enumerate(series_ids)}
        metrics = {int(m.series_id or 0): m for m in await metrics_by_series(work, np.unique(readings.series).tolist())}
        batch = ReadingBatch(
            series=np.array([row_of[series] for series in readings.series[good].tolist()], dtype=np.int64),
            time_ms=readings.time_ms[good],
            value=readings.value[good],
        )
        config = _columns(await tenant_default(work), series_ids, metrics)
        # Seconds for a long backlog of few series: meanwhile the worker goes on with other tenants.
        after, findings = await asyncio.to_thread(step, grown, batch, config)
        with_buckets = after.buckets is not before.buckets
        await repository.save_state(work, _ONLY_SHARD, series_ids, after, with_buckets=with_buckets)
        facts = [_fact(finding, metrics[series_ids[finding.series]]) for finding in findings]
        await self._journal.append(work, *facts)


def _with_new_series(
    series_ids: list[int], state: DetectionState, seen: "np.ndarray[Any, np.dtype[np.int32]]"
) -> tuple[list[int], DetectionState]:
    new = sorted(set(np.unique(seen).tolist()) - set(series_ids))
    return (series_ids + new, state.grow(len(new))) if new else (series_ids, state)


def _columns(default: DetectionConfig, series_ids: Sequence[int], metrics: dict[int, Metric]) -> ConfigColumns:
    def config_of(series: int) -> DetectionConfig:
        metric = metrics.get(series)
        return overlay(default, metric.detection) if metric and metric.detection else default

    return ConfigColumns.from_configs([config_of(series) for series in series_ids])


def _fact(finding: Finding, metric: Metric) -> Fact:
    payload = {
        **finding_to_payload(finding),
        "time": from_milliseconds(finding.time_ms),
        "started": from_milliseconds(finding.started_ms),
        "machine_id": metric.machine_id,
        "metric_id": metric.id,
        "metric": metric.name,
        "unit": metric.unit,
    }
    return Fact(
        action=ACTION_PREFIX + finding.kind.value,
        resource_type="metric",
        resource_id=str(metric.id),
        payload=payload,
    )
