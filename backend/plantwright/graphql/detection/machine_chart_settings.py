"""Settings of the machine-level chart as the API shows them."""

from dataclasses import asdict
from typing import Any, Self

import strawberry

from plantwright.detection.multivariate.config import MultivariateConfig
from plantwright.detection.multivariate.settings import ChartSettings


@strawberry.type(description="Parameters of the machine-level chart; docs/detectors.md has formulas and ranges.")
class MachineChartSettings:
    enabled: bool
    threshold: float = strawberry.field(description="Score from which on a frame violates; 1 is the limit.")
    confirm_frames: int = strawberry.field(description="Violations in a row that open an episode.")
    clear_seconds: int = strawberry.field(description="Quiet time after which an episode ends.")
    critical_factor: float = strawberry.field(description="Threshold times this is critical.")

    @classmethod
    def of(cls, config: MultivariateConfig) -> Self:
        return cls(**asdict(config))


@strawberry.input(description="Fields left out stay as they are.")
class MachineChartSettingsInput:
    enabled: bool | None = strawberry.UNSET
    threshold: float | None = strawberry.UNSET
    confirm_frames: int | None = strawberry.UNSET
    clear_seconds: int | None = strawberry.UNSET
    critical_factor: float | None = strawberry.UNSET

    def changes(self) -> dict[str, Any]:
        return {
            name: value for name, value in vars(self).items() if value is not strawberry.UNSET and value is not None
        }


@strawberry.type(description="How a machine is watched as a whole.")
class MachineChart:
    machine_id: strawberry.ID
    has_own_settings: bool = strawberry.field(description="What it leaves open comes from the tenant's default.")
    settings: MachineChartSettings

    @classmethod
    def of(cls, found: ChartSettings) -> Self:
        return cls(
            machine_id=strawberry.ID(str(found.machine_id)),
            has_own_settings=bool(found.own),
            settings=MachineChartSettings.of(found.config),
        )
