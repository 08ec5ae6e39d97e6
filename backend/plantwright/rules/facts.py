"""What the journal says about changes of rules."""

from typing import Any
from uuid import UUID

from plantwright.journal.service import Fact
from plantwright.rules.models import AlertRule

CREATED = "alert_rule.created"
UPDATED = "alert_rule.updated"
ENABLED = "alert_rule.enabled"
DISABLED = "alert_rule.disabled"
DELETED = "alert_rule.deleted"


def rule_fact(action: str, rule: AlertRule, actor_id: UUID, **details: Any) -> Fact:
    payload = {
        "rule_id": rule.id,
        "name": rule.name,
        "machine_id": rule.machine_id,
        "machine_kind": rule.machine_kind,
        "version": rule.version,
        **details,
    }
    return Fact(action=action, resource_type="alert_rule", resource_id=str(rule.id), payload=payload, actor_id=actor_id)
