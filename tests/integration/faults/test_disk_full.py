"""The disk under PostgreSQL fills up: batches are refused with the reason, and taken once there is room again."""

import random
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import asyncpg
import httpx
import pytest
from plantwright.core.migrate import migrate
from plantwright.core.settings import Settings
from plantwright.embedded.services import Services
from plantwright.journal.service import Journal
from plantwright.readings.ingest.outages import NO_SPACE, NO_SPACE_RETRY_SECONDS

from tests.conftest import AUDIT_KEY, SECRET_KEY, Databases
from tests.factories import MachineFactory, MadeTenant
from tests.integration.audit import assert_intact, stored, wait_until_consumed
from tests.integration.faults.small_disk import SmallDisk, small_disk, why_impossible
from tests.integration.plant import METRIC, ColumnSender, Sender
from tests.stack import Stack, running_stack

PER_BATCH = 5_000
# More than what is free in the pages and the log that exist already.
MOST_BATCHES = 500
START_MS = 1_767_225_600_000


@pytest.fixture(scope="module")
def disk() -> Iterator[SmallDisk]:
    with TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o711)
        reason = why_impossible(folder)
        if reason is not None:
            pytest.skip(reason)
        with small_disk(folder) as made:
            yield made


@pytest.fixture(scope="module")
def settings(disk: SmallDisk, services: Services) -> Settings:
    made = Settings.model_validate(
        {
            "DATABASE_URL": disk.database_url,
            "REDIS_URL": services.redis_url,
            "PLANTWRIGHT_SECRET_KEY": SECRET_KEY,
            "PLANTWRIGHT_AUDIT_HMAC_KEY": AUDIT_KEY,
            "PLANTWRIGHT_DATA_DIR": str(services.data_dir),
        }
    )
    migrate(made)
    return made


@pytest.fixture(scope="module")
def stack(settings: Settings) -> Iterator[Stack]:
    with running_stack(settings) as running:
        yield running


@pytest.fixture
async def sender(
    stack: Stack, databases: Databases, journal: Journal, tenant: MadeTenant, make_machine: MachineFactory
) -> Sender:
    return await ColumnSender.make(stack.url, databases, journal, tenant, make_machine)


class Numbered:
    """Batches of numbered seconds with values that do not compress, and those that were acknowledged."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender
        self.acknowledged: list[tuple[int, float]] = []

    def batch(self, sequence: int) -> list[tuple[int, float]]:
        noise = random.Random(sequence)  # noqa: S311 - no secret
        first = START_MS + sequence * PER_BATCH * 1_000
        return [(first + 1_000 * place, noise.random()) for place in range(PER_BATCH)]

    def readings(self, sequence: int) -> list[dict[str, Any]]:
        batch = self.batch(sequence)
        return self._sender.readings([time for time, _ in batch], [value for _, value in batch])

    async def post(self, sequence: int) -> httpx.Response:
        answer = await self._sender.post(self.readings(sequence), sequence)
        if answer.status_code == 207:
            self.acknowledged += self.batch(sequence)
        return answer

    async def deliver(self, sequence: int) -> None:
        await self._sender.deliver_as(sequence, self.readings(sequence))
        self.acknowledged += self.batch(sequence)

    async def post_until_refused(self, first: int) -> tuple[int, httpx.Response]:
        """The number that was refused, and how."""
        for sequence in range(first, first + MOST_BATCHES):
            answer = await self.post(sequence)
            if answer.status_code != 207:
                return sequence, answer
        raise AssertionError("a full disk took everything")


async def test_a_full_disk_refuses_with_the_reason_and_goes_on_once_there_is_room(
    sender: Sender, disk: SmallDisk, stack: Stack, databases: Databases, journal: Journal, tenant: MadeTenant
) -> None:
    numbered = Numbered(sender)
    assert (await numbered.post(1)).status_code == 207
    await wait_until_consumed(databases, tenant)
    disk.fill()
    sequence, refused = await numbered.post_until_refused(2)
    assert (refused.status_code, refused.json()) == (503, {"detail": NO_SPACE})
    assert refused.headers["retry-after"] == str(NO_SPACE_RETRY_SECONDS)
    assert NO_SPACE in stack.log.read_text()
    # What is stored can still be read.
    assert await stored(databases, tenant, sender.metrics[METRIC]) == numbered.acknowledged

    disk.empty()
    assert not disk.start_again(), "PostgreSQL ended although its log had room"
    assert (await numbered.post(sequence)).status_code == 207
    assert stack.api.poll() is None
    await wait_until_consumed(databases, tenant)
    assert await stored(databases, tenant, sender.metrics[METRIC]) == numbered.acknowledged
    await assert_intact(databases, journal, tenant)


async def test_new_metrics_are_refused_by_a_full_disk_with_the_reason_too(sender: Sender, disk: SmallDisk) -> None:
    disk.fill()
    [reading] = sender.readings([START_MS], [1.0])
    try:
        for sequence in range(1, MOST_BATCHES):
            batch = [reading | {"metric_name": f"metric_{sequence}_{number}"} for number in range(1_000)]
            answer = await sender.post(batch, sequence)
            if answer.status_code != 207:
                break
    finally:
        disk.empty()
    assert (answer.status_code, answer.json()) == (503, {"detail": NO_SPACE})
    assert (await sender.post(batch, sequence)).json()["accepted_count"] == len(batch)


async def test_a_postgres_that_ended_for_want_of_room_loses_nothing_that_was_acknowledged(
    sender: Sender, disk: SmallDisk, stack: Stack, databases: Databases, journal: Journal, tenant: MadeTenant
) -> None:
    numbered = Numbered(sender)
    assert (await numbered.post(1)).status_code == 207
    disk.fill()
    await use_up_the_log(disk)
    refused = await numbered.post(2)
    assert refused.status_code == 503
    assert int(refused.headers["retry-after"]) >= 1

    disk.empty()
    assert disk.start_again(), "PostgreSQL went on without room for its log"
    await numbered.deliver(2)
    assert stack.api.poll() is None
    await wait_until_consumed(databases, tenant)
    assert await stored(databases, tenant, sender.metrics[METRIC]) == numbered.acknowledged
    await assert_intact(databases, journal, tenant)


async def use_up_the_log(disk: SmallDisk) -> None:
    """Until the server ends because it can begin no new file of its write-ahead log."""
    owner = await asyncpg.connect(disk.database_url)
    try:
        while True:
            await owner.execute("SELECT pg_logical_emit_message(false, 'test', 'any'), pg_switch_wal()")
    except (asyncpg.PostgresConnectionError, asyncpg.InterfaceError):
        pass
    finally:
        owner.terminate()
