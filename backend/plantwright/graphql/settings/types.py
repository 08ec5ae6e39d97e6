"""Settings as the API shows them."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any, Self

import strawberry

from plantwright.core.clock import from_milliseconds
from plantwright.detection.config import DetectionConfig
from plantwright.detection.replay.history import overlay
from plantwright.graphql.detection.machine_chart_settings import MachineChartSettings


@strawberry.type(description="Parameters of the three detectors; docs/detectors.md has formulas, ranges and reasons.")
class DetectionSettings:
    enabled: bool
    baseline_threshold: float = strawberry.field(description="Standard deviations from the 7-day mean.")
    baseline_min_samples: int = strawberry.field(description="Readings before anything is judged.")
    ewma_lambda: float = strawberry.field(description="Weight of the newest reading in the moving average.")
    ewma_threshold: float = strawberry.field(description="Control limit of the moving average, in its own sigmas.")
    rate_threshold: float = strawberry.field(description="Change between readings, in units of the usual change.")
    confirm_readings: int = strawberry.field(description="Violations in a row that open an episode.")
    clear_seconds: int = strawberry.field(description="Quiet time after which an episode ends.")
    critical_factor: float = strawberry.field(description="Threshold times this is critical.")
    baseline_from: datetime | None = strawberry.field(
        description="When the baseline was last started anew, after maintenance for instance; null for never."
    )

    @classmethod
    def of(cls, config: DetectionConfig) -> Self:
        began = from_milliseconds(config.baseline_from) if config.baseline_from else None
        return cls(**{**asdict(config), "baseline_from": began})

    @classmethod
    def of_metric(cls, default: DetectionConfig, own: Mapping[str, Any] | None) -> Self:
        return cls.of(overlay(default, own))


@strawberry.input(description="Fields left out stay as they are.")
class DetectionSettingsInput:
    enabled: bool | None = strawberry.UNSET
    baseline_threshold: float | None = strawberry.UNSET
    baseline_min_samples: int | None = strawberry.UNSET
    ewma_lambda: float | None = strawberry.UNSET
    ewma_threshold: float | None = strawberry.UNSET
    rate_threshold: float | None = strawberry.UNSET
    confirm_readings: int | None = strawberry.UNSET
    clear_seconds: int | None = strawberry.UNSET
    critical_factor: float | None = strawberry.UNSET

    def changes(self) -> dict[str, Any]:
        return {
            name: value for name, value in vars(self).items() if value is not strawberry.UNSET and value is not None
        }


@strawberry.type(description="Settings of the tenant.")
class TenantSettings:
    anomaly_weight: float = strawberry.field(description="w of the health score, 0 to 1.")
    offline_after_seconds: int = strawberry.field(description="A machine without readings for so long is offline.")
    detection: DetectionSettings = strawberry.field(description="Default of all metrics.")
    machine_chart: MachineChartSettings = strawberry.field(description="Default of all machines as a whole.")
