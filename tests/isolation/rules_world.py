"""A rule of each tenant, and what names it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from plantwright.assets.models import Machine
from plantwright.core.clock import iso_utc, utc_now
from plantwright.core.database import UnitOfWork
from plantwright.journal.service import Journal
from plantwright.rules import service
from plantwright.rules.definition import Comparison, Definition, Level, Operator, Severity
from plantwright.rules.models import AlertRule
from plantwright.rules.service import Draft

from tests.factories import MadeTenant


@dataclass(frozen=True)
class RuleProperty:
    rule: AlertRule
    machine: Machine

    def queries(self) -> dict[str, dict[str, Any]]:
        return {
            "alertRule": {"id": str(self.rule.id)},
            "alertRules": {"first": 40, "filter": {"machineId": str(self.machine.id)}},
            "alertRuleCheck": {"rule": self._rule("machineId")},
            "alertRuleTrial": {"input": {"rule": self._rule("machineId"), **_yesterday(), "maxPoints": 10}},
        }

    def inputs(self) -> dict[str, dict[str, Any]]:
        rule_id = str(self.rule.id)
        return {
            "alertRuleCreate": {"rule": self._rule("machineId")},
            "alertRuleUpdate": {"id": rule_id, "expectedVersion": 1, "rule": self._rule("machineId")},
            "alertRuleSetEnabled": {"id": rule_id, "isEnabled": False},
            "alertRuleDelete": {"id": rule_id},
        }

    def bodies(self) -> dict[str, dict[str, Any]]:
        rule = self._rule("machine_id")
        rule["levels"] = [{"severity": "critical", "condition": {"comparison": {**_COMPARISON, "operator": ">"}}}]
        return {
            "POST /alert-rules": rule,
            "POST /alert-rules/check": rule,
            "POST /alert-rules/trial": {"rule": rule, **_yesterday()},
            "PUT /alert-rules/{rule_id}": {**rule, "expected_version": 1},
            "PATCH /alert-rules/{rule_id}": {"is_enabled": False},
        }

    def _rule(self, machine: str) -> dict[str, Any]:
        levels = [{"severity": "CRITICAL", "condition": {"comparison": {**_COMPARISON, "operator": "GREATER_THAN"}}}]
        return {"name": "stolen", machine: str(self.machine.id), "levels": levels}


_COMPARISON = {"metric": "vibration_rms", "threshold": 5.0}


def _yesterday() -> dict[str, str]:
    return {"from": iso_utc(utc_now() - timedelta(days=1)), "to": iso_utc(utc_now())}


async def furnish_rule(work: UnitOfWork, journal: Journal, tenant: MadeTenant, machine: Machine) -> RuleProperty:
    condition = Comparison(metric="vibration_rms", operator=Operator.GREATER_THAN, threshold=5.0)
    levels = (Level(severity=Severity.CRITICAL, condition=condition),)
    definition = Definition(machine_id=machine.id, levels=levels)
    draft = Draft(name=f"Rule of {tenant.slug}", description="", is_enabled=True, definition=definition)
    return RuleProperty(await service.create(work, journal, tenant.admin_id, draft), machine)
