"""Settings of the detectors: the tenant's default, overlaid with what a metric has of its own."""

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any
from uuid import UUID

from plantwright.assets import service as assets
from plantwright.assets.models import Metric
from plantwright.core.database import UnitOfWork
from plantwright.detection.config import DetectionConfig
from plantwright.identity.settings import change_settings, read_setting
from plantwright.journal.service import Journal

SETTING = "detection"
_FIELDS = frozenset(spec.name for spec in fields(DetectionConfig))


async def tenant_default(work: UnitOfWork) -> DetectionConfig:
    return overlay(DetectionConfig(), await read_setting(work, SETTING, {}))


def overlay(base: DetectionConfig, changes: Mapping[str, Any] | None) -> DetectionConfig:
    """`base` with some fields changed; fields that this release does not know are passed over.

    Raises:
        ValidationFailed: a number is outside its range.
    """
    known = {name: value for name, value in (changes or {}).items() if name in _FIELDS}
    return DetectionConfig(**{**asdict(base), **known})


async def change_tenant_default(
    work: UnitOfWork, journal: Journal, actor_id: UUID, changes: Mapping[str, Any]
) -> DetectionConfig:
    """
    Raises:
        ValidationFailed: a number is outside its range; nothing is changed.
    """
    stored = await read_setting(work, SETTING, {})
    config = overlay(DetectionConfig(), {**stored, **changes})
    await change_settings(work, journal, actor_id, {SETTING: {**stored, **changes}})
    return config


async def change_metric(
    work: UnitOfWork, journal: Journal, actor_id: UUID, metric_id: UUID, changes: Mapping[str, Any] | None
) -> Metric:
    """Overlay the metric's own settings with `changes`; None drops them all.

    Raises:
        NotFound: no such metric in this tenant.
        ValidationFailed: a number is outside its range; nothing is changed.
    """
    own: dict[str, Any] | None = None
    if changes is not None:
        metric = await assets.require_metric(work, metric_id)
        own = {**(metric.detection or {}), **changes}
        overlay(await tenant_default(work), own)
    return await assets.set_metric_detection(work, journal, actor_id, metric_id, own)
