"""Recomputes the machines that a batch of journal rows touches, each once."""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from plantwright.core.clock import utc_now
from plantwright.core.database import UnitOfWork
from plantwright.core.ids import parse_id
from plantwright.health import repository
from plantwright.health.service import recompute
from plantwright.health.settings import ANOMALY_WEIGHT
from plantwright.journal.models import AuditRecord
from plantwright.journal.service import Journal

_SETTINGS_CHANGED = "settings.changed"


class HealthConsumer:
    name = "health"
    prefixes = ("alert.", "finding.started", _SETTINGS_CHANGED)

    def __init__(self, journal: Journal, clock: Callable[[], datetime] = utc_now) -> None:
        self._journal = journal
        self._clock = clock

    async def consume(self, work: UnitOfWork, records: Sequence[AuditRecord]) -> None:
        touched = {machine_id for record in records if (machine_id := _machine_of(record)) is not None}
        if any(_changes_the_weight(record) for record in records):
            touched.update(await repository.machines_with_deductions(work))
        if touched:
            await recompute(work, self._journal, touched, self._clock())


def _machine_of(record: AuditRecord) -> UUID | None:
    return parse_id(str(record.payload.get("machine_id")))


def _changes_the_weight(record: AuditRecord) -> bool:
    return record.action == _SETTINGS_CHANGED and ANOMALY_WEIGHT in record.payload.get("changes", {})
