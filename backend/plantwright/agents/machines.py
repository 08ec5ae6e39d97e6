"""Which machines each agent reads, noted as their readings come in.

The ingest knows it of any agent, whatever its version and its inputs, and under the machine's own id. An agent's word
for it would be its configuration, which names machines that never answered, and none of those that a file brings up.
"""

import time
from collections.abc import Collection
from uuid import UUID

import structlog

from plantwright.agents import machines_repository as repository
from plantwright.core.database import Database
from plantwright.core.recently_used import RecentlyUsed

log = structlog.get_logger()

CAPACITY = 200_000
# A reading costs a look into memory; a machine costs a row an hour.
REFRESH_SECONDS = 3_600.0


class MachineLinks:
    """What this process has noted lately is not noted again; `database` is of the `app` role."""

    def __init__(
        self, database: Database, *, capacity: int = CAPACITY, refresh_seconds: float = REFRESH_SECONDS
    ) -> None:
        self._database = database
        self._refresh_seconds = refresh_seconds
        self._noted = RecentlyUsed[tuple[UUID, UUID, str], float](capacity)

    async def note(self, tenant_id: UUID, agent_id: UUID, identifiers: Collection[str]) -> None:
        """The agent has sent readings of these machines, and they are stored: so this never fails, it is only logged.

        What could not be noted is noted with the next batch.
        """
        now = time.monotonic()
        due = [name for name in identifiers if (self._noted.get((tenant_id, agent_id, name)) or 0.0) <= now]
        if not due:
            return
        try:
            async with self._database.transaction(tenant_id) as work:
                await repository.note(work, agent_id, due)
        except Exception:
            log.exception("agent_machines_not_noted", agent=str(agent_id), machines=len(due))
            return
        for name in due:
            self._noted.put((tenant_id, agent_id, name), now + self._refresh_seconds)
