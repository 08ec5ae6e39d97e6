"""SQL of the settings of the machine-level chart, by the time from which they hold."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text

from plantwright.core.database import UnitOfWork

# Never before the change that it follows, whatever the clocks of the servers say; whole milliseconds, as readings.
_ADD = text("""
    INSERT INTO machine_chart_settings (tenant_id, machine_id, holds_from, settings)
    SELECT :tenant_id, CAST(:machine_id AS uuid),
           greatest(date_trunc('milliseconds', clock_timestamp()) + interval '1 millisecond',
                    (SELECT max(holds_from) + interval '1 millisecond' FROM machine_chart_settings
                     WHERE tenant_id = :tenant_id AND machine_id IS NOT DISTINCT FROM CAST(:machine_id AS uuid))),
           CAST(:settings AS jsonb)""")
_READ = text("""
    SELECT machine_id, (extract(epoch FROM holds_from) * 1000)::bigint AS holds_from_ms, settings
    FROM machine_chart_settings
    WHERE tenant_id = :tenant_id AND (machine_id IS NULL OR machine_id = ANY(CAST(:machines AS uuid[])))
    ORDER BY holds_from, id""")


@dataclass(frozen=True, slots=True)
class SavedSettings:
    """
    Attributes:
        machine_id: None for the tenant's default.
        holds_from_ms: the first event time judged by them.
        settings: the fields that differ from what is below them; None where a machine's own were dropped.
    """

    machine_id: UUID | None
    holds_from_ms: int
    settings: Mapping[str, Any] | None


async def add(work: UnitOfWork, machine_id: UUID | None, settings: Mapping[str, Any] | None) -> None:
    """Let settings hold from now on; `machine_id` None for the tenant's default.

    To be called after the change was journaled: the journal's lock makes the order of rows that of the commits.
    """
    told = None if settings is None else json.dumps(dict(settings))
    await work.execute(_ADD, {"tenant_id": work.tenant_id, "machine_id": machine_id, "settings": told})


async def read(work: UnitOfWork, machine_ids: Sequence[UUID]) -> list[SavedSettings]:
    """Every change of the tenant's default and of these machines, in the order in which they begin to hold."""
    rows = await work.execute(_READ, {"tenant_id": work.tenant_id, "machines": list(machine_ids)})
    return [SavedSettings(row.machine_id, row.holds_from_ms, row.settings) for row in rows]
