"""What the journal says about escalation."""

from typing import Any
from uuid import UUID

from plantwright.core.clock import iso_utc
from plantwright.escalation.models import EscalationPolicy, OnCallOverride, OnCallRotation
from plantwright.journal.service import Fact

ESCALATED = "alert.escalated"
DIGEST = "notification.digest"
POLICY_CREATED = "escalation_policy.created"
POLICY_UPDATED = "escalation_policy.updated"
POLICY_DELETED = "escalation_policy.deleted"
ROTATION_CREATED = "on_call_rotation.created"
ROTATION_UPDATED = "on_call_rotation.updated"
ROTATION_DELETED = "on_call_rotation.deleted"
OVERRIDE_CREATED = "on_call_override.created"
OVERRIDE_DELETED = "on_call_override.deleted"
QUIET_HOURS_CHANGED = "quiet_hours.changed"
QUIET_HOURS_REMOVED = "quiet_hours.removed"


def policy_fact(action: str, policy: EscalationPolicy, actor_id: UUID, **details: Any) -> Fact:
    """The policy as it is now; `details` are what only this action knows."""
    payload = {
        "policy_id": policy.id,
        "name": policy.name,
        "severities": policy.severities,
        "sites": policy.sites,
        "machine_ids": policy.machine_ids,
        "steps": policy.steps,
        "rounds": policy.rounds,
        "repeat_after_minutes": policy.repeat_after_minutes,
        "stops_on_clear": policy.stops_on_clear,
        "is_active": policy.is_active,
        **details,
    }
    return _fact(action, "escalation_policy", policy.id, payload, actor_id)


def rotation_fact(action: str, rotation: OnCallRotation, actor_id: UUID) -> Fact:
    payload = {
        "rotation_id": rotation.id,
        "name": rotation.name,
        "time_zone": rotation.time_zone,
        "layers": rotation.layers,
    }
    return _fact(action, "on_call_rotation", rotation.id, payload, actor_id)


def override_fact(action: str, override: OnCallOverride, rotation: str, actor_id: UUID) -> Fact:
    payload = {
        "override_id": override.id,
        "rotation_id": override.rotation_id,
        "rotation": rotation,
        "user_id": override.user_id,
        "starts_at": iso_utc(override.starts_at),
        "ends_at": iso_utc(override.ends_at),
    }
    return _fact(action, "on_call_override", override.id, payload, actor_id)


def quiet_hours_fact(action: str, scope: str, subject_id: UUID, setting: dict[str, Any] | None, actor_id: UUID) -> Fact:
    payload = {"scope": scope, "subject_id": subject_id, "setting": setting}
    return _fact(action, "quiet_hours", subject_id, payload, actor_id)


def _fact(action: str, kind: str, resource_id: UUID, payload: dict[str, Any], actor_id: UUID) -> Fact:
    return Fact(action=action, resource_type=kind, resource_id=str(resource_id), payload=payload, actor_id=actor_id)
