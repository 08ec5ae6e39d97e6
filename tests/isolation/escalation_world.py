"""What a tenant has of escalation: a channel, a policy, a rotation with an override, quiet hours, and an alert on its
way.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from uuid import UUID

from plantwright.alerts.models import Severity
from plantwright.core.clock import utc_now
from plantwright.core.database import UnitOfWork
from plantwright.escalation import policies, quiet_settings, rotations
from plantwright.escalation.layers import RotationDraft
from plantwright.escalation.models import Escalation, EscalationPolicy, EscalationState, OnCallOverride, OnCallRotation
from plantwright.escalation.policy import PolicyDraft, Step
from plantwright.escalation.quiet_hours import DigestRhythm, QuietHours
from plantwright.escalation.quiet_settings import QuietScope
from plantwright.escalation.rotation import Layer, TurnUnit
from plantwright.escalation.wall_time import Span, WeeklyWindow
from plantwright.identity.models import Role
from plantwright.identity.principal import Principal
from plantwright.journal.service import Journal
from plantwright.notifications.models import NotificationChannel

from tests.factories import MadeTenant


@dataclass(frozen=True)
class EscalationProperty:
    pager_id: UUID
    policy: EscalationPolicy
    rotation: OnCallRotation
    override: OnCallOverride

    def ids(self) -> tuple[UUID, ...]:
        return (self.pager_id, self.policy.id, self.rotation.id, self.override.id)


async def furnish_escalation(work: UnitOfWork, journal: Journal, tenant: MadeTenant) -> EscalationProperty:
    pager = NotificationChannel(
        tenant_id=tenant.id, name=f"Pager of {tenant.slug}", type="webhook", config={"url": "https://hooks.example/x"}
    )
    work.session.add(pager)
    await work.session.flush()
    start = datetime(2026, 3, 2, 8, tzinfo=UTC).replace(tzinfo=None)
    layer = Layer("", (tenant.operator_id,), start, TurnUnit.WEEK, 1)
    draft = RotationDraft(name=f"Nights of {tenant.slug}", time_zone="Europe/Berlin", layers=(layer,))
    rotation = await rotations.create(work, journal, tenant.admin_id, draft)
    step = Step(5, (pager.id,), (tenant.operator_id,), (rotation.id,))
    policy_draft = PolicyDraft(name=f"Policy of {tenant.slug}", steps=(step,))
    policy = await policies.create(work, journal, tenant.admin_id, policy_draft)
    now = utc_now()
    override = await rotations.create_override(
        work,
        journal,
        Principal(tenant.id, tenant.admin_id, Role.ADMIN, "test", now),
        rotation_id=rotation.id,
        user_id=tenant.operator_id,
        span=Span(now, now + timedelta(days=1)),
    )
    quiet = QuietHours(
        time_zone="Europe/Berlin",
        windows=(WeeklyWindow((1, 2, 3, 4, 5, 6, 7), time(22), time(6)),),
        low_urgency=(Severity.INFO,),
        rhythm=DigestRhythm.DAILY,
        digest_time=time(7),
        digest_weekday=1,
    )
    await quiet_settings.put(work, journal, tenant.admin_id, scope=QuietScope.CHANNEL, subject_id=pager.id, quiet=quiet)
    return EscalationProperty(pager.id, policy, rotation, override)


def escalation_of(tenant: MadeTenant, alert_id: UUID, policy: EscalationPolicy) -> Escalation:
    """Due in an hour."""
    now = utc_now()
    return Escalation(
        tenant_id=tenant.id,
        alert_id=alert_id,
        policy_id=policy.id,
        state=EscalationState.RUNNING.value,
        severity=Severity.WARNING.value,
        step=1,
        round=1,
        started_at=now,
        waiting_since=now,
        due_at=now + timedelta(hours=1),
    )
