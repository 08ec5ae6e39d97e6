"""Findings of rules and of the multivariate detector."""

from typing import Any
from uuid import uuid4

import pytest
from plantwright.alerts import service
from plantwright.alerts.life_cycle import AlertState, state_of
from plantwright.assets.models import Metric
from plantwright.journal.service import Fact
from structlog.testing import capture_logs

from tests.backend.alerts.making import Plant, at, finding
from tests.factories import MadeTenant

RULE = str(uuid4())


def of_rule(kind: str, metric: Metric, minute: float, **more: Any) -> Fact:
    return finding(kind, metric, at(minute), **{"detector": "rule", "rule_id": RULE, **more})


async def test_a_rule_has_an_alert_of_its_own_with_its_own_words(plant: Plant, vibration: Metric) -> None:
    await plant.find(finding("started", vibration, at(0)))
    _, alert = await plant.find(of_rule("started", vibration, 1, message="Vibration and heat for 5 minutes"))
    assert (alert.cause, str(alert.rule_id), alert.message) == ("rule", RULE, "Vibration and heat for 5 minutes")
    assert (await plant.payloads("alert.raised"))[1]["rule_id"] == RULE


async def test_two_rules_on_one_metric_are_two_alerts(plant: Plant, vibration: Metric) -> None:
    alerts = await plant.find(
        of_rule("started", vibration, 0),
        of_rule("started", vibration, 0, rule_id=str(uuid4())),
        of_rule("started", vibration, 1),
        of_rule("ended", vibration, 2),
    )
    assert sorted((alert.occurrences, alert.cleared_at is None) for alert in alerts) == [(1, True), (2, False)]


@pytest.mark.parametrize(
    "whole", [{"detector": "multivariate"}, {"detector": "rule", "rule_id": RULE}], ids=["multivariate", "rule"]
)
async def test_a_finding_about_a_whole_machine_has_no_metric(
    plant: Plant, vibration: Metric, whole: dict[str, Any]
) -> None:
    told = {**whole, "metric_id": None, "metric": None, "unit": "", "message": "Torque and speed do not fit"}
    await plant.find(finding("started", vibration, at(0), **told))
    [alert] = await plant.find(finding("started", vibration, at(1), **told), finding("ended", vibration, at(2), **told))
    assert (alert.machine_id, alert.metric_id, alert.occurrences) == (vibration.machine_id, None, 2)
    assert (alert.message, alert.cleared_at) == ("Torque and speed do not fit", at(2))


async def test_a_rule_lowers_the_severity_and_the_acknowledgement_stays(
    plant: Plant, tenant: MadeTenant, vibration: Metric
) -> None:
    [alert] = await plant.find(of_rule("started", vibration, 0, severity="critical"))
    async with plant.worker.transaction(tenant.id) as work:
        await service.acknowledge(work, plant.journal, tenant.operator_id, alert.id)
    [alert] = await plant.find(of_rule("continued", vibration, 1, severity="warning", message="Less"))
    assert (alert.severity, alert.message, state_of(alert)) == ("warning", "Less", AlertState.ACTIVE_ACKNOWLEDGED)
    [payload] = await plant.payloads("alert.severity_lowered")
    assert (payload["old_severity"], payload["severity"]) == ("critical", "warning")


async def test_a_detector_does_not_lower_it(plant: Plant, vibration: Metric) -> None:
    [alert] = await plant.find(
        finding("started", vibration, at(0), severity="critical"), finding("continued", vibration, at(1))
    )
    assert alert.severity == "critical"
    assert await plant.payloads("alert.severity_lowered") == []


async def test_a_finding_of_an_unknown_machine_or_without_its_rule_is_skipped(plant: Plant, vibration: Metric) -> None:
    with capture_logs() as logs:
        alerts = await plant.find(
            of_rule("started", vibration, 0, metric_id=None, machine_id=str(uuid4())),
            of_rule("started", vibration, 0, rule_id=None),
            finding("started", vibration, at(0), metric_id=None),
        )
    assert alerts == []
    assert [entry["event"] for entry in logs] == [
        "finding_unreadable",
        "finding_unreadable",
        "finding_of_unknown_metric",
    ]


async def test_very_long_words_of_a_rule_are_cut(plant: Plant, vibration: Metric) -> None:
    [alert] = await plant.find(of_rule("started", vibration, 0, message="x" * 5000))
    assert len(alert.message) == 2000
