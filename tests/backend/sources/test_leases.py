"""One holder at a time, and nothing doubled, whatever the holders believe."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest
from plantwright.assets.models import Machine
from plantwright.assets.series import SeriesCache
from plantwright.core.settings import Settings
from plantwright.readings.ingest.writer import GroupCommitWriter
from plantwright.sources import lease_repository
from plantwright.sources.lease import Lease
from plantwright.sources.sink import ReadingsSink, Room, Stores
from plantwright_agent.samples import Collected, RawSample, Tag

from tests.agent.modbus_plant import Plant as ModbusPlant
from tests.backend.sources.conftest import Doors, Log, Workers
from tests.backend.sources.waiting import until
from tests.conftest import Databases
from tests.factories import MadeTenant

SECONDS = 15.0


async def claim(databases: Databases, tenant: MadeTenant, source_id: UUID, holder: UUID) -> Lease | None:
    async with databases.worker.transaction(tenant.id) as work:
        made = await lease_repository.claim(work, source_id, holder, SECONDS)
    if made is None:
        return None
    return Lease(tenant.id, made.tenant_no, source_id, made.epoch, made.version, made.sequence)


async def expire(owner: asyncpg.Connection, source_id: UUID) -> None:
    await owner.execute("SET session_replication_role = replica")
    await owner.execute(
        "UPDATE ingest_source_runtime SET lease_until = now() - interval '1 second' WHERE source_id = $1", source_id
    )


async def test_of_many_who_try_at_once_one_gets_it(
    doors: Doors, databases: Databases, tenant: MadeTenant, modbus: ModbusPlant
) -> None:
    source_id = UUID((await doors.modbus(modbus))["id"])
    claims = await asyncio.gather(*(claim(databases, tenant, source_id, uuid4()) for _ in range(6)))
    assert [lease.epoch for lease in claims if lease is not None] == [1]
    assert await claim(databases, tenant, source_id, uuid4()) is None


async def test_an_expired_lease_goes_to_the_next_and_cannot_be_renewed_by_the_first(
    doors: Doors, databases: Databases, tenant: MadeTenant, modbus: ModbusPlant, owner: asyncpg.Connection
) -> None:
    source_id = UUID((await doors.modbus(modbus))["id"])
    first, second = uuid4(), uuid4()
    lease = await claim(databases, tenant, source_id, first)
    assert lease is not None
    await expire(owner, source_id)
    taken = await claim(databases, tenant, source_id, second)
    assert taken is not None
    assert (taken.epoch, taken.sequence) == (2, lease.sequence + 1)
    beat = lease_repository.Beat(source_id, 1, "ok", datetime.now(UTC), "", None, None, 0, 0, 0)
    async with databases.worker.transaction(tenant.id) as work:
        assert await lease_repository.renew(work, first, [beat], SECONDS) == {}
        await lease_repository.release(work, source_id, first, 1)
    assert await claim(databases, tenant, source_id, uuid4()) is None


class Writing:
    """Sinks with a writer of their own."""

    def __init__(self, settings: Settings, databases: Databases, machine: Machine) -> None:
        self._machine = machine
        self._writer = GroupCommitWriter(settings.role_url("ingest"), lambda _: None)
        self._stores = Stores(databases.worker, SeriesCache(databases.worker), self._writer, Room())
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        await self._writer.start()

    def sink(self, lease: Lease) -> ReadingsSink:
        sink = ReadingsSink(self._stores, lease, {})
        self._tasks.append(asyncio.create_task(sink.run()))
        return sink

    def collected(self, *values: float) -> Collected:
        tag = Tag(self._machine.identifier, "speed", "rpm", "t")
        now = datetime.now(UTC)
        return Collected(
            tuple(RawSample(tag, value, now + timedelta(milliseconds=place)) for place, value in enumerate(values))
        )

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._writer.stop()


async def test_what_a_stale_holder_still_sends_is_refused(
    doors: Doors,
    settings: Settings,
    databases: Databases,
    tenant: MadeTenant,
    machine: Machine,
    modbus: ModbusPlant,
    owner: asyncpg.Connection,
    log: Log,
) -> None:
    """It stood still for a while, and does not know that its lease is another's."""
    source_id = UUID((await doors.modbus(modbus))["id"])
    writing = Writing(settings, databases, machine)
    await writing.start()
    try:
        stale = await claim(databases, tenant, source_id, uuid4())
        assert stale is not None
        old = writing.sink(stale)
        await old.add("", writing.collected(1.0))
        await old.drained(10)
        await expire(owner, source_id)
        fresh = await claim(databases, tenant, source_id, uuid4())
        assert fresh is not None
        new = writing.sink(fresh)
        await old.add("", writing.collected(2.0))
        await new.add("", writing.collected(3.0))
        await old.drained(10)
        await new.drained(10)
        await new.add("", writing.collected(4.0, 5.0))
        await new.drained(10)
        assert [row["value"] for row in await log.readings("speed")] == [1.0, 3.0, 4.0, 5.0]
        assert (stale.is_lost, fresh.is_lost) == (True, False)
    finally:
        await writing.stop()


async def test_a_repeated_value_is_stored_once(
    doors: Doors,
    settings: Settings,
    databases: Databases,
    tenant: MadeTenant,
    machine: Machine,
    modbus: ModbusPlant,
    owner: asyncpg.Connection,
    log: Log,
) -> None:
    """An OPC UA server tells the last value, with its old time, to whoever comes anew: so to the next holder."""
    source_id = UUID((await doors.modbus(modbus))["id"])
    writing = Writing(settings, databases, machine)
    await writing.start()
    try:
        lease = await claim(databases, tenant, source_id, uuid4())
        assert lease is not None
        said = writing.collected(7.0)
        sink = writing.sink(lease)
        for _ in range(2):
            await sink.add("", said)
        await sink.drained(10)
        async with databases.worker.reading(tenant.id) as work:
            newest = await lease_repository.newest_stored(work, machine.id, ["speed", "other"])
        (row,) = await log.readings("speed")
        assert newest == {"speed": (round(row["time"].timestamp() * 1000), 7.0)}
    finally:
        await writing.stop()


async def test_sources_are_spread_and_a_clean_stop_hands_them_over(
    doors: Doors, workers: Workers, modbus: ModbusPlant
) -> None:
    made = {UUID((await doors.modbus(modbus))["id"]) for _ in range(6)}
    first = await workers.start()

    async def first_has_all() -> bool:
        return first.held == made

    await until(first_has_all)
    second = await workers.start()

    async def is_shared() -> bool:
        return len(first.held) == len(second.held) == 3 and first.held | second.held == made

    await until(is_shared)
    await first.stop()

    async def second_has_all() -> bool:
        return second.held == made

    await until(second_has_all, 10)


async def test_nothing_is_asked_per_tenant_while_nothing_is_to_do(
    workers: Workers, databases: Databases, statements: list[str]
) -> None:
    polling = await workers.start(beat_seconds=60)

    async def has_beaten() -> bool:
        return any("pg_locks" in statement for statement in statements)

    await until(has_beaten)
    statements.clear()
    await polling.beat()
    assert len(statements) == 1, statements


@pytest.mark.parametrize("left", [0.0, -5.0])
def test_polling_stops_before_the_lease_runs_out(left: float) -> None:
    lease = Lease(uuid4(), 1, uuid4(), 1, 1, 1)
    assert 11.0 < lease.seconds_left <= 12.0
    lease.until -= 12.0 - left
    assert lease.seconds_left <= left
