import math
from datetime import datetime
from uuid import uuid4

import numpy as np
import pytest
from plantwright.alerts.suppression import running
from plantwright.alerts.suppression.axis import Suppression, suppression_of
from plantwright.alerts.suppression.models import Comparison
from plantwright.assets.models import Metric
from plantwright.core.clock import to_milliseconds
from plantwright.core.errors import NotFound, ValidationFailed
from plantwright.readings.columns import LogSlice
from plantwright.readings.latest import keep_latest

from tests.backend.alerts.making import Plant, at, finding
from tests.conftest import Databases
from tests.factories import MachineFactory, MadeTenant


@pytest.fixture
async def spindle(make_machine: MachineFactory, tenant: MadeTenant) -> tuple[Metric, Metric]:
    _, metrics = await make_machine(tenant, metrics={"speed": "rpm", "vibration": "mm/s"})
    return metrics["speed"], metrics["vibration"]


async def read(plant: Plant, metric: Metric, time: datetime, value: float) -> None:
    assert metric.series_id is not None
    columns = LogSlice(
        0,
        np.array([metric.series_id], np.int64),
        np.array([to_milliseconds(time)], np.int64),
        np.array([value]),
        np.array([0], np.int8),
    )
    async with plant.worker.transaction(plant.tenant_id) as work:
        await keep_latest(work, columns)


async def set_condition(plant: Plant, databases: Databases, tenant: MadeTenant, metric: Metric) -> None:
    async with databases.app.transaction(tenant.id) as work:
        condition = (metric.id, Comparison.GREATER, 10.0)
        await running.set_condition(work, plant.journal, tenant.operator_id, metric.machine_id, condition)


async def test_a_stopped_machine_announces_nothing_until_it_runs_again(
    plant: Plant, databases: Databases, tenant: MadeTenant, spindle: tuple[Metric, Metric]
) -> None:
    speed, vibration = spindle
    await set_condition(plant, databases, tenant, speed)
    await read(plant, speed, at(0), 1500.0)
    await plant.keep_time(at(0))
    [alert] = await plant.find(finding("started", vibration, at(0)))
    assert suppression_of(alert) == []

    await read(plant, speed, at(1), 0.0)
    await plant.keep_time(at(1))
    alert, during = await plant.find(finding("started", vibration, at(1), detector="ewma"))
    assert suppression_of(alert) == suppression_of(during) == [Suppression.SUPPRESSED_BY_DESIGN]
    assert alert.design_reasons == ["machine_stopped"]

    await read(plant, speed, at(2), 1500.0)
    await plant.keep_time(at(2))
    assert await plant.actions("machine.st") == ["machine.started", "machine.stopped", "machine.started"]
    assert [p["is_announced"] for p in await plant.payloads("alert.suppressed")] == [False]
    assert [p["is_announced"] for p in await plant.payloads("alert.unsuppressed")] == [True, True]


async def test_the_newest_value_counts_even_before_the_next_look(
    plant: Plant, databases: Databases, tenant: MadeTenant, spindle: tuple[Metric, Metric]
) -> None:
    speed, vibration = spindle
    await set_condition(plant, databases, tenant, speed)
    await read(plant, speed, at(0), 0.0)
    [alert] = await plant.find(finding("started", vibration, at(0)))
    assert suppression_of(alert) == [Suppression.SUPPRESSED_BY_DESIGN]


async def test_without_its_condition_a_machine_counts_as_running(
    plant: Plant, databases: Databases, tenant: MadeTenant, spindle: tuple[Metric, Metric]
) -> None:
    speed, vibration = spindle
    await set_condition(plant, databases, tenant, speed)
    await read(plant, speed, at(0), 0.0)
    await plant.find(finding("started", vibration, at(0)))
    async with databases.app.transaction(tenant.id) as work:
        await running.set_condition(work, plant.journal, tenant.operator_id, speed.machine_id, None)
    assert [suppression_of(alert) for alert in await plant.alerts()] == [[]]


async def test_bad_conditions_are_refused(
    plant: Plant, databases: Databases, tenant: MadeTenant, vibration: Metric, spindle: tuple[Metric, Metric]
) -> None:
    speed, _ = spindle
    for machine_id, metric_id, value, error in (
        (speed.machine_id, vibration.id, 1.0, NotFound),
        (uuid4(), speed.id, 1.0, NotFound),
        (speed.machine_id, speed.id, math.nan, ValidationFailed),
    ):
        with pytest.raises(error):
            async with databases.app.transaction(tenant.id) as work:
                await running.set_condition(
                    work, plant.journal, tenant.operator_id, machine_id, (metric_id, Comparison.LESS, value)
                )
