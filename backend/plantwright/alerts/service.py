"""Reading alerts, and what people do with them: acknowledge, comment, assign."""

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from plantwright.alerts import facts, life_cycle, repository
from plantwright.alerts.about import about_many, about_one
from plantwright.alerts.facts import alert_fact
from plantwright.alerts.judging import judge_all
from plantwright.alerts.models import Alert, AlertComment, AlertOutcome
from plantwright.alerts.repository import AlertCursor, AlertFilter, AlertSummary, OpenCounts
from plantwright.core.clock import utc_now
from plantwright.core.database import UnitOfWork
from plantwright.core.errors import NotFound, ValidationFailed
from plantwright.core.text import bounded_text
from plantwright.identity import repository as identity
from plantwright.journal.service import Journal

LONGEST_NOTE = 2000
LONGEST_COMMENT = 10_000
MOST_AT_ONCE = 100
ALERT_NOT_FOUND = "Alert not found."


async def acknowledge(
    work: UnitOfWork,
    journal: Journal,
    actor_id: UUID,
    alert_id: UUID,
    note: str | None = None,
    *,
    outcome: AlertOutcome | None = None,
) -> Alert:
    """Take note of an alert in the name of a person, and with an outcome judge it too.

    Raises:
        ValidationFailed: the note is too long.
        NotFound: no such alert in this tenant.
        Conflict: it has been acknowledged already.
    """
    text = _note(note)
    alert = await repository.get(work, alert_id, lock=True)
    if alert is None:
        raise NotFound(ALERT_NOT_FOUND, ["id"])
    life_cycle.acknowledge(alert, utc_now(), actor_id, text)
    about = await about_one(work, alert)
    taken = alert_fact(facts.ACKNOWLEDGED, alert, about, actor_id, **_by(actor_id, text))
    judged = [] if outcome is None else judge_all([alert], outcome, {alert.id: about}, actor_id)
    await journal.append(work, taken, *judged)
    return alert


class Acknowledged(NamedTuple):
    """`already` were acknowledged before, by whomever; they stay as they are."""

    alerts: Sequence[Alert]
    already: int


async def acknowledge_many(
    work: UnitOfWork,
    journal: Journal,
    actor_id: UUID,
    alert_ids: Collection[UUID],
    note: str | None = None,
    *,
    outcome: AlertOutcome | None = None,
) -> Acknowledged:
    """Take note of the alerts that somebody has before them: of one site, and no more than fit on a screen.

    Raises:
        ValidationFailed: none, too many, or of several sites; or the note is too long.
        NotFound: one of them does not exist in this tenant; then none is acknowledged.
    """
    text, wanted = _note(note), set(alert_ids)
    if not 1 <= len(wanted) <= MOST_AT_ONCE:
        raise ValidationFailed(
            f"Between 1 and {MOST_AT_ONCE} alerts are acknowledged at once; these are {len(wanted):,}.", ["alertIds"]
        )
    alerts = await repository.lock_many(work, wanted)
    if len(alerts) != len(wanted):
        raise NotFound("Some of these alerts do not exist. None was acknowledged.", ["alertIds"])
    sites = sorted({alert.site for alert in alerts})
    if len(sites) > 1:
        names = ", ".join(site or "no site" for site in sites)
        raise ValidationFailed(
            f"These alerts are of several sites ({names}). Acknowledge them site by site.", ["alertIds"]
        )
    open_ones = [alert for alert in alerts if alert.acknowledged_at is None]
    now = utc_now()
    for alert in open_ones:
        life_cycle.acknowledge(alert, now, actor_id, text)
    about = await about_many(work, open_ones)
    by = _by(actor_id, text)
    told = [alert_fact(facts.ACKNOWLEDGED, one, about[one.id], actor_id, **by) for one in open_ones]
    told += [] if outcome is None else judge_all(open_ones, outcome, about, actor_id)
    await journal.append(work, *told)
    return Acknowledged(alerts, len(alerts) - len(open_ones))


async def note_opened(work: UnitOfWork, alert_id: UUID) -> Alert:
    """Somebody looks at the alert: the first time is kept, and not who it was. Not journaled, for it changes nothing.

    Raises:
        NotFound: no such alert in this tenant.
    """
    await repository.note_opened(work, alert_id, utc_now())
    return await get(work, alert_id)


