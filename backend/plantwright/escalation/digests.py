"""What was held, told together when its time has come: one message per recipient.

Lock order: what is held, then the head of the journal.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any, Final
from uuid import UUID

from plantwright.alerts import service as alerts
from plantwright.alerts.life_cycle import is_worse
from plantwright.alerts.models import Alert, Severity
from plantwright.assets import repository as assets
from plantwright.core.database import UnitOfWork
from plantwright.escalation import quiet_repository
from plantwright.escalation.chain import LATE_AFTER, lateness
from plantwright.escalation.delivery import Recipient
from plantwright.escalation.facts import DIGEST
from plantwright.escalation.models import HeldNotice, RecipientKind
from plantwright.escalation.quiet_settings import in_force
from plantwright.journal.service import Fact, Journal

# Bounds how long one transaction holds the tenant's journal; the rest follows at the next sweep.
_AT_ONCE: Final = 1_000
MOST_LINES: Final = 50


async def release_held(work: UnitOfWork, journal: Journal, now: datetime) -> int:
    """Returns how many recipients were told."""
    notices = await quiet_repository.lock_released(work, now, _AT_ONCE)
    by_recipient: dict[Recipient, list[HeldNotice]] = {}
    for notice in notices:
        recipient = Recipient(RecipientKind(notice.recipient_kind), notice.recipient_id)
        by_recipient.setdefault(recipient, []).append(notice)
    found = await alerts.get_many(work, {notice.alert_id for notice in notices})
    machine_ids = {alert.machine_id for alert in found.values() if alert.machine_id is not None}
    machines = {machine.id: machine.name for machine in await assets.get_machines(work, list(machine_ids))}
    quiet = await in_force(work, [recipient.id for recipient in by_recipient])
    facts = []
    for recipient, held in by_recipient.items():
        alert_ids = {notice.alert_id for notice in held}
        listed = sorted((found[alert_id] for alert_id in alert_ids), key=attrgetter("raised_at", "id"))
        zone = "UTC" if recipient.id not in quiet else quiet[recipient.id].time_zone
        payload = {**_held_payload(recipient, held, now), **_alerts_payload(listed, machines), "time_zone": zone}
        facts.append(
            Fact(action=DIGEST, resource_type=recipient.kind.value, resource_id=str(recipient.id), payload=payload)
        )
    for notice in notices:
        work.session.expunge(notice)
    await quiet_repository.delete_notices(work, [notice.id for notice in notices])
    await journal.append(work, *facts)
    return len(facts)


def _held_payload(recipient: Recipient, held: Sequence[HeldNotice], now: datetime) -> dict[str, Any]:
    late = max(lateness(notice.release_at, now) for notice in held)
    return {
        "channel_ids": [recipient.id] if recipient.kind is RecipientKind.CHANNEL else [],
        "user_ids": [recipient.id] if recipient.kind is RecipientKind.USER else [],
        "reasons": sorted({notice.reason for notice in held}),
        "held_from": min(notice.held_at for notice in held),
        "late_seconds": int(late.total_seconds()) if late >= LATE_AFTER else 0,
    }


def _alerts_payload(listed: Sequence[Alert], machines: Mapping[UUID, str]) -> dict[str, Any]:
    """Facts and no words: what is told of them is in the language of each channel."""
    return {
        "alert_ids": [alert.id for alert in listed],
        "alerts": len(listed),
        "open": sum(1 for alert in listed if alert.acknowledged_at is None and alert.cleared_at is None),
        "severity": _worst(listed),
        "lines": [_line(alert, machines) for alert in listed[:MOST_LINES]],
    }


def _line(alert: Alert, machines: Mapping[UUID, str]) -> dict[str, Any]:
    return {
        "severity": alert.severity,
        "machine": None if alert.machine_id is None else machines.get(alert.machine_id),
        "message": alert.message,
        "raised_at": alert.raised_at,
        "acknowledged_at": alert.acknowledged_at,
        "cleared_at": alert.cleared_at,
    }


def _worst(listed: Sequence[Alert]) -> str:
    worst = Severity.INFO.value
    for alert in listed:
        worst = alert.severity if is_worse(alert.severity, worst) else worst
    return worst
