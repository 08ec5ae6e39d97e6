"""Detector settings tried on stored readings."""

from datetime import datetime
from typing import Annotated

import strawberry

from plantwright.alerts import repository as alerts
from plantwright.core.clock import from_milliseconds
from plantwright.core.database import UnitOfWork
from plantwright.core.errors import ValidationFailed
from plantwright.core.ids import parse_id
from plantwright.detection.replay.derivation import Period
from plantwright.detection.replay.trial import Trial, try_settings
from plantwright.graphql.alerts.types import Alert
from plantwright.graphql.context import Info
from plantwright.graphql.detection.turns import trial_turn
from plantwright.graphql.detection.types import DetectionTrial
from plantwright.graphql.settings.types import DetectionSettingsInput

_MAX_ALERTS = 200


@strawberry.type
class DetectionQuery:
    @strawberry.field(
        description="Try detector settings of a metric on its stored readings, without saving them. Fields left out "
        "are as they are now. At most 31 days and 100,000 readings at once, and maxPoints of 10 to 2,000. Null for an "
        "unknown metric."
    )
    async def detection_trial(  # noqa: PLR0917 - arguments of the API, always named
        self,
        info: Info,
        metric_id: strawberry.ID,
        from_: Annotated[datetime, strawberry.argument(name="from")],
        to: datetime,
        settings: DetectionSettingsInput | None = None,
        max_points: int = 600,
    ) -> DetectionTrial | None:
        _ = info.context.principal
        key = parse_id(metric_id)
        if from_.tzinfo is None or to.tzinfo is None:
            raise ValidationFailed("Times need a zone, for example 2026-01-31T08:00:00Z.", ["from"])
        if key is None:
            return None
        changes = settings.changes() if settings else {}
        async with trial_turn(), info.context.snapshot() as work:
            found = await try_settings(work, key, changes, Period.of(from_, to), max_points)
            if found is None:
                return None
            return DetectionTrial.of(found, await _alerts(work, found))


async def _alerts(work: UnitOfWork, found: Trial) -> list[Alert]:
    where = alerts.AlertFilter(
        machine_id=found.metric.machine_id,
        raised_from=from_milliseconds(found.period.start_ms),
        raised_to=from_milliseconds(found.period.end_ms),
    )
    rows = await alerts.page_newest_first(work, where, None, _MAX_ALERTS)
    return [Alert.of(row) for row in rows if row.metric_id == found.metric.id]
