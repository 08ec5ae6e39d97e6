"""Senders that repeat, contradict and re-order what they say, or whose clocks jump, against a plain Python model.

Through the real door and the real worker; what the log, the rollups and the latest table hold is compared with what
a few lines of Python say that they must hold.
"""

import asyncio
import random
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import httpx
from plantwright.identity.models import Role, Tier
from plantwright.journal.service import Journal
from sqlalchemy import text

from tests.conftest import Databases
from tests.factories import MachineFactory, MadeTenant, TenantFactory
from tests.graphql_client import GraphQLClient
from tests.integration.audit import stored, wait_until_consumed, wait_until_merged
from tests.integration.plant import METRIC, ColumnSender, Sender
from tests.integration.subscriber import connected
from tests.stack import Stack

MINUTE, HOUR, DAY = 60, 3_600, 86_400
BATCHES, PER_BATCH, SPAN_SECONDS = 60, 40, 3 * HOUR
IN_FUTURE = "Timestamp is more than 5 minutes in the future"
READINGS = """
subscription Readings($machine: ID!) { readings(machineId: $machine) { series { times values } } }"""

_ROLLUPS = text("""
    SELECT start, places, counts, lasts, coalesce(sums, lasts) AS sums, coalesce(minimums, lasts) AS minimums,
           coalesce(maximums, lasts) AS maximums
    FROM rollup WHERE series_id = :series AND bucket_seconds = :seconds""")
_LATEST = text("""
    SELECT (extract(epoch FROM time) * 1000)::bigint AS time_ms, value FROM latest_reading WHERE series_id = :series""")

Reading: TypeAlias = tuple[int, float]
# Count, last, sum, least and greatest.
Bucket: TypeAlias = tuple[int, float, float, float, float]


