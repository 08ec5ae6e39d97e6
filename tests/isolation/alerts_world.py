"""What one tenant has put aside: a shelved alert, a metric out of service, a machine with a running condition."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from plantwright.alerts.load.models import Transition
from plantwright.alerts.models import Alert
from plantwright.alerts.suppression.models import Comparison, OutOfService, Shelf, ShelfKind
from plantwright.alerts.suppression.out_of_service import begin
from plantwright.alerts.suppression.repository import shelf_of_alerts
from plantwright.alerts.suppression.running import set_condition
from plantwright.alerts.suppression.shelving import ShelfWish, shelve
from plantwright.core.database import UnitOfWork
from plantwright.journal.service import Journal

from tests.factories import MadeTenant


@dataclass(frozen=True)
class AsideProperty:
    alert: Alert
    shelf: Shelf
    out_of_service: OutOfService

    def ids(self) -> tuple[UUID, ...]:
        return self.shelf.id, self.out_of_service.id

    def inputs(self) -> dict[str, dict[str, Any]]:
        """Of mutations, all naming something of this tenant."""
        alert, machine, metric = str(self.alert.id), str(self.alert.machine_id), str(self.alert.metric_id)
        return {
            "alertsAcknowledge": {"alertIds": [alert], "note": "stolen"},
            "alertOpen": {"id": alert},
            "alertJudge": {"id": alert, "outcome": "FALSE_ALARM"},
            "alertComment": {"id": alert, "body": "stolen"},
            "alertAssign": {"id": alert, "assigneeId": None},
            "alertShelve": {"id": alert, "reason": "stolen", "minutes": 5},
            "alertUnshelve": {"id": alert},
            "alertShelvingDecide": {"id": str(self.shelf.id), "approve": True},
            "outOfServiceBegin": {"machineId": machine, "reason": "stolen"},
            "outOfServiceEnd": {"id": str(self.out_of_service.id)},
            "runningConditionSet": {
                "machineId": machine,
                "condition": {"metricId": metric, "comparison": "LESS", "value": 1},
            },
            "alertSettingsUpdate": {"outOfServiceWithWorkOrder": True},
        }

    def bodies(self) -> dict[str, dict[str, Any]]:
        """Of REST routes, likewise."""
        machine, metric = str(self.alert.machine_id), str(self.alert.metric_id)
        return {
            "POST /alerts/bulk/acknowledge": {"alert_ids": [str(self.alert.id)]},
            "POST /alerts/{alert_id}/snooze": {"snooze_until": "2099-01-01T00:00:00Z"},
            "POST /alerts/{alert_id}/shelve": {"reason": "stolen", "minutes": 5},
            "POST /alerts/{alert_id}/unshelve": {},
            "POST /alerts/{alert_id}/assign": {"assignee_id": None},
            "POST /alerts/{alert_id}/open": {},
            "POST /alerts/{alert_id}/judge": {"outcome": "false_alarm"},
            "POST /alerts/{alert_id}/comments": {"body": "stolen"},
            "POST /alerts/shelving/{shelf_id}/decide": {"approve": True},
            "PATCH /alerts/settings": {"out_of_service_with_work_order": True},
            "POST /out-of-service": {"machine_id": machine, "reason": "stolen"},
            "POST /out-of-service/{out_of_service_id}/end": {},
            "PUT /machines/{machine_id}/running-condition": {
                "condition": {"metric_id": metric, "comparison": "<", "value": 1}
            },
        }


async def set_aside(work: UnitOfWork, journal: Journal, tenant: MadeTenant, alert: Alert) -> AsideProperty:
    assert alert.machine_id is not None
    assert alert.metric_id is not None
    work.session.add(
        Transition(
            tenant_id=tenant.id,
            alert_id=alert.id,
            site=alert.site,
            severity=alert.severity,
            is_activation=True,
            is_suppressed=False,
            at=alert.raised_at,
        )
    )
    wish = ShelfWish(ShelfKind.TIMED, timedelta(hours=1), f"Known at {tenant.slug}")
    shelved = await shelve(work, journal, tenant.operator_id, alert.id, wish)
    metric_id, machine_id = alert.metric_id, alert.machine_id
    away = await begin(work, journal, tenant.operator_id, machine_id=machine_id, metric_id=metric_id, reason="Repair")
    await set_condition(work, journal, tenant.operator_id, machine_id, (metric_id, Comparison.GREATER, 0.0))
    [shelf] = (await shelf_of_alerts(work, [shelved.id])).values()
    return AsideProperty(alert, shelf, away)
