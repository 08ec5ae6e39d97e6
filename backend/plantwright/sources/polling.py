"""The worker's part: keeps as many sources as are its share, and polls each of them under a lease.

Every process asks the same one question for all tenants every few seconds: how many sources are wanted, how many
processes poll, and which sources are free. docs/sources.md describes the protocol.
"""

import asyncio
import math
import time
from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID, uuid4

import structlog
from plantwright_agent.supervision.supervisor import Patience
from sqlalchemy.exc import SQLAlchemyError

from plantwright.assets import repository as assets
from plantwright.core.clock import from_milliseconds
from plantwright.core.database import UnitOfWork
from plantwright.core.tasks import end_task
from plantwright.core.vault import Vault
from plantwright.sources import lease_repository, repository
from plantwright.sources.addresses import DeviceGuard
from plantwright.sources.lease import LEASE_SECONDS, Lease
from plantwright.sources.lease_repository import Presence, Renewed
from plantwright.sources.polled import PolledSource
from plantwright.sources.polled_input import PolledInput, StoredSource
from plantwright.sources.sink import ReadingsSink, Stores

log = structlog.get_logger()

BEAT_SECONDS = 3.0
CLAIMED_AT_ONCE = 16
TAKEN_AT_ONCE = 4
RELEASED_AT_ONCE = 4
TENANTS_AT_ONCE = 4


