"""A flood from readings on: detectors find steps on twelve machines, and what people, lists and channels get of it."""

from collections.abc import Sequence

import asyncpg
import numpy as np
from plantwright.alerts.consumer import AlertConsumer
from plantwright.alerts.load import repository as load
from plantwright.alerts.repository import AlertFilter, page_newest_first
from plantwright.assets.models import Metric
from plantwright.core.clock import from_milliseconds, to_milliseconds, utc_now
from plantwright.detection.consumer import DetectionConsumer
from plantwright.journal.consumers import run_consumer
from plantwright.readings.consumers import run_readings_consumer
from plantwright.readings.latest import LatestConsumer

from tests.backend.notifications.channels.http_receiver import HttpReceiver
from tests.backend.notifications.conftest import Desk
from tests.backend.readings.log_writer import LogWriter, Reading
from tests.factories import MachineFactory

MACHINES = 12
USUAL_SECONDS = 900
STEP_SECONDS = 20
MINUTE_MS = 60_000


def readings_of(metric: Metric, step_ms: int, seed: int) -> list[Reading]:
    """A reading a second around 50 mm, and from `step_ms` on around 80 mm."""
    noise = np.random.default_rng(seed).normal(0, 1, USUAL_SECONDS + STEP_SECONDS)
    series = int(metric.series_id or 0)
    start = step_ms - USUAL_SECONDS * 1000
    return [
        (series, start + at * 1000, 50.0 + float(value) + (30.0 if at >= USUAL_SECONDS else 0.0), 0)
        for at, value in enumerate(noise)
    ]


async def machines(desk: Desk, make_machine: MachineFactory) -> Sequence[Metric]:
    return [(await make_machine(desk.tenant, metrics={"level": "mm"}))[1]["level"] for _ in range(MACHINES)]


async def test_a_flood_is_told_named_and_hides_nothing(
    desk: Desk, receiver: HttpReceiver, ingest: asyncpg.Connection, make_machine: MachineFactory
) -> None:
    program = await desk.webhook(receiver)
    people = await desk.channel("slack", {"webhook_url": "https://hooks.slack.com/services/T/B/x"})
    metrics = await machines(desk, make_machine)
    log = LogWriter(ingest, desk.databases, desk.tenant)
    first_ms = to_milliseconds(utc_now()) - 10 * MINUTE_MS
    for number, metric in enumerate(metrics):
        await log.flush(readings_of(metric, first_ms + number * 20_000, number))
    worker, tenant_id = desk.databases.worker, desk.tenant.id
    for consumer in (LatestConsumer(), DetectionConsumer(desk.tools.journal)):
        await run_readings_consumer(worker, tenant_id, consumer)
    await run_consumer(worker, tenant_id, AlertConsumer(desk.tools.journal))
    await desk.consume()

    async with desk.databases.app.reading(tenant_id) as work:
        [flood] = await load.running_floods(work, ["Hall 1"])
        alerts = await page_newest_first(work, AlertFilter(), None, 100)
        [first_out] = (await load.first_outs(work, [flood.id])).values()
    assert {alert.machine_id for alert in alerts} == {metric.machine_id for metric in metrics}
    assert flood.alerts == len(alerts) > 10
    oldest = min(alerts, key=lambda alert: (alert.raised_at, alert.created_at))
    assert first_out == oldest.id
    assert oldest.machine_id == metrics[0].machine_id
    assert from_milliseconds(first_ms) <= oldest.raised_at <= flood.began_at

    deliveries = await desk.deliveries()
    raised = [one.alert_id for one in deliveries if one.channel_id == program.id and one.event == "alert.raised"]
    expected = [alert.id for alert in alerts if alert.severity != "info"]
    assert (len(raised), set(raised)) == (len(expected), set(expected))
    of_people = [(one.event, one.severity) for one in deliveries if one.channel_id == people.id]
    assert ("alert_flood.began", None) in of_people
    in_flood = of_people[of_people.index(("alert_flood.began", None)) :]
    assert ("alert.raised", "warning") not in in_flood
