"""Settings of the machine as a whole, tried on stored readings."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
import numpy as np
import pytest
from plantwright.core.clock import from_milliseconds
from plantwright.core.errors import Unavailable, ValidationFailed
from plantwright.core.ids import uuid7
from plantwright.core.settings import Settings
from plantwright.detection.multivariate import trial
from plantwright.detection.multivariate.consumer import MachineConsumer
from plantwright.detection.multivariate.service import Span, vouch
from plantwright.detection.multivariate.settings import change_machine
from plantwright.detection.multivariate.trial import MachineTrial, try_machine_settings
from plantwright.detection.replay.derivation import Period
from plantwright.journal.models import AuditRecord
from plantwright.journal.service import Journal
from plantwright.readings.consumers import run_readings_consumer
from plantwright.readings.models import Quality
from sqlmodel import col, select

from tests.backend.detection.multivariate.support import START_MS, related
from tests.backend.readings.log_writer import LogWriter
from tests.conftest import Databases
from tests.factories import MachineFactory, MadeTenant, TenantFactory

NAMES = ("current", "flow", "power", "level")
MINUTE_MS, HOUR_MS = 60_000, 3_600_000
KNOWN, ALL = 8 * 60, 12 * 60
# Within the last four hours: two spells in which a metric is out of its relation.
FAULTS = (range(540, 580), range(640, 700))
PERIOD = Period(START_MS + 8 * HOUR_MS, START_MS + 12 * HOUR_MS)


class Shop:
    """A machine that was vouched for in its first eight hours, and what came in the four after them."""

    def __init__(
        self, databases: Databases, journal: Journal, tenant: MadeTenant, log: LogWriter, machine_id: UUID
    ) -> None:
        self.databases, self.journal, self.tenant, self.log = databases, journal, tenant, log
        self.machine_id = machine_id

    async def take(self) -> None:
        await run_readings_consumer(self.databases.worker, self.tenant.id, MachineConsumer(self.journal))

    async def tried(self, period: Period = PERIOD, max_points: int = 500, **changes: Any) -> MachineTrial:
        async with self.databases.app.snapshot(self.tenant.id) as work:
            found = await try_machine_settings(work, self.machine_id, changes, period, max_points)
        assert found is not None
        return found

    async def started(self) -> list[int]:
        """When the episodes in the journal began."""
        statement = select(AuditRecord).where(
            AuditRecord.tenant_id == self.tenant.id, col(AuditRecord.action) == "finding.started"
        )
        async with self.databases.app.reading(self.tenant.id) as work:
            return sorted(row.payload["started_ms"] for row in await work.session.exec(statement))


@pytest.fixture
async def shop(
    settings: Settings, databases: Databases, journal: Journal, tenant: MadeTenant, make_machine: MachineFactory
) -> AsyncIterator[Shop]:
    machine, metrics = await make_machine(tenant, metrics=dict.fromkeys(NAMES, "1"))
    async with databases.app.transaction(tenant.id) as work:
        for metric in metrics.values():
            work.session.add(metric)
            await work.session.refresh(metric)
    series = [int(metrics[name].series_id or 0) for name in NAMES]
    table = related(ALL)
    for fault in FAULTS:
        table[fault.start : fault.stop, 0] += 2.5
    ingest = await asyncpg.connect(settings.role_url("ingest"))
    made = Shop(databases, journal, tenant, LogWriter(ingest, databases, tenant), machine.id)
    for low, high in ((0, KNOWN), (KNOWN, ALL)):
        if low:
            await made.take()
        rows = [
            (number, START_MS + row * MINUTE_MS, float(table[row, place]), int(Quality.GOOD))
            for row in range(low, high)
            for place, number in enumerate(series)
        ]
        await made.log.flush(rows)
    async with databases.app.transaction(tenant.id) as work:
        span = Span(datetime.fromtimestamp(START_MS / 1_000, UTC), from_milliseconds(PERIOD.start_ms))
        await vouch(work, journal, tenant.admin_id, machine.id, span)
    yield made
    await ingest.close()


async def test_what_comes_next_is_found_as_the_trial_said(shop: Shop) -> None:
    """Tried on readings that the chart has not seen yet; then it sees them."""
    said = (await shop.tried()).present
    await shop.take()
    assert [episode.started_ms for episode in said.episodes] == await shop.started()
    assert len(said.episodes) == len(FAULTS)
    for episode, fault in zip(said.episodes, FAULTS, strict=True):
        assert fault.start <= (episode.started_ms - START_MS) // MINUTE_MS < fault.stop
        assert "Current" in episode.message
        assert episode.peak_score >= said.config.threshold


async def test_a_saved_setting_is_the_present_one(shop: Shop) -> None:
    proposed = (await shop.tried(threshold=3.0, confirm_frames=2)).proposed
    async with shop.databases.app.transaction(shop.tenant.id) as work:
        changes = {"threshold": 3.0, "confirm_frames": 2}
        await change_machine(work, shop.journal, shop.tenant.admin_id, shop.machine_id, changes)
    found = await shop.tried()
    assert found.present == proposed
    assert found.present == found.proposed


async def test_higher_thresholds_find_less_and_nothing_is_saved(shop: Shop) -> None:
    before = await shop.log.select("SELECT live, learnt FROM machine_chart")
    found = await shop.tried(threshold=100.0)
    assert len(found.present.episodes) == 2
    assert (found.proposed.episodes, found.proposed.per_day) == ([], [0])
    assert found.present.per_day == [2]
    assert found.proposed.config.threshold == 100.0
    assert (await shop.tried(enabled=False)).proposed.episodes == []
    assert await shop.log.select("SELECT live, learnt FROM machine_chart") == before
    assert await shop.started() == []


async def test_the_picture_loses_no_peak(shop: Shop) -> None:
    found = await shop.tried(max_points=20)
    assert (found.readings, found.frames, found.judged) == (4 * 240, 240, 240)
    assert found.metrics == list(NAMES)
    points = found.points
    assert len(points.times) == 20
    assert points.scores.max() == max(episode.peak_score for episode in found.proposed.episodes)
    np.testing.assert_allclose(np.fmax(points.t2, points.q), points.scores)


async def test_however_the_readings_are_cut_the_trial_is_the_same(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = await shop.tried(confirm_frames=5)
    monkeypatch.setattr(trial, "_PIECE", 7)
    parts = await shop.tried(confirm_frames=5)
    assert (parts.present, parts.proposed) == (whole.present, whole.proposed)
    np.testing.assert_array_equal(parts.points.scores, whole.points.scores)


async def test_a_machine_that_is_not_known_is_not_judged(
    shop: Shop, databases: Databases, make_machine: MachineFactory
) -> None:
    machine, _ = await make_machine(shop.tenant)
    async with databases.app.snapshot(shop.tenant.id) as work:
        found = await try_machine_settings(work, machine.id, {}, PERIOD, 100)
    assert found is not None
    assert (found.readings, found.judged, found.metrics, found.present.episodes) == (0, 0, [], [])
    assert len(found.points.times) == 0


async def test_limits_are_told(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValidationFailed, match="31 days"):
        await shop.tried(Period(START_MS, START_MS + 32 * 24 * HOUR_MS))
    with pytest.raises(ValidationFailed, match="maxPoints"):
        await shop.tried(max_points=5)
    with pytest.raises(ValidationFailed, match=r"from 0\.5 to 100"):
        await shop.tried(threshold=0.0)
    monkeypatch.setattr(trial, "MAX_READINGS", 720)
    with pytest.raises(ValidationFailed, match="720 readings of this machine, too many to be tried at once: try about"):
        await shop.tried()
    monkeypatch.undo()
    monkeypatch.setattr(trial, "MAX_SECONDS", -1.0)
    with pytest.raises(Unavailable, match="Choose a shorter period"):
        await shop.tried()


async def test_nobody_tries_the_machine_of_another_tenant(shop: Shop, make_tenant: TenantFactory) -> None:
    other = await make_tenant()
    async with shop.databases.app.snapshot(other.id) as work:
        assert await try_machine_settings(work, shop.machine_id, {}, PERIOD, 100) is None
        assert await try_machine_settings(work, uuid7(), {}, PERIOD, 100) is None