async def judge(
    work: UnitOfWork, journal: Journal, actor_id: UUID, alert_id: UUID, outcome: AlertOutcome | None
) -> Alert:
    """Say what an alert turned out to be, in any of its states; None takes that back.

    Raises:
        NotFound: no such alert in this tenant.
    """
    alert = await repository.get(work, alert_id, lock=True)
    if alert is None:
        raise NotFound(ALERT_NOT_FOUND, ["id"])
    about = {alert.id: await about_one(work, alert)}
    await journal.append(work, *judge_all([alert], outcome, about, actor_id))
    return alert


async def comment(work: UnitOfWork, journal: Journal, actor_id: UUID, alert_id: UUID, body: str) -> AlertComment:
    """
    Raises:
        ValidationFailed: nothing, or too much of it.
        NotFound: no such alert in this tenant.
    """
    text = bounded_text(body, "body", shortest=1, longest=LONGEST_COMMENT)
    alert = await repository.get(work, alert_id, lock=True)
    if alert is None:
        raise NotFound(ALERT_NOT_FOUND, ["id"])
    row = AlertComment(tenant_id=work.tenant_id, alert_id=alert.id, author_id=actor_id, body=text, created_at=utc_now())
    work.session.add(row)
    about = await about_one(work, alert)
    await journal.append(work, alert_fact(facts.COMMENTED, alert, about, actor_id, comment_id=row.id, body=text))
    return row


async def assign(work: UnitOfWork, journal: Journal, actor_id: UUID, alert_id: UUID, assignee_id: UUID | None) -> Alert:
    """Give the alert to a person, or with None to nobody.

    Raises:
        ValidationFailed: the person is not an active user of this tenant.
        NotFound: no such alert in this tenant.
    """
    alert = await repository.get(work, alert_id, lock=True)
    if alert is None:
        raise NotFound(ALERT_NOT_FOUND, ["id"])
    user = None if assignee_id is None else await identity.get_user(work, assignee_id)
    if assignee_id is not None and (user is None or not user.is_active):
        raise ValidationFailed("An alert can only be given to an active user.", ["assigneeId"])
    if alert.assignee_id == assignee_id:
        return alert
    old = alert.assignee_id
    alert.assignee_id, alert.assigned_at = assignee_id, None if assignee_id is None else utc_now()
    details: dict[str, Any] = {"old_assignee_id": old, "assignee": None if user is None else user.full_name}
    await journal.append(work, alert_fact(facts.ASSIGNED, alert, await about_one(work, alert), actor_id, **details))
    return alert


def _note(note: str | None) -> str | None:
    return bounded_text(note or "", "note", longest=LONGEST_NOTE) or None


def _by(actor_id: UUID, note: str | None) -> dict[str, Any]:
    return {"acknowledged_by": actor_id, "note": note}


async def page(work: UnitOfWork, where: AlertFilter, after: AlertCursor | None, first: int) -> Sequence[Alert]:
    """At most `first` alerts after the cursor, newest first; ask for one more to learn whether there are more."""
    return await repository.page_newest_first(work, where, after, first)


async def count(work: UnitOfWork, where: AlertFilter) -> int:
    return await repository.count(work, where)


async def get(work: UnitOfWork, alert_id: UUID) -> Alert:
    """
    Raises:
        NotFound: no such alert in this tenant.
    """
    alert = await repository.get(work, alert_id)
    if alert is None:
        raise NotFound(ALERT_NOT_FOUND, ["id"])
    return alert


async def get_many(work: UnitOfWork, alert_ids: Collection[UUID]) -> dict[UUID, Alert]:
    """By id; those that are not in this tenant are left out."""
    return {alert.id: alert for alert in await repository.get_many(work, alert_ids)}


async def open_counts(work: UnitOfWork, machine_ids: Collection[UUID]) -> dict[UUID, OpenCounts]:
    """For every given machine."""
    return await repository.open_counts(work, machine_ids)


async def summary(work: UnitOfWork) -> AlertSummary:
    return await repository.summary(work)
