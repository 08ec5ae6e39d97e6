"""Whom a step tells now, and who is told later. Pure functions of their arguments."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from plantwright.alerts.models import Severity
from plantwright.escalation.models import HoldReason, RecipientKind
from plantwright.escalation.policy import Step
from plantwright.escalation.quiet_hours import QuietHours, held_until
from plantwright.escalation.targets import Targets, troubles_of

# In a flood, what is not critical comes as one message per recipient in this time.
FLOOD_DIGEST: Final = timedelta(minutes=10)


class Recipient(NamedTuple):
    kind: RecipientKind
    id: UUID


class Held(NamedTuple):
    recipient: Recipient
    reason: HoldReason
    release_at: datetime


class Delivery(NamedTuple):
    """`troubles` says, for people, who could not be told and why."""

    told: list[Recipient]
    held: list[Held]
    troubles: list[str]

    def ids(self, kind: RecipientKind) -> list[UUID]:
        return [one.id for one in self.told if one.kind is kind]

    def held_ids(self, kind: RecipientKind) -> list[UUID]:
        return [one.recipient.id for one in self.held if one.recipient.kind is kind]


class Surroundings(NamedTuple):
    """What the targets of steps are at one moment.

    `on_call` is who is on call by rotation; `quiet` is by user and channel; `flood_releases` is when those are told
    for whom something of a flood waits already.
    """

    targets: Targets
    on_call: Mapping[UUID, UUID | None]
    quiet: Mapping[UUID, QuietHours]
    flood_releases: Mapping[UUID, datetime]


def deliver(step: Step, severity: str, around: Surroundings, now: datetime, *, is_flood: bool) -> Delivery:
    """Each recipient once, however often the step names them."""
    recipients, troubles = _recipients(step, around)
    told, held = [], []
    for recipient in recipients:
        holding = _holding(recipient, severity, around, now, is_flood=is_flood)
        if holding is None:
            told.append(recipient)
        else:
            held.append(holding)
    return Delivery(told, held, troubles)


def _recipients(step: Step, around: Surroundings) -> tuple[Collection[Recipient], list[str]]:
    there, troubles = around.targets, troubles_of(step, around.targets)
    found = [Recipient(RecipientKind.CHANNEL, one) for one in step.channel_ids if one in there.channels]
    found += [Recipient(RecipientKind.USER, one) for one in step.user_ids if one in there.users]
    for rotation_id in step.rotation_ids:
        name, user_id = there.rotations.get(rotation_id), around.on_call.get(rotation_id)
        if user_id is not None and user_id in there.users:
            found.append(Recipient(RecipientKind.USER, user_id))
        elif user_id is not None:
            troubles.append(f'Who is on call in "{name}" is switched off.')
        elif name is not None:
            troubles.append(f'Nobody is on call in "{name}".')
    return dict.fromkeys(found), troubles


def _holding(
    recipient: Recipient, severity: str, around: Surroundings, now: datetime, *, is_flood: bool
) -> Held | None:
    until = held_until(around.quiet.get(recipient.id), severity, now)
    if until is not None:
        return Held(recipient, HoldReason.QUIET_HOURS, until)
    if is_flood and severity != Severity.CRITICAL:
        release_at = around.flood_releases.get(recipient.id, now + FLOOD_DIGEST)
        return Held(recipient, HoldReason.FLOOD, release_at)
    return None
