"""Settings of the detectors: the tenant's default, overlaid with what a metric has of its own."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from plantwright.assets import service as assets
from plantwright.assets.models import Metric
from plantwright.core.clock import to_milliseconds, utc_now
from plantwright.core.database import UnitOfWork
from plantwright.detection.config import DetectionConfig
from plantwright.detection.replay.history import overlay
from plantwright.detection.replay.history_repository import add_change
from plantwright.identity.settings import change_settings, read_setting
from plantwright.journal.service import Journal

SETTING = "detection"
_BASELINE = "baseline_from"


async def tenant_default(work: UnitOfWork) -> DetectionConfig:
    return overlay(DetectionConfig(), await read_setting(work, SETTING, {}))


async def change_tenant_default(
    work: UnitOfWork, journal: Journal, actor_id: UUID, changes: Mapping[str, Any]
) -> DetectionConfig:
    """
    Raises:
        ValidationFailed: a number is outside its range; nothing is changed.
    """
    stored = await read_setting(work, SETTING, {})
    config = overlay(DetectionConfig(), {**stored, **changes})
    if {**stored, **changes} != stored:
        await change_settings(work, journal, actor_id, {SETTING: {**stored, **changes}})
        await add_change(work, None, {**stored, **changes}, stored)
    return config


async def change_metric(
    work: UnitOfWork, journal: Journal, actor_id: UUID, metric_id: UUID, changes: Mapping[str, Any] | None
) -> Metric:
    """Overlay the metric's own settings with `changes`; None drops them all.

    Raises:
        NotFound: no such metric in this tenant.
        ValidationFailed: a number is outside its range; nothing is changed.
    """
    metric = await assets.require_metric(work, metric_id)
    before = metric.detection
    own = _baseline_of(before) if changes is None else {**(before or {}), **changes}
    overlay(await tenant_default(work), own)
    # A baseline begins with the first reading that its setting holds for, so both begin at one moment.
    holds_from = (changes or {}).get(_BASELINE)
    changed = await assets.set_metric_detection(work, journal, actor_id, metric_id, own)
    if own != before:
        await add_change(work, metric_id, own, before, holds_from)
    return changed


async def restart_baseline(work: UnitOfWork, journal: Journal, actor_id: UUID, metric_id: UUID) -> Metric:
    """Have the metric's baseline learnt anew from now on.

    Raises:
        NotFound: no such metric in this tenant.
    """
    changes = {_BASELINE: to_milliseconds(utc_now())}
    return await change_metric(work, journal, actor_id, metric_id, changes)


def has_own_settings(metric: Metric) -> bool:
    """When its baseline began is no setting: it says what has been, not how the metric is watched."""
    return any(name != _BASELINE for name in metric.detection or {})


def _baseline_of(settings: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return {_BASELINE: settings[_BASELINE]} if settings and _BASELINE in settings else None
