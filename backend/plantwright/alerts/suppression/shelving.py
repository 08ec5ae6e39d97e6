"""Putting alerts aside for a time, with a reason; nothing is shelved for ever.

Lock order: the tenant's alerts, then the alert, then the shelf, then the head of the journal.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from plantwright.alerts import facts, repository
from plantwright.alerts.about import about_one
from plantwright.alerts.book import key_of
from plantwright.alerts.facts import alert_fact
from plantwright.alerts.models import Alert, Severity
from plantwright.alerts.service import ALERT_NOT_FOUND
from plantwright.alerts.suppression import repository as suppressions
from plantwright.alerts.suppression.models import Shelf, ShelfKind, ShelfState
from plantwright.alerts.suppression.shelf_ending import EndReason, end_shelf
from plantwright.core.clock import iso_utc, utc_now
from plantwright.core.database import UnitOfWork
from plantwright.core.errors import Conflict, NotFound, PermissionDenied, ValidationFailed
from plantwright.core.text import bounded_text
from plantwright.journal.service import Journal

LONGEST_REASON = 2000
SHELF_NOT_FOUND = "Shelving not found."
SHORTEST = timedelta(minutes=1)
LONGEST: dict[Severity, timedelta] = {
    Severity.CRITICAL: timedelta(hours=8),
    Severity.WARNING: timedelta(hours=24),
    Severity.INFO: timedelta(hours=72),
}


@dataclass(frozen=True, slots=True)
class ShelfWish:
    """For how long, and why. Without a duration a one-shot shelf takes the longest that its severity allows."""

    kind: ShelfKind
    duration: timedelta | None
    reason: str


async def shelve(work: UnitOfWork, journal: Journal, actor_id: UUID, alert_id: UUID, wish: ShelfWish) -> Alert:
    """Shelve an alert; a critical one is shelved once a second person approves.

    Raises:
        ValidationFailed: no reason, or too short or too long a time.
        NotFound: no such alert in this tenant.
        Conflict: it is shelved already, or waits for approval.
    """
    reason = bounded_text(wish.reason, "reason", shortest=1, longest=LONGEST_REASON)
    await suppressions.lock_tenant(work)
    alert = await _locked(work, alert_id)
    duration = _duration(wish, Severity(alert.severity))
    standing = await suppressions.standing_shelf(work, key_of(alert))
    if standing is not None:
        raise Conflict(_standing(standing), ["id"])
    now = utc_now()
    shelf = Shelf(
        tenant_id=work.tenant_id,
        alert_id=alert.id,
        **key_of(alert)._asdict(),
        severity=alert.severity,
        site=alert.site,
        kind=wish.kind.value,
        state=ShelfState.REQUESTED.value,
        reason=reason,
        requested_by=actor_id,
        requested_at=now,
        seconds=duration.total_seconds(),
    )
    work.session.add(shelf)
    needs_approval = alert.severity == Severity.CRITICAL
    if not needs_approval:
        _come_into_force(shelf, alert, now)
    action = facts.SHELVING_REQUESTED if needs_approval else facts.SHELVED
    await journal.append(work, alert_fact(action, alert, await about_one(work, alert), actor_id, **_details(shelf)))
    return alert


async def decide(work: UnitOfWork, journal: Journal, actor_id: UUID, shelf_id: UUID, *, is_approved: bool) -> Alert:
    """Approve or refuse what somebody else wants to shelve. Who asked may take it back by refusing.

    Raises:
        NotFound: no such shelving in this tenant.
        PermissionDenied: who asked cannot approve.
        Conflict: it has been decided already, or the alert got worse since.
    """
    await suppressions.lock_tenant(work)
    shelf = await suppressions.shelf(work, shelf_id)
    if shelf is None:
        raise NotFound(SHELF_NOT_FOUND, ["id"])
    if shelf.state != ShelfState.REQUESTED:
        raise Conflict("This shelving has been decided already.", ["id"])
    if is_approved and shelf.requested_by == actor_id:
        raise PermissionDenied("A critical alert is shelved by two people: somebody else has to approve it.")
    alert = await _newest_of(work, shelf)
    now = utc_now()
    shelf.decided_by = actor_id
    if is_approved:
        _come_into_force(shelf, alert, now)
    else:
        shelf.state, shelf.ended_at, shelf.ended_by = ShelfState.REFUSED.value, now, actor_id
    action = facts.SHELVED if is_approved else facts.SHELVING_REFUSED
    details: dict[str, Any] = {**_details(shelf), "decided_by": actor_id}
    await journal.append(work, alert_fact(action, alert, await about_one(work, alert), actor_id, **details))
    return alert


async def unshelve(work: UnitOfWork, journal: Journal, actor_id: UUID, alert_id: UUID) -> Alert:
    """Take an alert off its shelf before its time.

    Raises:
        NotFound: no such alert in this tenant.
        Conflict: it is not shelved.
    """
    await suppressions.lock_tenant(work)
    alert = await _locked(work, alert_id)
    shelf = None if alert.shelf_id is None else await suppressions.shelf(work, alert.shelf_id)
    if shelf is None:
        raise Conflict("This alert is not shelved.", ["id"])
    fact = end_shelf(shelf, alert, await about_one(work, alert), EndReason.BY_PERSON, now=utc_now(), actor_id=actor_id)
    await journal.append(work, fact)
    return alert


def _come_into_force(shelf: Shelf, alert: Alert, now: datetime) -> None:
    shelf.state, shelf.alert_id, shelf.began_at = ShelfState.IN_FORCE.value, alert.id, now
    shelf.until = now + timedelta(seconds=shelf.seconds)
    alert.shelf_id, alert.shelved_until = shelf.id, shelf.until


def _duration(wish: ShelfWish, severity: Severity) -> timedelta:
    longest = LONGEST[severity]
    if wish.duration is None:
        if wish.kind is ShelfKind.TIMED:
            raise ValidationFailed("Say for how long. Nothing is shelved for ever.", ["minutes"])
        return longest
    if not SHORTEST <= wish.duration <= longest:
        hours = longest.total_seconds() / 3600
        raise ValidationFailed(
            f"An alert of severity {severity.value} can be shelved for 1 minute to {hours:g} hours.", ["minutes"]
        )
    return wish.duration


def _standing(shelf: Shelf) -> str:
    if shelf.state == ShelfState.REQUESTED:
        return f"Shelving was asked for at {iso_utc(shelf.requested_at)} and waits for a second person."
    until = "" if shelf.until is None else f" until {iso_utc(shelf.until)}"
    return f"This alert is shelved{until} already. Take it off the shelf first."


def _details(shelf: Shelf) -> dict[str, Any]:
    return {
        "shelf_id": shelf.id,
        "kind": shelf.kind,
        "reason": shelf.reason,
        "seconds": shelf.seconds,
        "until": shelf.until,
        "requested_by": shelf.requested_by,
    }


async def _locked(work: UnitOfWork, alert_id: UUID) -> Alert:
    alert = await repository.get(work, alert_id, lock=True)
    if alert is None:
        raise NotFound(ALERT_NOT_FOUND, ["id"])
    return alert


async def _newest_of(work: UnitOfWork, shelf: Shelf) -> Alert:
    """The alert as it is by now: it may have cleared and come again since shelving was asked for."""
    open_alerts = await repository.lock_open(work, [suppressions.shelf_key(shelf)])
    return open_alerts[0] if open_alerts else await _locked(work, shelf.alert_id)
