"""Making, changing and deleting rotations and overrides, and asking who is on call.

Lock order: the list of rotations when one is added, then the rotation, then the head of the journal.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec

from plantwright.core.clock import utc_now
from plantwright.core.database import UnitOfWork
from plantwright.core.errors import Conflict, NotFound, ValidationFailed
from plantwright.escalation import facts, on_call_repository, repository
from plantwright.escalation.layers import RotationDraft, checked
from plantwright.escalation.models import OnCallOverride, OnCallRotation
from plantwright.escalation.policies import steps_of
from plantwright.escalation.rotation import Layer, Override, Shift, calendar, on_call_at
from plantwright.escalation.targets import require_users
from plantwright.escalation.wall_time import Span, require_zone
from plantwright.identity.models import Role
from plantwright.identity.principal import Principal
from plantwright.journal.service import Journal

MOST_ROTATIONS: Final = 50
MOST_OVERRIDES: Final = 100
LONGEST_OVERRIDE: Final = timedelta(days=92)
LONGEST_CALENDAR: Final = timedelta(days=35)
ROTATION_NOT_FOUND: Final = "On-call rotation not found."
OVERRIDE_NOT_FOUND: Final = "Override not found."
_LIST: Final = "on_call_rotations"
_INSTANT: Final = timedelta(microseconds=1)


async def create(work: UnitOfWork, journal: Journal, actor_id: UUID, draft: RotationDraft) -> OnCallRotation:
    """
    Raises:
        ValidationFailed: something breaks a rule.
        NotFound: a participant is not of this tenant.
        Conflict: the name is taken, or the tenant has as many rotations as it may have.
    """
    draft = checked(draft)
    await _require_participants(work, draft, set())
    await repository.lock_list(work, _LIST)
    if await on_call_repository.count_rotations(work) >= MOST_ROTATIONS:
        raise Conflict(f"There are {MOST_ROTATIONS} rotations already. Delete one that is not needed.")
    await _require_free(work, draft.name, None)
    rotation = OnCallRotation(tenant_id=work.tenant_id, **_columns(draft))
    work.session.add(rotation)
    await journal.append(work, facts.rotation_fact(facts.ROTATION_CREATED, rotation, actor_id))
    return rotation


async def update(
    work: UnitOfWork,
    journal: Journal,
    actor_id: UUID,
    rotation_id: UUID,
    changes: Mapping[str, Any],
    *,
    expected_version: int | None = None,
) -> OnCallRotation:
    """Change the named fields of `RotationDraft`; overrides stay.

    Raises:
        ValidationFailed: something breaks a rule.
        NotFound: no such rotation, or a participant is not of this tenant.
        Conflict: the name is taken, or it has changed since `expected_version`.
    """
    rotation = await require_rotation(work, rotation_id, lock=True)
    if expected_version not in {None, rotation.version}:
        raise Conflict("Somebody has changed this rotation meanwhile. Load it again.", ["expectedVersion"])
    before = draft_of(rotation)
    draft = checked(msgspec.structs.replace(before, **changes))
    if draft == before:
        return rotation
    await _require_participants(work, draft, {one for layer in before.layers for one in layer.participants})
    await repository.lock_list(work, _LIST)
    await _require_free(work, draft.name, rotation_id)
    for name, value in _columns(draft).items():
        setattr(rotation, name, value)
    rotation.version, rotation.updated_at = rotation.version + 1, utc_now()
    work.session.add(rotation)
    await journal.append(work, facts.rotation_fact(facts.ROTATION_UPDATED, rotation, actor_id))
    return rotation


async def delete(work: UnitOfWork, journal: Journal, actor_id: UUID, rotation_id: UUID) -> None:
    """
    Raises:
        NotFound: no such rotation in this tenant.
        Conflict: a policy tells it; says which.
    """
    rotation = await require_rotation(work, rotation_id, lock=True)
    names = [
        f'"{policy.name}"'
        for policy in await repository.list_policies(work)
        if any(rotation_id in step.rotation_ids for step in steps_of(policy))
    ]
    if names:
        users = ", ".join(names)
        raise Conflict(f"This rotation is told by the escalation policy {users}. Take it out there first.", ["id"])
    work.session.expunge(rotation)
    await on_call_repository.delete_rotation(work, rotation_id)
    await journal.append(work, facts.rotation_fact(facts.ROTATION_DELETED, rotation, actor_id))


async def create_override(
    work: UnitOfWork, journal: Journal, principal: Principal, *, rotation_id: UUID, user_id: UUID, span: Span
) -> OnCallOverride:
    """Put somebody on call for a time, whoever's turn it is. Everyone may do so for themself.

    Raises:
        PermissionDenied: a viewer puts somebody else on call.
        ValidationFailed: the time is over, too long, or ends before it starts.
        NotFound: no such rotation, or no such active user.
        Conflict: the rotation has as many overrides as it may have.
    """
    _require_own(principal, user_id)
    now = utc_now()
    _check_span(span, now)
    rotation = await require_rotation(work, rotation_id, "rotationId", lock=True)
    await require_users(work, {user_id}, ["userId"])
    if await on_call_repository.count_overrides_after(work, rotation_id, now) >= MOST_OVERRIDES:
        raise Conflict(f"This rotation has {MOST_OVERRIDES} overrides to come already.", ["rotationId"])
    override = OnCallOverride(
        tenant_id=work.tenant_id,
        rotation_id=rotation_id,
        user_id=user_id,
        starts_at=span.start,
        ends_at=span.end,
        created_by=principal.user_id,
    )
    work.session.add(override)
    fact = facts.override_fact(facts.OVERRIDE_CREATED, override, rotation.name, principal.user_id)
    await journal.append(work, fact)
    return override


async def delete_override(work: UnitOfWork, journal: Journal, principal: Principal, override_id: UUID) -> None:
    """
    Raises:
        NotFound: no such override in this tenant.
        PermissionDenied: a viewer takes away somebody else's.
    """
    override = await on_call_repository.get_override(work, override_id)
    if override is None:
        raise NotFound(OVERRIDE_NOT_FOUND, ["id"])
    _require_own(principal, override.user_id)
    rotation = await require_rotation(work, override.rotation_id)
    work.session.expunge(override)
    await on_call_repository.delete_override(work, override_id)
    fact = facts.override_fact(facts.OVERRIDE_DELETED, override, rotation.name, principal.user_id)
    await journal.append(work, fact)


async def shifts_of(
    work: UnitOfWork, rotations: Sequence[OnCallRotation], start: datetime, end: datetime
) -> dict[UUID, list[Shift]]:
    """Who is on call from `start` to `end`, by rotation.

    Raises:
        ValidationFailed: the time is too long, or ends before it starts.
    """
    if not timedelta(0) < end - start <= LONGEST_CALENDAR:
        raise ValidationFailed(
            f"A calendar goes over at most {LONGEST_CALENDAR.days} days, from before to after.", ["to"]
        )
    rows = await on_call_repository.overrides_within(work, [rotation.id for rotation in rotations], start, end)
    return {
        rotation.id: calendar(
            layers_of(rotation),
            [_override(row) for row in rows if row.rotation_id == rotation.id],
            require_zone(rotation.time_zone),
            start,
            end,
        )
        for rotation in rotations
    }


async def on_call_now(work: UnitOfWork, rotation_ids: Sequence[UUID], now: datetime) -> dict[UUID, UUID | None]:
    """The person by rotation; rotations that are not there are left out."""
    found = await on_call_at_times(work, {(rotation_id, now) for rotation_id in rotation_ids})
    return {rotation_id: user_id for (rotation_id, _), user_id in found.items()}


async def on_call_at_times(
    work: UnitOfWork, wanted: Collection[tuple[UUID, datetime]]
) -> dict[tuple[UUID, datetime], UUID | None]:
    """The person by rotation and moment; rotations that are not there are left out."""
    if not wanted:
        return {}
    rotation_ids, moments = {rotation_id for rotation_id, _ in wanted}, [at for _, at in wanted]
    rows = {row.id: row for row in await on_call_repository.get_rotations(work, rotation_ids)}
    overrides = await on_call_repository.overrides_within(work, rotation_ids, min(moments), max(moments) + _INSTANT)
    found: dict[tuple[UUID, datetime], UUID | None] = {}
    for rotation_id, at in wanted:
        if rotation_id in rows:
            own = [_override(one) for one in overrides if one.rotation_id == rotation_id]
            row = rows[rotation_id]
            found[rotation_id, at] = on_call_at(layers_of(row), own, require_zone(row.time_zone), at)
    return found


async def require_rotation(
    work: UnitOfWork, rotation_id: UUID, path: str = "id", *, lock: bool = False
) -> OnCallRotation:
    """
    Raises:
        NotFound: no such rotation in this tenant.
    """
    rotation = await on_call_repository.get_rotation(work, rotation_id, lock=lock)
    if rotation is None:
        raise NotFound(ROTATION_NOT_FOUND, [path])
    return rotation


def layers_of(rotation: OnCallRotation) -> tuple[Layer, ...]:
    return msgspec.convert(rotation.layers, tuple[Layer, ...])


def draft_of(rotation: OnCallRotation) -> RotationDraft:
    return RotationDraft(name=rotation.name, time_zone=rotation.time_zone, layers=layers_of(rotation))


def _columns(draft: RotationDraft) -> dict[str, Any]:
    return {"name": draft.name, "time_zone": draft.time_zone, "layers": msgspec.to_builtins(draft.layers)}


def _override(row: OnCallOverride) -> Override:
    return Override(row.id, row.user_id, Span(row.starts_at, row.ends_at))


def _require_own(principal: Principal, user_id: UUID) -> None:
    if user_id != principal.user_id:
        principal.require(Role.ADMIN, Role.OPERATOR)


def _check_span(span: Span, now: datetime) -> None:
    if span.end <= span.start:
        raise ValidationFailed("An override ends after it starts.", ["endsAt"])
    if span.end - span.start > LONGEST_OVERRIDE:
        raise ValidationFailed(f"An override lasts at most {LONGEST_OVERRIDE.days} days.", ["endsAt"])
    if span.end <= now:
        raise ValidationFailed("This time is over already.", ["endsAt"])


async def _require_participants(work: UnitOfWork, draft: RotationDraft, known: set[UUID]) -> None:
    for number, layer in enumerate(draft.layers):
        new = set(layer.participants) - known
        await require_users(work, new, ["layers", str(number), "participantIds"])


async def _require_free(work: UnitOfWork, name: str, own_id: UUID | None) -> None:
    other = await on_call_repository.find_rotation_by_name(work, name)
    if other is not None and other.id != own_id:
        raise Conflict(f'There is a rotation called "{name}" already.', ["name"])
