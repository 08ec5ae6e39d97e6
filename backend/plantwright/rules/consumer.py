"""Rules as consumers of both logs: of the readings, and of what the journal says about machines."""

from collections.abc import Sequence
from uuid import UUID

from plantwright.core.clock import to_milliseconds
from plantwright.core.database import UnitOfWork
from plantwright.journal.models import AuditRecord
from plantwright.readings.columns import LogSlice
from plantwright.rules import repository
from plantwright.rules.repository import STATUS_CHANGED, StatusChange
from plantwright.rules.runner import CONSUMER, RuleRunner


class RuleConsumer:
    """States, cursor and findings commit together, so a crash neither loses nor repeats a finding."""

    name = CONSUMER

    def __init__(self, runner: RuleRunner) -> None:
        self._runner = runner

    async def consume(self, work: UnitOfWork, readings: LogSlice) -> None:
        await self._runner.take_readings(work, readings)


class MachineStateConsumer:
    name = "rules_machines"
    prefixes = ("machine.",)

    def __init__(self, runner: RuleRunner) -> None:
        self._runner = runner

    async def consume(self, work: UnitOfWork, records: Sequence[AuditRecord]) -> None:
        if any(record.action != STATUS_CHANGED for record in records):
            # A template may mean a machine that has been made or changed.
            await repository.bump(work, only_if_there=True)
        changes = [
            StatusChange(
                UUID(record.payload["machine_id"]), to_milliseconds(record.created_at), record.payload["new_status"]
            )
            for record in records
            if record.action == STATUS_CHANGED
        ]
        if changes:
            await self._runner.take_states(work, changes)
