"""Rules as consumers of both logs: of the readings, and of what the journal says about machines."""

from collections.abc import Sequence

from plantwright.core.clock import to_milliseconds
from plantwright.core.database import UnitOfWork
from plantwright.journal.models import AuditRecord
from plantwright.readings.columns import LogSlice
from plantwright.rules import repository
from plantwright.rules.following import CONSUMER
from plantwright.rules.machine_repository import aspect_told_by
from plantwright.rules.runner import RuleRunner


class RuleConsumer:
    """States, cursor and findings commit together, so a crash neither loses nor repeats a finding."""

    name = CONSUMER

    def __init__(self, runner: RuleRunner) -> None:
        self._runner = runner

    async def consume(self, work: UnitOfWork, readings: LogSlice) -> None:
        await self._runner.take_readings(work, readings)


class MachineStateConsumer:
    name = "rules_machines"
    prefixes = ("machine.", "out_of_service.")

    def __init__(self, runner: RuleRunner) -> None:
        self._runner = runner

    async def consume(self, work: UnitOfWork, records: Sequence[AuditRecord]) -> None:
        told = [(record, aspect_told_by(record.action)) for record in records]
        if any(aspect is None for _record, aspect in told):
            # A template may mean a machine that has been made or changed.
            await repository.bump(work, only_if_there=True)
        touches = [
            (record.machine_id, aspect, to_milliseconds(record.created_at))
            for record, aspect in told
            if aspect is not None and record.machine_id is not None
        ]
        if touches:
            await self._runner.take_touches(work, touches)
