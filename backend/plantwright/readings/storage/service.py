"""What a tenant's readings take, and the clean-up that an admin may ask for."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from plantwright.core.clock import utc_now
from plantwright.core.database import Database, UnitOfWork
from plantwright.core.jobs import JobQueue
from plantwright.identity.models import Tier
from plantwright.journal.service import Fact, Journal
from plantwright.readings.models import StorageCleanup, StorageState
from plantwright.readings.storage import repository
from plantwright.readings.storage.expiry import Deleted, Report, delete_expired, tell_nobody
from plantwright.readings.storage.repository import MonthUsage

CLEANUP_JOB = "run_storage_cleanup"


@dataclass(frozen=True, slots=True)
class Storage:
    """As last measured; `state` is None before the first time, `cleanup` when none was ever asked for."""

    tier: Tier
    months: Sequence[MonthUsage]
    state: StorageState | None
    cleanup: StorageCleanup | None


async def read_storage(work: UnitOfWork) -> Storage:
    return Storage(
        tier=await repository.read_tier(work),
        months=await repository.read_months(work),
        state=await repository.read_state(work),
        cleanup=await repository.read_cleanup(work),
    )


async def measure(worker: Database, tenant_id: UUID, report: Report = tell_nobody) -> int:
    """Measure the days that have changed since the last time; returns how many.

    With each day goes the first of its month, where the rollup row of the month's days starts.
    """
    async with worker.reading(tenant_id) as work:
        through, days = await repository.changed_days(work)
    wanted = {*days, *(day.replace(day=1) for day in days)}
    for day in sorted(wanted):
        async with worker.reading(tenant_id) as work:
            usage = await repository.measure_day(work, day)
        async with worker.transaction(tenant_id) as work:
            await repository.keep_usage(work, usage)
            await report(work, Deleted())
    async with worker.transaction(tenant_id) as work:
        await repository.keep_state(work, through)
    return len(wanted)


async def request_cleanup(work: UnitOfWork, journal: Journal, queue: JobQueue, actor_id: UUID) -> None:
    """Have a worker clean up; while a clean-up waits or runs, nothing more happens."""
    if not await repository.request_cleanup(work, actor_id):
        return
    tenant_id = work.tenant_id
    await journal.append(work, _fact("storage.cleanup_requested", tenant_id, actor_id, {}))
    work.after_commit(CLEANUP_JOB, lambda: queue.enqueue(CLEANUP_JOB, tenant_id))


async def run_cleanup(
    worker: Database, journal: Journal, tenant_id: UUID, merge: Callable[[UUID], Awaitable[None]]
) -> bool:
    """Do the clean-up that was asked for: merge what is due, delete what is too old, measure again.

    Args:
        worker: of the `worker` role.
        journal: gets the person who asked and what was deleted.
        tenant_id: whose.
        merge: merges what is due of a tenant's log first.

    Returns:
        False when there is none to do, or another worker is at it.
    """
    async with worker.transaction(tenant_id) as work:
        if not await repository.claim_cleanup(work):
            return False
    await merge(tenant_id)
    await measure(worker, tenant_id, _advance)
    await delete_expired(worker, tenant_id, utc_now(), report=_advance)
    await measure(worker, tenant_id, _advance)
    async with worker.transaction(tenant_id) as work:
        done = await repository.finish_cleanup(work)
        if done is not None:
            payload = {"segments": done.segments, "readings": done.readings, "rollups": done.rollups}
            await journal.append(work, _fact("storage.cleaned", tenant_id, done.requested_by, payload))
    return True


async def _advance(work: UnitOfWork, deleted: Deleted) -> None:
    await repository.advance_cleanup(
        work, segments=deleted.segments, readings=deleted.readings, rollups=deleted.rollups
    )


def _fact(action: str, tenant_id: UUID, actor_id: UUID, payload: Mapping[str, int]) -> Fact:
    return Fact(action=action, resource_type="tenant", resource_id=str(tenant_id), payload=payload, actor_id=actor_id)
