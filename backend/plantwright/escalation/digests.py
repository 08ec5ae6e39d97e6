"""What was held, told together when its time has come: one message per recipient.

Lock order: what is held, then the head of the journal.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Final, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from plantwright.alerts import service as alerts
from plantwright.alerts.life_cycle import is_worse
from plantwright.alerts.models import Alert, Severity
from plantwright.assets import repository as assets
from plantwright.core.database import UnitOfWork
from plantwright.escalation import quiet_repository
from plantwright.escalation.chain import LATE_AFTER, lateness
from plantwright.escalation.delivery import Recipient
from plantwright.escalation.facts import DIGEST
from plantwright.escalation.models import HeldNotice, HoldReason, RecipientKind
from plantwright.escalation.quiet_hours import QuietHours
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
        facts.append(_digest(recipient, held, listed, _Words.of(machines, quiet.get(recipient.id)), now))
    for notice in notices:
        work.session.expunge(notice)
    await quiet_repository.delete_notices(work, [notice.id for notice in notices])
    await journal.append(work, *facts)
    return len(facts)


class _Words(NamedTuple):
    """Names of machines, and by whose clock times are told."""

    machines: Mapping[UUID, str]
    zone: ZoneInfo

    @classmethod
    def of(cls, machines: Mapping[UUID, str], quiet: QuietHours | None) -> "_Words":
        return cls(machines, ZoneInfo("UTC") if quiet is None else quiet.zone)


def _digest(
    recipient: Recipient, held: Sequence[HeldNotice], listed: Sequence[Alert], words: _Words, now: datetime
) -> Fact:
    late = max(lateness(notice.release_at, now) for notice in held)
    late_seconds = int(late.total_seconds()) if late >= LATE_AFTER else 0
    payload = {
        "channel_ids": [recipient.id] if recipient.kind is RecipientKind.CHANNEL else [],
        "user_ids": [recipient.id] if recipient.kind is RecipientKind.USER else [],
        "subject": _subject(listed, held),
        "text": _text(listed, words, late_seconds),
        "alert_ids": [alert.id for alert in listed],
        "severity": _worst(listed),
        "reasons": sorted({notice.reason for notice in held}),
        "held_from": min(notice.held_at for notice in held),
        "late_seconds": late_seconds,
    }
    return Fact(action=DIGEST, resource_type=recipient.kind.value, resource_id=str(recipient.id), payload=payload)


def _subject(listed: Sequence[Alert], held: Sequence[HeldNotice]) -> str:
    count = "1 alert" if len(listed) == 1 else f"{len(listed)} alerts"
    waiting = sum(1 for alert in listed if alert.acknowledged_at is None and alert.cleared_at is None)
    why = "in quiet hours" if any(notice.reason == HoldReason.QUIET_HOURS for notice in held) else "in an alarm flood"
    return f"{count} {why}, {waiting} still open"


def _text(listed: Sequence[Alert], words: _Words, late_seconds: int) -> str:
    lines = [_line(alert, words) for alert in listed[:MOST_LINES]]
    if len(listed) > MOST_LINES:
        lines.append(f"and {len(listed) - MOST_LINES} more.")
    if late_seconds:
        lines.append(f"This summary comes {late_seconds // 60} min late.")
    return "\n".join(lines)


def _line(alert: Alert, words: _Words) -> str:
    name = words.machines.get(alert.machine_id) if alert.machine_id else None
    place = f"{name}: " if name else ""
    raised, end = _time(alert.raised_at, words.zone), _end(alert, words.zone)
    return f"{alert.severity.upper()} {place}{alert.message}. Raised {raised}, {end}."


def _end(alert: Alert, zone: ZoneInfo) -> str:
    if alert.cleared_at is not None:
        return f"cleared {_time(alert.cleared_at, zone)}"
    if alert.acknowledged_at is not None:
        return f"acknowledged {_time(alert.acknowledged_at, zone)}"
    return "still open"


def _time(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M %Z}"


def _worst(listed: Sequence[Alert]) -> str:
    worst = Severity.INFO.value
    for alert in listed:
        worst = alert.severity if is_worse(alert.severity, worst) else worst
    return worst