@dataclass
class Model:
    """What a series must hold after these readings came in this order."""

    readings: list[Reading] = field(default_factory=list)

    def latest(self) -> Reading:
        return max(self.settled().items())

    def settled(self) -> dict[int, float]:
        """Of several readings of one time the one that came last counts."""
        return dict(self.readings)

    def rollup(self, seconds: int) -> dict[int, Bucket]:
        """By number of the bucket since 1970."""
        values = defaultdict(list)
        for time_ms, value in sorted(self.settled().items()):
            values[time_ms // 1_000 // seconds].append(value)
        return {number: (len(v), v[-1], sum(v), min(v), max(v)) for number, v in values.items()}


async def assert_as(model: Model, databases: Databases, tenant: MadeTenant, sender: Sender) -> None:
    """The log, its rollups and the latest table are those of the model."""
    metric = sender.metrics[METRIC]
    assert Counter(await stored(databases, tenant, metric)) == Counter(model.readings)
    assert await latest(databases, tenant, sender) == model.latest()
    async with databases.app.reading(tenant.id) as work:
        for seconds in (MINUTE, HOUR, DAY):
            rows = await work.execute(_ROLLUPS, {"series": metric.series_id, "seconds": seconds})
            assert dict(buckets_of(rows, seconds)) == model.rollup(seconds)


def buckets_of(rows: Any, seconds: int) -> Iterator[tuple[int, Bucket]]:
    for row in rows:
        first = int(row.start.timestamp()) // seconds
        columns = (row.counts, row.lasts, row.sums, row.minimums, row.maximums)
        for place, bucket in zip(row.places, zip(*columns, strict=True), strict=True):
            yield first + place, bucket


async def latest(databases: Databases, tenant: MadeTenant, sender: Sender) -> Reading:
    async with databases.app.reading(tenant.id) as work:
        row = (await work.execute(_LATEST, {"series": sender.metrics[METRIC].series_id})).one()
    return row.time_ms, row.value


class Muddle:
    """Batches that overlap and contradict each other and themselves, in no order of time; some come twice."""

    def __init__(self, sender: Sender, columns: Sender) -> None:
        self.model = Model()
        self._forms = (sender, columns)
        self._moments = random.Random(4)  # noqa: S311 - reproducible, no secret
        self._start_ms = (time.time_ns() // 1_000_000 // (DAY * 1000) - 2) * DAY * 1000 + 12 * HOUR * 1000
        self._sent: list[list[Reading]] = []

    async def send(self, batches: int) -> None:
        for _ in range(batches):
            batch = self._batch()
            self._sent.append(batch)
            await self._post(len(self._sent), batch, 207)
            self.model.readings += batch
            number = self._moments.randint(1, len(self._sent))
            if self._moments.random() < 0.3:
                await self._post(number, self._sent[number - 1], 207)
            if self._moments.random() < 0.3:
                await self._post(number, [(time_ms, value + 1) for time_ms, value in self._sent[number - 1]], 409)

    def _batch(self) -> list[Reading]:
        begin = self._moments.randrange(SPAN_SECONDS)
        times = [self._start_ms + 1_000 * (begin + self._moments.randrange(90)) for _ in range(PER_BATCH)]
        # Quarters, so that sums are the same in any order of adding.
        return [(time_ms, self._moments.randrange(400) / 4) for time_ms in times]

    async def _post(self, number: int, batch: list[Reading], status: int) -> None:
        sender = self._moments.choice(self._forms)
        answer = await sender.post(sender.readings([at for at, _ in batch], [value for _, value in batch]), number)
        assert answer.status_code == status, answer.text
        if status == 207:
            assert answer.json() == {"accepted_count": len(batch), "rejected_count": 0, "errors": []}


async def test_batches_that_overlap_and_contradict_end_as_the_model_says(
    stack: Stack, databases: Databases, journal: Journal, tenant: MadeTenant, make_machine: MachineFactory
) -> None:
    sender = await Sender.make(stack.url, databases, journal, tenant, make_machine)
    columns = ColumnSender(sender.url, sender.key, sender.machine, sender.metrics, sender.agent)
    muddle = Muddle(sender, columns)
    # The second half comes late: into hours that are merged and rolled up.
    for _ in range(2):
        await muddle.send(BATCHES // 2)
        await wait_until_consumed(databases, tenant)
        await wait_until_merged(databases, tenant)
        await assert_as(muddle.model, databases, tenant, sender)


async def test_a_series_that_changes_its_unit_is_refused_reading_by_reading(
    stack: Stack, databases: Databases, journal: Journal, tenant: MadeTenant, make_machine: MachineFactory
) -> None:
    sender = await Sender.make(stack.url, databases, journal, tenant, make_machine)
    now = time.time_ns() // 1_000_000
    batch = sender.readings([now - 3_000, now - 2_000, now - 1_000], [1.0, 2.0, 3.0])
    batch[1]["unit"] = "in/s"
    answer = (await sender.post(batch, 1)).json()
    assert (answer["accepted_count"], answer["rejected_count"]) == (2, 1)
    [error] = answer["errors"]
    assert error["index"] == 1
    assert error["error"] == "Unit must be 'mm/s' as in the first reading of this metric"
    assert await stored(databases, tenant, sender.metrics[METRIC]) == [(now - 3_000, 1.0), (now - 1_000, 3.0)]


async def test_readings_of_a_clock_that_jumps_keep_their_times_and_none_is_lost(
    stack: Stack, databases: Databases, journal: Journal, tenant: MadeTenant, make_machine: MachineFactory
) -> None:
    sender = await Sender.make(stack.url, databases, journal, tenant, make_machine)
    now = time.time_ns() // 1_000_000
    minutes = 60_000
    # A minute ahead, four, back to the truth, an hour back as for winter time, a day back, and the truth again.
    offsets = [0, minutes, 4 * minutes, 0, -60 * minutes, -24 * 60 * minutes, 0]
    model = Model()
    async with connected(stack.websocket_url, await token_of(stack, tenant)) as subscriber:
        await subscriber.subscribe(READINGS, {"machine": str(sender.machine.id)})
        await asyncio.sleep(0.5)
        for place, offset in enumerate(offsets):
            times = [now + offset + 1_000 * place + 100 * tick for tick in range(5)]
            values = [float(10 * place + tick) for tick in range(5)]
            assert (await sender.send(times, values)).json()["accepted_count"] == 5
            model.readings += zip(times, values, strict=True)
        shown: list[Reading] = []
        while len(shown) < len(model.readings):
            for series in (await subscriber.data())["readings"]["series"]:
                shown += zip(series["times"], series["values"], strict=True)
    refused = (await sender.send([now + 60 * minutes], [99.0])).json()
    assert [error["error"] for error in refused["errors"]] == [IN_FUTURE]

    # The live view shows every reading at its own time, whatever the clock did before.
    assert Counter(shown) == Counter(model.readings)
    await wait_until_consumed(databases, tenant)
    assert Counter(await stored(databases, tenant, sender.metrics[METRIC])) == Counter(model.readings)
    # The latest stays the one that was ahead, until time has caught up with it.
    ahead = (now + 4 * minutes + 2_000 + 400, 24.0)
    assert await latest(databases, tenant, sender) == model.latest() == ahead
    await sender.send([ahead[0] + 1], [25.0])
    await wait_until_consumed(databases, tenant)
    assert await latest(databases, tenant, sender) == (ahead[0] + 1, 25.0)


async def test_ten_thousand_new_metrics_are_refused_past_the_limit_and_known_ones_go_on(
    stack: Stack, databases: Databases, journal: Journal, make_tenant: TenantFactory, make_machine: MachineFactory
) -> None:
    tenant = await make_tenant(Tier.FREE)
    sender = await Sender.make(stack.url, databases, journal, tenant, make_machine)
    now = time.time_ns() // 1_000_000
    [known] = sender.readings([now], [1.0])
    accepted, errors = 0, Counter[str]()
    for sequence in range(10):
        new = [known | {"metric_name": f"metric_{sequence}_{number}"} for number in range(1_000)]
        answer = (await sender.post(new, sequence + 1)).json()
        accepted += answer["accepted_count"]
        errors.update(error["error"] for error in answer["errors"])
    # One was there before.
    assert accepted == 199
    assert errors == {"The tenant has 200 metrics, the most its tier allows: no new metric is made": 9_801}
    sender.sequence = 10
    assert await sender.deliver([known]) == 1
    assert await stored(databases, tenant, sender.metrics[METRIC]) == [(now, 1.0)]


async def token_of(stack: Stack, tenant: MadeTenant) -> str:
    async with httpx.AsyncClient(base_url=stack.url) as client:
        return await GraphQLClient(client).login(tenant, Role.VIEWER)
