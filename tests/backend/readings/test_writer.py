"""Stored once, acknowledged after the commit, whatever happens to the connection."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
from plantwright.core.settings import Settings

from tests.backend.readings.door import Door, KeyRing, PlainTenant, reading
from tests.factories import MachineFactory

AGENT = "00000000-0000-7000-8000-000000000001"


def batch_key(sequence: int, stream: str = "opcua") -> dict[str, Any]:
    return {"agent": AGENT, "stream": stream, "sequence": sequence}


async def values(door: Door) -> list[float]:
    return sorted(row[2] for row in await door.rows())


async def test_a_repeated_batch_is_acknowledged_and_not_stored_twice(door: Door) -> None:
    first = await door.post([reading(1), reading(2, seconds=1)], **batch_key(1))
    again = await door.post([reading(1), reading(2, seconds=1)], **batch_key(1))

    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert first.json()["accepted_count"] == 2
    assert await values(door) == [1, 2]


async def test_a_repeated_batch_gets_its_first_answer(door: Door, make_machine: MachineFactory) -> None:
    """The reading refused the first time was not stored: the repetition must not say that it was."""
    batch = [reading(1), reading(2, machine_identifier="LATE-1")]
    door.endpoint._series._unknown_seconds = 0.0
    first = await door.post(batch, **batch_key(1))
    await make_machine(door.tenant, "LATE-1")

    again = await door.post(batch, **batch_key(1))

    assert first.json()["rejected_count"] == 1
    assert again.json() == first.json()
    assert await values(door) == [1]


async def test_batches_differ_by_agent_stream_and_sequence(door: Door) -> None:
    await door.post([reading(1)], **batch_key(1))
    await door.post([reading(2)], **batch_key(2))
    await door.post([reading(3)], **batch_key(1, "modbus"))
    await door.post([reading(4)], **batch_key(1) | {"agent": str(uuid4())})

    assert await values(door) == [1, 2, 3, 4]


async def test_the_same_key_of_another_tenant_is_another_batch(
    door: Door, keys: KeyRing, plain_tenant: PlainTenant, make_machine: MachineFactory
) -> None:
    other = await plain_tenant()
    await make_machine(other, "PUMP-1")
    await door.post([reading(1)], **batch_key(1))
    door.key = keys.add(other)

    assert (await door.post([reading(2)], **batch_key(1))).json()["accepted_count"] == 1
    assert [row[2] for row in await door.rows(other)] == [2]


async def test_copies_that_arrive_together_are_stored_once(door: Door) -> None:
    sends = [door.post([reading(number)], **batch_key(number)) for number in (1, 2, 3) for _ in range(10)]

    answers = await asyncio.gather(*sends)

    assert {answer.status_code for answer in answers} == {207}
    assert {answer.json()["accepted_count"] for answer in answers} == {1}
    assert await values(door) == [1, 2, 3]


async def test_a_copy_among_new_batches_harms_none_of_them(door: Door) -> None:
    await door.post([reading(5)], **batch_key(5))

    answers = await asyncio.gather(*(door.post([reading(number)], **batch_key(number)) for number in range(1, 9)))

    assert {answer.status_code for answer in answers} == {207}
    assert await values(door) == [1, 2, 3, 4, 5, 6, 7, 8]


@pytest.mark.parametrize("together", [False, True])
async def test_another_batch_under_the_same_key_is_refused_and_says_so(door: Door, *, together: bool) -> None:
    first, second = (door.post([reading(number)], **batch_key(1)) for number in (1, 2))
    answers = await asyncio.gather(first, second) if together else [await first, await second]

    refused = answers[1].json()["detail"]
    assert [answer.status_code for answer in answers] == [207, 409]
    assert refused.startswith("Number 1 of stream 'opcua' was used before, for other readings.")
    assert await values(door) == [1]


@pytest.mark.parametrize(
    "change", [{"seconds": 1}, {"metric_name": "pressure"}, {"machine_identifier": "NONE"}, {"quality": "bad"}]
)
async def test_any_difference_makes_it_another_batch(door: Door, change: dict[str, Any]) -> None:
    await door.post([reading(1), reading(3)], **batch_key(1))

    assert (await door.post([reading(1, **change), reading(3)], **batch_key(1))).status_code == 409


async def test_a_number_whose_key_is_forgotten_is_refused_too(door: Door, settings: Settings) -> None:
    owner = await asyncpg.connect(settings.owner_url())
    await owner.execute(
        "INSERT INTO ingest_stream (tenant_no, agent, stream, forgotten_through) VALUES ($1, $2, 'opcua', 7)",
        door.tenant.number,
        AGENT,
    )
    await owner.close()

    refused, accepted = [await door.post([reading(number)], **batch_key(number)) for number in (7, 8)]

    assert (refused.status_code, accepted.status_code) == (409, 207)
    assert await values(door) == [8]


async def test_batches_without_a_key_are_all_stored(door: Door) -> None:
    await asyncio.gather(*(door.post([reading(number)]) for number in range(20)))

    assert await values(door) == list(range(20))


async def kill_ingest_connections(settings: Settings) -> int:
    owner = await asyncpg.connect(settings.owner_url())
    try:
        killed = await owner.fetch(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'plantwright-ingest'"
        )
        return len(killed)
    finally:
        await owner.close()


async def test_what_was_acknowledged_is_there_exactly_once_although_connections_die(
    door: Door, settings: Settings
) -> None:
    """Senders repeat what was not acknowledged, as the agent does, while the connection is killed again and again."""
    acknowledged: list[int] = []
    refused = 0

    async def sender(first: int) -> None:
        nonlocal refused
        for number in range(first, first + 30):
            while True:
                answer = await door.post([reading(number, seconds=number)], **batch_key(number + 1))
                if answer.status_code == 207:
                    acknowledged.append(number)
                    break
                assert answer.status_code == 503
                assert answer.headers["retry-after"] == "1"
                refused += 1
                await asyncio.sleep(0.01)

    async def killer() -> int:
        kills = 0
        while True:
            try:
                kills += await kill_ingest_connections(settings)
                await asyncio.sleep(0.06)
            except asyncio.CancelledError:
                return kills

    killing = asyncio.create_task(killer())
    await asyncio.gather(*(sender(first) for first in range(0, 300, 30)))
    killing.cancel()

    assert await killing > 0
    assert refused > 0
    assert await values(door) == sorted(acknowledged) == list(range(300))


async def test_refuses_when_too_much_waits(door: Door, settings: Settings) -> None:
    door.writer._max_queued = 2_500
    owner, watcher = await asyncpg.connect(settings.owner_url()), await asyncpg.connect(settings.owner_url())
    batch = [reading(number, seconds=number) for number in range(1_000)]
    try:
        async with owner.transaction():
            await owner.execute("LOCK TABLE segment IN ACCESS EXCLUSIVE MODE")
            first = asyncio.create_task(door.post(batch))
            await until(lambda: ingest_waits(watcher))
            waiting = [asyncio.create_task(door.post(batch)) for _ in range(2)]
            await until(lambda: queue_holds(door, 2))

            refused = await door.post(batch)
    finally:
        await owner.close()
        await watcher.close()

    assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
    assert refused.json() == {"detail": "Too many readings are waiting to be stored"}
    answers = await asyncio.gather(first, *waiting)
    assert [answer.json()["accepted_count"] for answer in answers] == [1_000] * 3
    assert (await door.post([reading()])).status_code == 207


async def until(is_true: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(5):
        while not await is_true():  # noqa: ASYNC110 - the state of another process sets no event
            await asyncio.sleep(0.01)


async def queue_holds(door: Door, requests: int) -> bool:
    return len(door.writer._queue) == requests


async def ingest_waits(owner: asyncpg.Connection) -> bool:
    return bool(
        await owner.fetchval(
            "SELECT count(*) FROM pg_stat_activity "
            "WHERE application_name = 'plantwright-ingest' AND wait_event_type = 'Lock'"
        )
    )


async def test_a_stopped_writer_refuses_and_loses_no_answer(door: Door) -> None:
    posts = [asyncio.create_task(door.post([reading(number)], **batch_key(number + 1))) for number in range(50)]
    await asyncio.sleep(0.05)
    await door.writer.stop()

    answers: list[httpx.Response] = await asyncio.gather(*posts)

    stored = [number for number, answer in enumerate(answers) if answer.status_code == 207]
    assert {answer.status_code for answer in answers} <= {207, 503}
    assert set(stored) <= set(await values(door))
    assert (await door.post([reading()])).status_code == 503


async def test_a_request_that_cannot_be_stored_fails_alone(door: Door, keys: KeyRing) -> None:
    """A tenant number that no tenant has breaks the batch row's foreign key: a fault no check before it finds."""
    broken_key = "hk_broken"
    principal = keys.principals[door.key]
    keys.principals[broken_key] = type(principal)(principal.tenant_id, 999_999, principal.key_id, principal.scopes)

    def send(number: int, key: str) -> Awaitable[httpx.Response]:
        body = json.dumps({"readings": [reading(number)], **batch_key(number)})
        return door.send(body.encode(), **{"X-API-Key": key})

    answers = await asyncio.gather(send(1, door.key), send(2, broken_key), send(3, door.key))

    assert [answer.status_code for answer in answers] == [207, 500, 207]
    assert answers[1].json() == {"detail": "Internal error: the batch was not acknowledged"}
    assert await values(door) == [1, 3]


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT count(*) FROM segment",
        "SELECT count(*) FROM ingest_batch",
        "SELECT count(*) FROM reading",
        "SELECT count(*) FROM machine",
        "UPDATE segment SET flush_id = 0",
        "DELETE FROM segment",
        "DELETE FROM ingest_batch",
        "TRUNCATE segment",
        "INSERT INTO latest_reading VALUES (1, 1, now(), 1, 0)",
        "INSERT INTO segment_recent (tenant_no) VALUES (1)",
        "COPY segment TO STDOUT",
        "SELECT ensure_segment_partitions(1)",
        "CREATE TABLE mine (x int)",
    ],
)
async def test_the_ingest_role_can_only_insert(settings: Settings, statement: str) -> None:
    connection = await asyncpg.connect(settings.role_url("ingest"))
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)
    finally:
        await connection.close()