class SourcePolling:
    """`stores.database` is of the `worker` role."""

    def __init__(
        self,
        stores: Stores,
        guard: DeviceGuard,
        vault: Vault,
        *,
        beat_seconds: float = BEAT_SECONDS,
        patience: Patience | None = None,
    ) -> None:
        self.holder = uuid4()
        self._stores = stores
        self._guard = guard
        self._vault = vault
        self._beat_seconds = beat_seconds
        self._patience = patience
        self._presence = Presence(stores.database)
        self._held: dict[UUID, PolledSource] = {}
        self._leaving: dict[UUID, asyncio.Task[None]] = {}
        self._loop: asyncio.Task[None] | None = None

    @property
    def held(self) -> frozenset[UUID]:
        """The sources that this process polls."""
        return frozenset(self._held)

    async def start(self) -> None:
        self._loop = asyncio.create_task(self._run(), name="source-polling")

    async def stop(self) -> None:
        """Lets go of every source, so that others take them at once."""
        if self._loop is not None:
            await end_task(self._loop)
            self._loop = None
        self._let_go(list(self._held))
        await asyncio.gather(*self._leaving.values(), return_exceptions=True)
        await self._presence.leave()

    async def _run(self) -> None:
        while True:
            is_more_free = False
            try:
                is_more_free = await self.beat()
            except (SQLAlchemyError, OSError, TimeoutError) as error:
                log.warning("source_beat_failed", error=type(error).__name__)
            except Exception:
                log.exception("source_beat_broken")
            if not is_more_free:
                await asyncio.sleep(self._beat_seconds)

    async def beat(self) -> bool:
        """Renew what is held, let go of what is no longer wanted or too much, take what is free.

        Returns whether there is more to take than one beat takes: another one should follow at once.
        """
        await self._renew()
        async with asyncio.timeout(LEASE_SECONDS / 2):
            survey = await self._presence.survey(CLAIMED_AT_ONCE)
        share = math.ceil(survey.wanted / max(1, survey.pollers))
        too_much = len(self._held) - share
        if too_much > 0:
            self._let_go(list(self._held)[-min(too_much, RELEASED_AT_ONCE) :])
        before = len(self._held)
        turns = asyncio.Semaphore(TAKEN_AT_ONCE)

        async def take(tenant_id: UUID, source_id: UUID) -> None:
            async with turns:
                await self._take(tenant_id, source_id)

        known = self._held.keys() | self._leaving.keys()
        free = [item for item in survey.free[: max(0, share - before)] if item[1] not in known]
        await asyncio.gather(*(take(*item) for item in free))
        is_cut = len(survey.free) == CLAIMED_AT_ONCE
        return is_cut and before < len(self._held) < share

    async def _renew(self) -> None:
        by_tenant: defaultdict[UUID, list[PolledSource]] = defaultdict(list)
        for polled in self._held.values():
            by_tenant[polled.lease.tenant_id].append(polled)
        turns = asyncio.Semaphore(TENANTS_AT_ONCE)

        async def renew(tenant_id: UUID, sources: Sequence[PolledSource]) -> list[UUID]:
            async with turns:
                return await self._renew_tenant(tenant_id, sources)

        results = await asyncio.gather(*(renew(*item) for item in by_tenant.items()), return_exceptions=True)
        self._let_go([source_id for result in results if isinstance(result, list) for source_id in result])
        for result in results:
            if isinstance(result, BaseException):
                log.warning("source_renewal_failed", error=type(result).__name__)

    async def _renew_tenant(self, tenant_id: UUID, sources: Sequence[PolledSource]) -> list[UUID]:
        """Renew the leases of one tenant; the sources to let go of."""
        asked_at = time.monotonic()
        beats = {polled.lease.source_id: polled.beat() for polled in sources}
        async with asyncio.timeout(LEASE_SECONDS / 2), self._stores.database.transaction(tenant_id) as work:
            renewed = await lease_repository.renew(work, self.holder, list(beats.values()), LEASE_SECONDS)
        gone = []
        for polled in sources:
            source_id = polled.lease.source_id
            now = renewed.get(source_id)
            polled.lease.is_lost |= now is None
            if polled.lease.is_lost or now != Renewed(polled.lease.version, is_wanted=True):
                gone.append(source_id)
            else:
                polled.renewed(beats[source_id], asked_at)
        return gone

    async def _take(self, tenant_id: UUID, source_id: UUID) -> None:
        try:
            async with asyncio.timeout(LEASE_SECONDS / 2), self._stores.database.transaction(tenant_id) as work:
                asked_at = time.monotonic()
                claim = await lease_repository.claim(work, source_id, self.holder, LEASE_SECONDS)
                stored = None if claim is None else await _load(work, source_id)
                if claim is None or stored is None:
                    return
                names = [tag.metric_name for tag in stored.tags]
                newest = await lease_repository.newest_stored(work, stored.source.machine_id, names)
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            log.warning("source_not_taken", source_id=str(source_id), error=type(error).__name__)
            return
        lease = Lease(
            tenant_id,
            claim.tenant_no,
            source_id,
            claim.epoch,
            claim.version,
            claim.sequence,
            until=asked_at + LEASE_SECONDS,
        )
        known = [from_milliseconds(time_ms) for time_ms, _ in newest.values()]
        self._held[source_id] = PolledSource(
            lease,
            lambda: PolledInput(stored, self._guard, self._vault),
            ReadingsSink(self._stores, lease, newest),
            unread_since=max([*known, *([claim.unread_since] if claim.unread_since else [])], default=None),
            patience=self._patience,
        )
        log.info("source_taken", source_id=str(source_id), epoch=lease.epoch)

    def _let_go(self, source_ids: Sequence[UUID]) -> None:
        """Beside the beat: a device that is slow to say goodbye must not hold up the leases of others."""
        for source_id in source_ids:
            polled = self._held.pop(source_id, None)
            if polled is not None:
                leaving = asyncio.create_task(self._let_go_of(polled), name=f"leave {source_id}")
                self._leaving[source_id] = leaving
                leaving.add_done_callback(lambda _, gone=source_id: self._leaving.pop(gone, None))  # type: ignore[misc]

    async def _let_go_of(self, polled: PolledSource) -> None:
        source_id = polled.lease.source_id
        lease, was_lost = polled.lease, polled.lease.is_lost
        await polled.stop(drains=True)
        log.info("source_let_go", source_id=str(source_id), epoch=lease.epoch, lost=was_lost)
        if was_lost:
            return
        try:
            async with self._stores.database.transaction(lease.tenant_id) as work:
                beat = polled.beat()
                await lease_repository.renew(work, self.holder, [beat], LEASE_SECONDS)
                await lease_repository.release(work, source_id, self.holder, lease.epoch)
        except (SQLAlchemyError, OSError) as error:
            log.warning("source_not_released", source_id=str(source_id), error=type(error).__name__)


async def _load(work: UnitOfWork, source_id: UUID) -> StoredSource | None:
    source = await repository.get(work, source_id)
    machine = None if source is None else await assets.get_machine(work, source.machine_id)
    if source is None or machine is None:
        return None
    tags = [tag for tag in await repository.tags_of(work, source_id) if tag.is_enabled]
    return StoredSource(source, tags, machine.identifier, await repository.get_identity(work))
