"""The right to poll one source, for as long as it is renewed in time."""

import time
from dataclasses import dataclass, field
from uuid import UUID

LEASE_SECONDS = 15.0
# Before the lease runs out by the database's clock, its holder has stopped: the difference covers the way of the last
# batch, which was begun in time.
SAFETY_SECONDS = 3.0


@dataclass(slots=True)
class Lease:
    """`until` is on this process's monotonic clock, counted from before the renewal was asked for.

    `is_lost`: somebody else has the source, or nobody may have it any more.
    """

    tenant_id: UUID
    tenant_no: int
    source_id: UUID
    epoch: int
    version: int
    sequence: int
    until: float = field(default_factory=lambda: time.monotonic() + LEASE_SECONDS)
    is_lost: bool = False

    @property
    def seconds_left(self) -> float:
        """Until the holder has to stop polling."""
        return self.until - SAFETY_SECONDS - time.monotonic()

    def renewed(self, asked_at: float) -> None:
        self.until = asked_at + LEASE_SECONDS
