"""What a policy says: for which alerts, and the chain of steps. Pure functions and their checks.

Of the policies that fit an alert, those apply that name its place most closely: the machine before the site before the
whole plant, and at the same closeness those that name the severity before those for all severities. All policies that
are equally close apply, each with a chain of its own.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Final, NamedTuple, TypeVar
from uuid import UUID

import msgspec

from plantwright.alerts.models import Severity
from plantwright.core.errors import ValidationFailed
from plantwright.core.text import bounded_text

Value = TypeVar("Value")

LONGEST_NAME: Final = 100
LONGEST_WAIT: Final = 1_440
MOST_STEPS: Final = 10
MOST_TARGETS: Final = 20
MOST_ROUNDS: Final = 10
MOST_SITES: Final = 50
MOST_MACHINES: Final = 200
LONGEST_SITE: Final = 200


class Step(msgspec.Struct, frozen=True):
    """Whom to tell when nobody has taken care `wait_minutes` after the step before."""

    wait_minutes: int
    channel_ids: tuple[UUID, ...] = ()
    user_ids: tuple[UUID, ...] = ()
    rotation_ids: tuple[UUID, ...] = ()


class PolicyDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A policy as people write it.

    Attributes:
        severities: which it is for; all when there are none.
        sites: locations of machines, however they are capitalised; everywhere when there are none.
        machine_ids: which machines it is for; all when there are none.
        rounds: how often the chain is gone through.
        repeat_after_minutes: from the last step of a round to the first of the next.
        stops_on_clear: whether it ends when the alert clears, though nobody has acknowledged it.
    """

    name: str
    steps: tuple[Step, ...]
    severities: tuple[Severity, ...] = ()
    sites: tuple[str, ...] = ()
    machine_ids: tuple[UUID, ...] = ()
    rounds: int = 1
    repeat_after_minutes: int = 15
    stops_on_clear: bool = True
    is_active: bool = True


class Subject(NamedTuple):
    """What of an alert chooses its policies; an alert about an agent has no machine, and an empty site."""

    severity: str
    machine_id: UUID | None
    site: str


class Selectors(NamedTuple):
    """Whom a policy is for; an empty collection stands for everything."""

    severities: Collection[str]
    sites: Collection[str]
    machine_ids: Collection[UUID]


def closeness(selectors: Selectors, subject: Subject) -> int | None:
    """How closely a policy names the subject, more is closer; None when it is not for it."""
    if selectors.severities and subject.severity not in selectors.severities:
        return None
    if selectors.machine_ids and subject.machine_id not in selectors.machine_ids:
        return None
    if selectors.sites and _folded(subject.site) not in {_folded(site) for site in selectors.sites}:
        return None
    return 4 * bool(selectors.machine_ids) + 2 * bool(selectors.sites) + bool(selectors.severities)


def checked(draft: PolicyDraft) -> PolicyDraft:
    """The draft with its texts trimmed.

    Raises:
        ValidationFailed: something breaks a rule; the path says what.
    """
    _require_range(draft.rounds, 1, MOST_ROUNDS, "rounds")
    _require_range(draft.repeat_after_minutes, 1, LONGEST_WAIT, "repeatAfterMinutes")
    _require_count(draft.steps, 1, MOST_STEPS, "steps")
    _require_count(draft.sites, 0, MOST_SITES, "sites")
    _require_count(draft.machine_ids, 0, MOST_MACHINES, "machineIds")
    for number, step in enumerate(draft.steps):
        _check_step(step, number)
    return msgspec.structs.replace(
        draft,
        name=bounded_text(draft.name, "name", longest=LONGEST_NAME, shortest=1),
        sites=_unique(bounded_text(site, "sites", longest=LONGEST_SITE, shortest=1) for site in draft.sites),
        severities=_unique(draft.severities),
        machine_ids=_unique(draft.machine_ids),
    )


def _check_step(step: Step, number: int) -> None:
    path = ["steps", str(number)]
    if not 0 <= step.wait_minutes <= LONGEST_WAIT:
        raise ValidationFailed(
            f"Step {number + 1} must wait 0 to {LONGEST_WAIT:,} minutes; this says {step.wait_minutes:,}.",
            [*path, "waitMinutes"],
        )
    targets = len(step.channel_ids) + len(step.user_ids) + len(step.rotation_ids)
    if not 1 <= targets <= MOST_TARGETS:
        raise ValidationFailed(
            f"Step {number + 1} must tell 1 to {MOST_TARGETS} channels, users or rotations; this names {targets}.", path
        )
    for name, ids in (("channelIds", step.channel_ids), ("userIds", step.user_ids), ("rotationIds", step.rotation_ids)):
        if len(set(ids)) < len(ids):
            raise ValidationFailed(f"Step {number + 1} names the same target twice.", [*path, name])


def _require_range(value: int, least: int, most: int, field: str) -> None:
    if not least <= value <= most:
        raise ValidationFailed(f"{field} must be {least:,} to {most:,}; this is {value:,}.", [field])


def _require_count(values: Sequence[object], least: int, most: int, field: str) -> None:
    if not least <= len(values) <= most:
        size = f"{least} to {most}" if least else f"at most {most}"
        raise ValidationFailed(f"{field} must have {size} entries; this has {len(values)}.", [field])


def _unique(values: Iterable[Value]) -> tuple[Value, ...]:
    return tuple(dict.fromkeys(values))


def _folded(site: str) -> str:
    return site.strip().casefold()
