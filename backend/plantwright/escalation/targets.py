"""Whether what a policy or a rotation names is there, and what is wrong with it when it no longer is."""

from collections.abc import Collection, Sequence
from typing import Final, NamedTuple
from uuid import UUID

from plantwright.assets import repository as assets
from plantwright.core.database import UnitOfWork
from plantwright.core.errors import NotFound
from plantwright.escalation import on_call_repository
from plantwright.escalation.policy import PolicyDraft, Step
from plantwright.identity import repository as identity
from plantwright.notifications import repository as notifications

CHANNEL_NOT_FOUND: Final = "Notification channel not found."
USER_NOT_FOUND: Final = "User not found."
ROTATION_NOT_FOUND: Final = "On-call rotation not found."
MACHINE_NOT_FOUND: Final = "Machine not found."


class Targets(NamedTuple):
    """Names of what is there, by id; of users and channels only those that can be told."""

    channels: dict[UUID, str]
    users: dict[UUID, str]
    rotations: dict[UUID, str]
    switched_off: dict[UUID, str]

    def name_of(self, target_id: UUID) -> str | None:
        """None when it has been deleted."""
        found = (names.get(target_id) for names in self)
        return next((name for name in found if name is not None), None)


async def require_targets(work: UnitOfWork, draft: PolicyDraft, known: PolicyDraft | None = None) -> None:
    """What `known` names already may stay, though it is gone: a policy can be changed around a broken target.

    Raises:
        NotFound: a machine, channel, user or rotation is not there.
    """
    old = _Named.of(known)
    machine_ids = set(draft.machine_ids) - old.machines
    if len(await assets.get_machines(work, list(machine_ids))) < len(machine_ids):
        raise NotFound(MACHINE_NOT_FOUND, ["machineIds"])
    there = await load_targets(work, draft.steps)
    for number, step in enumerate(draft.steps):
        path = ["steps", str(number)]
        if not set(step.channel_ids) - old.targets <= there.channels.keys() | there.switched_off.keys():
            raise NotFound(CHANNEL_NOT_FOUND, [*path, "channelIds"])
        if not set(step.user_ids) - old.targets <= there.users.keys():
            raise NotFound(USER_NOT_FOUND, [*path, "userIds"])
        if not set(step.rotation_ids) - old.targets <= there.rotations.keys():
            raise NotFound(ROTATION_NOT_FOUND, [*path, "rotationIds"])


async def require_users(work: UnitOfWork, user_ids: Collection[UUID], path: Sequence[str]) -> None:
    """
    Raises:
        NotFound: one of them is no active user of this tenant.
    """
    there = {user.id for user in await identity.get_users(work, list(user_ids)) if user.is_active}
    if not set(user_ids) <= there:
        raise NotFound(USER_NOT_FOUND, path)


async def load_targets(work: UnitOfWork, steps: Collection[Step]) -> Targets:
    channel_ids = {one for step in steps for one in step.channel_ids}
    user_ids = {one for step in steps for one in step.user_ids}
    rotation_ids = {one for step in steps for one in step.rotation_ids}
    channels = [row for row in await notifications.get_channels(work, channel_ids) if row.user_id is None]
    users = await identity.get_users(work, list(user_ids))
    rotations = await on_call_repository.get_rotations(work, rotation_ids)
    return Targets(
        channels={row.id: row.name for row in channels if row.is_active},
        users={row.id: row.full_name for row in users if row.is_active},
        rotations={row.id: row.name for row in rotations},
        switched_off={row.id: row.name for row in channels if not row.is_active}
        | {row.id: row.full_name for row in users if not row.is_active},
    )


def troubles_of(step: Step, there: Targets) -> list[str]:
    """Why targets of the step cannot be told, for people; empty when all can."""
    named = (("channel", step.channel_ids), ("user", step.user_ids), ("rotation", step.rotation_ids))
    troubles = [trouble_of(kind, one, there) for kind, ids in named for one in ids]
    return [trouble for trouble in troubles if trouble is not None]


def trouble_of(kind: str, target_id: UUID, there: Targets) -> str | None:
    """Why a target cannot be told, for people; None when it can."""
    if target_id in there.channels or target_id in there.users or target_id in there.rotations:
        return None
    name = there.switched_off.get(target_id)
    return f"A {kind} of this step has been deleted." if name is None else f'The {kind} "{name}" is switched off.'


class _Named(NamedTuple):
    machines: set[UUID]
    targets: set[UUID]

    @classmethod
    def of(cls, draft: PolicyDraft | None) -> "_Named":
        if draft is None:
            return cls(set(), set())
        targets = {one for step in draft.steps for one in (*step.channel_ids, *step.user_ids, *step.rotation_ids)}
        return cls(set(draft.machine_ids), targets)
