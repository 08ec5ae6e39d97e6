"""Settings of the machine-level chart tried on stored readings."""

from datetime import datetime
from typing import Annotated

import strawberry

from plantwright.alerts import repository as alerts
from plantwright.core.clock import from_milliseconds
from plantwright.core.database import UnitOfWork
from plantwright.core.errors import ValidationFailed
from plantwright.core.ids import parse_id
from plantwright.detection.multivariate.findings import DETECTOR
from plantwright.detection.multivariate.trial import MachineTrial, try_machine_settings
from plantwright.detection.replay.derivation import Period
from plantwright.graphql.alerts.types import Alert
from plantwright.graphql.context import Info
from plantwright.graphql.detection.machine_chart_settings import MachineChartSettingsInput
from plantwright.graphql.detection.machine_chart_types import MachineChartTrial
from plantwright.graphql.detection.turns import trial_turn

_MAX_ALERTS = 200


@strawberry.type
class MachineChartTrialQuery:
    @strawberry.field(
        description="Try settings of the machine as a whole on its stored readings, without saving them. Fields left "
        "out are as they are now. At most 31 days and 200,000 readings at once, and maxPoints of 10 to 2,000. Null for "
        "an unknown machine."
    )
    async def machine_chart_trial(  # noqa: PLR0917 - arguments of the API, always named
        self,
        info: Info,
        machine_id: strawberry.ID,
        from_: Annotated[datetime, strawberry.argument(name="from")],
        to: datetime,
        settings: MachineChartSettingsInput | None = None,
        max_points: int = 600,
    ) -> MachineChartTrial | None:
        _ = info.context.principal
        key = parse_id(machine_id)
        if from_.tzinfo is None or to.tzinfo is None:
            raise ValidationFailed("Times need a zone, for example 2026-01-31T08:00:00Z.", ["from"])
        if key is None:
            return None
        changes = settings.changes() if settings else {}
        async with trial_turn(), info.context.snapshot() as work:
            found = await try_machine_settings(work, key, changes, Period.of(from_, to), max_points)
            return None if found is None else MachineChartTrial.of(found, await _alerts(work, found))


async def _alerts(work: UnitOfWork, found: MachineTrial) -> list[Alert]:
    where = alerts.AlertFilter(
        machine_id=found.machine.id,
        cause=[DETECTOR],
        raised_from=from_milliseconds(found.period.start_ms),
        raised_to=from_milliseconds(found.period.end_ms),
    )
    return [Alert.of(row) for row in await alerts.page_newest_first(work, where, None, _MAX_ALERTS)]
