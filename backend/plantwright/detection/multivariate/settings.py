"""Settings of the machine-level chart: the tenant's default, overlaid with what a machine has of its own.

A frame is judged by the settings in force at its own time.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from plantwright.assets.repository import get_machine
from plantwright.assets.service import MACHINE_NOT_FOUND
from plantwright.core.database import UnitOfWork
from plantwright.core.errors import NotFound
from plantwright.detection.charts.state import NEVER
from plantwright.detection.multivariate import settings_repository
from plantwright.detection.multivariate.config import MultivariateConfig, Settings, overlay
from plantwright.detection.multivariate.settings_repository import SavedSettings
from plantwright.journal.service import Fact, Journal

SETTING = "machine_chart"
MACHINE_CHANGED = "machine.chart_settings_changed"


@dataclass(frozen=True, slots=True)
class MachineSettingsHistory:
    """Settings of some machines at any time; `saved` in the order in which they begin to hold."""

    saved: Sequence[SavedSettings]

    def spans(self, machine_id: UUID) -> list[tuple[int, MultivariateConfig]]:
        """From which event time (milliseconds) on which settings hold, rising; the first hold from the beginning."""
        default, own = self._line(None), self._line(machine_id)
        times = sorted({NEVER, *(saved.holds_from_ms for saved in (*default, *own))})
        spans: list[tuple[int, MultivariateConfig]] = []
        for time_ms in times:
            config = overlay(overlay(MultivariateConfig(), _at(default, time_ms)), _at(own, time_ms))
            if not spans or spans[-1][1] != config:
                spans.append((time_ms, config))
        return spans

    def present(self, machine_id: UUID) -> MultivariateConfig:
        return self.spans(machine_id)[-1][1]

    def own(self, machine_id: UUID | None) -> Settings | None:
        """The fields that a machine has of its own now, or that the tenant's default has for None; None for none."""
        line = self._line(machine_id)
        return line[-1].settings if line else None

    def _line(self, machine_id: UUID | None) -> list[SavedSettings]:
        return [saved for saved in self.saved if saved.machine_id == machine_id]


def _at(line: Sequence[SavedSettings], time_ms: int) -> Settings | None:
    count = bisect_right(line, time_ms, key=lambda saved: saved.holds_from_ms)
    return line[count - 1].settings if count else None


@dataclass(frozen=True, slots=True)
class ChartSettings:
    """Present settings of a machine; `own` are the fields that it does not take from the tenant's default."""

    machine_id: UUID
    config: MultivariateConfig
    own: Settings | None


async def settings_history(work: UnitOfWork, machine_ids: Sequence[UUID]) -> MachineSettingsHistory:
    return MachineSettingsHistory(await settings_repository.read(work, machine_ids))


async def tenant_default(work: UnitOfWork) -> MultivariateConfig:
    return overlay(MultivariateConfig(), (await settings_history(work, [])).own(None))


async def machine_settings(work: UnitOfWork, machine_id: UUID) -> ChartSettings | None:
    """None for an unknown machine."""
    if await get_machine(work, machine_id) is None:
        return None
    history = await settings_history(work, [machine_id])
    return ChartSettings(machine_id, history.present(machine_id), history.own(machine_id))


async def change_tenant_default(work: UnitOfWork, journal: Journal, actor_id: UUID, changes: Settings) -> None:
    """
    Raises:
        ValidationFailed: a number is outside its range; nothing is changed.
    """
    before = (await settings_history(work, [])).own(None) or {}
    after = {**before, **changes}
    overlay(MultivariateConfig(), after)
    if after == before:
        return
    payload = {"changes": {SETTING: {"old": before or None, "new": after}}}
    fact = Fact(
        action="settings.changed",
        resource_type="tenant",
        resource_id=str(work.tenant_id),
        payload=payload,
        actor_id=actor_id,
    )
    await journal.append(work, fact)
    await settings_repository.add(work, None, after)


async def change_machine(
    work: UnitOfWork, journal: Journal, actor_id: UUID, machine_id: UUID, changes: Settings | None
) -> ChartSettings:
    """Overlay the machine's own settings with `changes`; None drops them all.

    Raises:
        NotFound: no such machine in this tenant.
        ValidationFailed: a number is outside its range; nothing is changed.
    """
    present = await machine_settings(work, machine_id)
    if present is None:
        raise NotFound(MACHINE_NOT_FOUND, ["machineId"])
    own: dict[str, Any] | None = None if changes is None else {**(present.own or {}), **changes}
    config = overlay(await tenant_default(work), own)
    if own != present.own:
        payload = {"machine_id": machine_id, "changes": {SETTING: {"old": present.own, "new": own}}}
        fact = Fact(
            action=MACHINE_CHANGED,
            resource_type="machine",
            resource_id=str(machine_id),
            payload=payload,
            actor_id=actor_id,
        )
        await journal.append(work, fact)
        await settings_repository.add(work, machine_id, own)
    return ChartSettings(machine_id, config, own)
