"""Setting and dropping quiet hours, and what that does to what they hold already.

What has none of its own has those of the tenant. Lock order: what is held, then the head of the journal.
"""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from plantwright.alerts.models import Severity
from plantwright.core.clock import utc_now
from plantwright.core.database import UnitOfWork
from plantwright.core.errors import NotFound, ValidationFailed
from plantwright.escalation import facts, quiet_repository
from plantwright.escalation.layers import check_windows
from plantwright.escalation.models import QuietHoursSetting
from plantwright.escalation.quiet_hours import DigestRhythm, QuietHours, is_held, never_ends, release_time
from plantwright.escalation.targets import CHANNEL_NOT_FOUND
from plantwright.escalation.wall_time import require_zone
from plantwright.identity.models import Role
from plantwright.identity.principal import Principal
from plantwright.journal.service import Journal
from plantwright.notifications import repository as notifications
from plantwright.notifications.routing import READ_BY_PROGRAMS


class QuietScope(StrEnum):
    """Whose quiet hours."""

    TENANT = "tenant"
    USER = "user"
    CHANNEL = "channel"


async def subject_of(work: UnitOfWork, principal: Principal, scope: QuietScope, channel_id: UUID | None) -> UUID:
    """Whose quiet hours these are; of scope user, those of the person who asks.

    Raises:
        PermissionDenied: the role may not change them: the tenant's are for admins, a channel's for operators too.
        NotFound: no such channel in this tenant.
    """
    if scope is QuietScope.USER:
        return principal.user_id
    if scope is QuietScope.TENANT:
        principal.require(Role.ADMIN)
        return principal.tenant_id
    principal.require(Role.ADMIN, Role.OPERATOR)
    channel = None if channel_id is None else await notifications.get_channel(work, channel_id)
    if channel is None or channel.user_id is not None:
        raise NotFound(CHANNEL_NOT_FOUND, ["channelId"])
    return channel.id


async def put(
    work: UnitOfWork, journal: Journal, actor_id: UUID, *, scope: QuietScope, subject_id: UUID, quiet: QuietHours
) -> QuietHoursSetting:
    """What waits already is told when the new setting says so.

    Raises:
        ValidationFailed: something breaks a rule.
    """
    _check(quiet)
    setting = msgspec.to_builtins(quiet)
    row = (await quiet_repository.settings_of(work, [subject_id])).get(subject_id)
    if row is None:
        row = QuietHoursSetting(tenant_id=work.tenant_id, subject_id=subject_id, scope=scope.value, setting=setting)
    elif row.setting == setting:
        return row
    row.setting, row.updated_at = setting, utc_now()
    work.session.add(row)
    await work.session.flush()
    await _release_anew(work, utc_now())
    fact = facts.quiet_hours_fact(facts.QUIET_HOURS_CHANGED, scope.value, subject_id, setting, actor_id)
    await journal.append(work, fact)
    return row


async def remove(work: UnitOfWork, journal: Journal, actor_id: UUID, scope: QuietScope, subject_id: UUID) -> None:
    """Those of the tenant hold again; nothing happens when there are none."""
    rows = await quiet_repository.settings_of(work, [subject_id])
    if subject_id not in rows:
        return
    work.session.expunge(rows[subject_id])
    await quiet_repository.delete_setting(work, subject_id)
    await _release_anew(work, utc_now())
    fact = facts.quiet_hours_fact(facts.QUIET_HOURS_REMOVED, scope.value, subject_id, None, actor_id)
    await journal.append(work, fact)


async def in_force(work: UnitOfWork, subject_ids: Collection[UUID]) -> dict[UUID, QuietHours]:
    """Of each subject its own, else the tenant's; left out when there are neither.

    The address of a user has those of the user. What programs read has its own alone: a program sleeps at no time.
    """
    channels = {row.id: row for row in await notifications.get_channels(work, subject_ids)}
    owners = {one: (row.user_id if (row := channels.get(one)) else None) or one for one in subject_ids}
    rows = await quiet_repository.settings_of(work, [*owners.values(), work.tenant_id])
    programs = {one for one, row in channels.items() if row.type in READ_BY_PROGRAMS}
    found = {
        one: rows.get(owner) or (None if one in programs else rows.get(work.tenant_id)) for one, owner in owners.items()
    }
    return {one: quiet_hours_of(row) for one, row in found.items() if row is not None}


def quiet_hours_of(row: QuietHoursSetting) -> QuietHours:
    return msgspec.convert(row.setting, QuietHours)


async def _release_anew(work: UnitOfWork, now: datetime) -> None:
    held = await quiet_repository.lock_held(work)
    quiet = await in_force(work, {notice.recipient_id for notice in held})
    for notice in held:
        notice.release_at = _release_of(quiet.get(notice.recipient_id), now)
    work.session.add_all(held)


def _release_of(quiet: QuietHours | None, now: datetime) -> datetime:
    if quiet is None:
        return now
    waits = quiet.rhythm is not DigestRhythm.AFTER_QUIET_HOURS or any(
        is_held(quiet, severity, now) for severity in quiet.low_urgency
    )
    return release_time(quiet, now) if waits else now


def _check(quiet: QuietHours) -> None:
    require_zone(quiet.time_zone)
    check_windows(quiet.windows, ["windows"])
    if not quiet.windows:
        raise ValidationFailed("Say when it is quiet: at least one window.", ["windows"])
    if Severity.CRITICAL in quiet.low_urgency:
        raise ValidationFailed("Critical never waits: low urgency is info, or info and warning.", ["lowUrgency"])
    if quiet.rhythm is DigestRhythm.AFTER_QUIET_HOURS and never_ends(quiet.windows):
        raise ValidationFailed(
            "These quiet hours never end: leave some time, or choose a daily or weekly digest.", ["windows"]
        )
    if quiet.digest_weekday not in range(1, 8):
        raise ValidationFailed("digestWeekday is 1 (Monday) to 7 (Sunday).", ["digestWeekday"])
