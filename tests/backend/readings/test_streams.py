"""Keys of batches are forgotten in two steps, and a batch is never stored twice for that."""

from datetime import timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest
from plantwright.core.clock import utc_now
from plantwright.readings.ingest.batch import BatchKey
from plantwright.readings.ingest.streams import KEPT, LEARNED_AFTER, ROWS_AT_ONCE, ForgottenStreams, forget_batches
from sqlalchemy import event

from tests.conftest import Databases
from tests.factories import MadeTenant

AGENT = uuid4()
MINUTE = timedelta(minutes=1)
OLD = KEPT + MINUTE
INSERT = """
    INSERT INTO ingest_batch (tenant_no, agent, stream, sequence, accepted, received_at)
    VALUES ($1, $2, $3, $4, 1, now() - $5::interval)"""


class Keys:
    """The batch keys of one tenant, and a worker that forgets them."""

    def __init__(self, owner: asyncpg.Connection, databases: Databases, tenant: MadeTenant) -> None:
        self._owner = owner
        self._databases = databases
        self.tenant = tenant

    async def put(self, ages: dict[int, timedelta], stream: str = "press", agent: UUID = AGENT) -> None:
        """Ages by sequence."""
        rows = [(self.tenant.number, agent, stream, sequence, age) for sequence, age in ages.items()]
        await self._owner.executemany(INSERT, rows)

    async def left(self, stream: str = "press") -> list[int]:
        rows = await self._owner.fetch(
            "SELECT sequence FROM ingest_batch WHERE tenant_no = $1 AND stream = $2 ORDER BY sequence",
            self.tenant.number,
            stream,
        )
        return [row["sequence"] for row in rows]

    async def forget(self, later: timedelta = timedelta()) -> int:
        return await forget_batches(self._databases.worker, self.tenant.id, utc_now() + later)

    async def are_forgotten(
        self, *sequences: int, stream: str = "press", known: ForgottenStreams | None = None
    ) -> list[bool]:
        known = known or ForgottenStreams(self._databases.app)
        keys = [BatchKey(AGENT, stream, sequence) for sequence in sequences]
        return [await known.is_forgotten(self.tenant.id, self.tenant.number, key) for key in keys]


@pytest.fixture
def keys(owner: asyncpg.Connection, databases: Databases, tenant: MadeTenant) -> Keys:
    return Keys(owner, databases, tenant)


async def test_a_key_is_told_of_first_and_goes_later(keys: Keys) -> None:
    await keys.put({1: OLD, 2: OLD, 3: MINUTE})

    assert await keys.forget() == 0
    assert await keys.left() == [1, 2, 3]
    assert await keys.are_forgotten(1, 2, 3, 4) == [True, True, False, False]
    assert await keys.forget(LEARNED_AFTER - MINUTE) == 0
    assert await keys.left() == [1, 2, 3]

    assert await keys.forget(LEARNED_AFTER + MINUTE) == 2
    assert await keys.left() == [3]
    assert await keys.are_forgotten(1, 2, 3) == [True, True, False]


async def test_an_old_key_above_a_young_one_stays(keys: Keys) -> None:
    """A batch that was delayed for days has a lower number than others that are old already."""
    await keys.put({1: OLD, 2: MINUTE, 3: OLD})

    await keys.forget()
    await keys.forget(LEARNED_AFTER + MINUTE)

    assert await keys.left() == [2, 3]
    assert await keys.are_forgotten(1, 2, 3) == [True, False, False]


async def test_streams_and_agents_are_told_apart(keys: Keys) -> None:
    await keys.put({5: OLD, 6: OLD}, "press")
    await keys.put({3: OLD, 4: OLD}, "paint")
    await keys.put({9: OLD, 10: OLD}, "press", agent=uuid4())
    await keys.put({7: MINUTE, 8: MINUTE}, "saw")

    await keys.forget()
    assert await keys.forget(LEARNED_AFTER + MINUTE) == 3

    assert await keys.are_forgotten(5, 6) == [True, False]
    assert await keys.are_forgotten(3, 4, stream="paint") == [True, False]
    assert await keys.are_forgotten(1, 7, stream="saw") == [False, False]
    assert await keys.left("saw") == [7, 8]


async def test_the_last_key_of_a_stream_stays_however_old(keys: Keys) -> None:
    """Its sender may have been away for months before it asks again for the answer."""
    await keys.put({1: OLD, 2: OLD + 100 * OLD})

    await keys.forget()
    await keys.forget(LEARNED_AFTER + MINUTE)

    assert await keys.left() == [2]
    assert await keys.are_forgotten(1, 2) == [True, False]


async def test_keys_told_of_are_gone_before_further_ones_are_told_of(keys: Keys) -> None:
    """Otherwise the moment from which a key may go would move on for ever."""
    await keys.put({1: OLD, 2: OLD})
    await keys.forget()
    await keys.put({3: OLD})
    await keys.forget()
    assert await keys.are_forgotten(1, 2, 3) == [True, False, False]

    assert await keys.forget(LEARNED_AFTER + MINUTE) == 1

    assert await keys.left() == [2, 3]
    assert await keys.are_forgotten(1, 2, 3) == [True, True, False]


async def test_many_keys_go_in_several_steps(keys: Keys) -> None:
    many = ROWS_AT_ONCE + 10
    await keys.put(dict.fromkeys(range(1, many + 2), OLD))
    await keys.forget()

    assert await keys.forget(LEARNED_AFTER + MINUTE) == many

    assert await keys.left() == [many + 1]


async def test_a_process_learns_after_its_refresh_and_asks_once(keys: Keys, databases: Databases) -> None:
    lasting = ForgottenStreams(databases.app)
    brief = ForgottenStreams(databases.app, refresh_seconds=0)
    await keys.put({1: OLD, 2: OLD})
    assert await keys.are_forgotten(1, known=lasting) == await keys.are_forgotten(1, known=brief) == [False]
    await keys.forget()
    statements: list[str] = []
    event.listen(databases.app.engine.sync_engine, "before_cursor_execute", lambda *given: statements.append(given[2]))

    assert await keys.are_forgotten(1, 1, known=lasting) == [False, False]
    assert statements == []
    assert await keys.are_forgotten(1, known=brief) == [True]
    assert statements


async def test_another_tenants_streams_are_its_own(keys: Keys, databases: Databases) -> None:
    await keys.put({1: OLD, 2: OLD})
    await keys.forget()
    known = ForgottenStreams(databases.app)

    stranger = await known.is_forgotten(keys.tenant.admin_id, keys.tenant.number, BatchKey(AGENT, "press", 1))

    assert not stranger
