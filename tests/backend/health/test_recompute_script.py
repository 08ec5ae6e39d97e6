import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from plantwright.alerts import service as alert_service
from plantwright.assets.models import Metric
from plantwright.health.settings import ANOMALY_WEIGHT
from plantwright.health.sweep import refresh
from plantwright.identity.settings import change_settings
from plantwright.journal.export import json_line

from tests.backend.alerts.making import finding
from tests.backend.health.conftest import HealthyPlant, of_machine
from tests.conftest import Databases
from tests.factories import MachineFactory, MadeTenant

SCRIPT = Path(__file__).parents[3] / "docs" / "recompute_health.py"


Row = dict[str, Any]


async def export(plant: HealthyPlant) -> list[Row]:
    return [json.loads(json_line(record)) for record in await plant.records("")]


def run(rows: list[Row], folder: Path, metric: Metric) -> subprocess.CompletedProcess[str]:
    path = folder / "journal.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    command = [sys.executable, "-I", str(SCRIPT), str(path), str(metric.machine_id)]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)


@pytest.fixture
async def eventful(
    plant: HealthyPlant, tenant: MadeTenant, databases: Databases, make_machine: MachineFactory
) -> Metric:
    """A month in which everything that moves a score happens."""
    _, metrics = await make_machine(tenant, metrics={"flow": "m3/h", "pressure": "bar"})
    flow, pressure = metrics["flow"], metrics["pressure"]
    for days in (20, 9, 5, 3):
        await plant.tell(
            finding("started", flow, plant.ago(days=days), severity="critical" if days % 2 else "warning"),
            finding("ended", flow, plant.ago(days=days - 0.1)),
        )
        await plant.follow()
    await plant.tell(*(finding("started", pressure, plant.ago(hours=8 - n), detector="ewma") for n in range(6)))
    await plant.follow()
    await plant.tell(finding("continued", pressure, plant.ago(hours=1), detector="ewma", severity="critical"))
    await plant.follow()
    async with databases.app.transaction(tenant.id) as work:
        await alert_service.acknowledge(work, plant.journal, tenant.viewer_id, (await plant.alerts())[-1].id, "seen")
    await plant.follow()
    async with databases.app.transaction(tenant.id) as work:
        await change_settings(work, plant.journal, tenant.admin_id, {ANOMALY_WEIGHT: 0.55})
    await plant.follow()
    one = finding("started", pressure, plant.ago(minutes=30))
    await plant.tell(
        of_machine(one, "multivariate"),
        of_machine(one, "rule", rule_id="r"),
        finding("started", pressure, plant.ago(days=6), detector="rate_of_change", late=True),
    )
    await plant.follow()
    for column, held, action in (
        ("shelf_id", "gen_random_uuid()", "alert.shelved"),
        ("design_reasons", "'{machine_stopped}'", "alert.suppressed"),
        ("design_reasons", "'{}'", "alert.unsuppressed"),
    ):
        await plant.hold((await plant.alerts())[-1].id, column, held, action)
    for days in (5, 5, 40):
        plant.now += timedelta(days=days)
        async with plant.worker.transaction(plant.tenant_id) as work:
            await refresh(work, plant.journal, plant.now)
    return flow


async def test_every_score_can_be_recomputed_from_the_export(
    plant: HealthyPlant, eventful: Metric, tmp_path: Path
) -> None:
    result = run(await export(plant), tmp_path, eventful)
    assert result.returncode == 0, result.stdout + result.stderr
    lines = result.stdout.splitlines()
    assert len(lines) == len(await plant.payloads("health.changed")) >= 15
    assert all(line.split()[-3] == line.split()[-1] for line in lines)


async def test_a_score_that_does_not_follow_is_found(plant: HealthyPlant, eventful: Metric, tmp_path: Path) -> None:
    rows = await export(plant)
    next(row for row in rows if row["action"] == "health.changed")["payload"]["score"] += 1
    assert run(rows, tmp_path, eventful).returncode == 1
