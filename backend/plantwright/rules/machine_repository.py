"""SQL of what the journal says of machines as a whole: their states, whether they run, whether they are in service."""

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import and_, or_
from sqlalchemy.dialects.postgresql import distinct_on
from sqlmodel import col, select

from plantwright.core.clock import from_milliseconds, to_milliseconds
from plantwright.core.database import UnitOfWork
from plantwright.journal.models import AuditRecord
from plantwright.rules.definition import Aspect
from plantwright.rules.signals import STATES

STATUS_CHANGED = "machine.status_changed"
STARTED, STOPPED = "machine.started", "machine.stopped"
RUNNING_CONDITION_CHANGED = "machine.running_condition_changed"
TAKEN_OUT, RETURNED = "out_of_service.began", "out_of_service.ended"
ACTIONS = {
    Aspect.STATE: (STATUS_CHANGED,),
    Aspect.RUNNING: (STARTED, STOPPED, RUNNING_CONDITION_CHANGED),
    Aspect.SERVICE: (TAKEN_OUT, RETURNED),
}
# A machine of which nothing is known runs and is in service.
_UNTIL_TOLD = {Aspect.RUNNING: 1.0, Aspect.SERVICE: 1.0}
_STATUSES = [state.value for state in STATES]


class AspectChange(NamedTuple):
    """`value`: the place of the state among the states; 1 and 0 for running or in service, and not."""

    machine_id: UUID
    aspect: Aspect
    time_ms: int
    value: float


async def aspect_changes(
    work: UnitOfWork,
    wanted: Collection[tuple[UUID, Aspect]],
    after_ms: int,
    until_ms: int,
    *,
    with_beginning: bool = False,
) -> list[AspectChange]:
    """In order of time, in whole milliseconds; `with_beginning` also how things stood at `after_ms`."""
    found: list[AspectChange] = []
    for aspect in Aspect:
        machines = {machine_id for machine_id, one in wanted if one is aspect}
        if not machines:
            continue
        changes = list(_told(aspect, await _records(work, machines, aspect, after_ms, until_ms, with_beginning)))
        if with_beginning and aspect in _UNTIL_TOLD:
            found += [AspectChange(machine_id, aspect, after_ms, _UNTIL_TOLD[aspect]) for machine_id in machines]
        found += [one for one in changes if with_beginning or one.time_ms > after_ms]
    return found


async def _records(  # noqa: PLR0917 - of one question
    work: UnitOfWork,
    machines: Collection[UUID],
    aspect: Aspect,
    after_ms: int,
    until_ms: int,
    with_beginning: bool,
) -> Sequence[AuditRecord]:
    payload = col(AuditRecord.payload)
    own = and_(
        col(AuditRecord.tenant_id) == work.tenant_id,
        col(AuditRecord.action).in_(ACTIONS[aspect]),
        col(AuditRecord.machine_id).in_(machines),
        # A machine for which no condition holds any more counts as running; a new one is followed by what it found.
        or_(col(AuditRecord.action) != RUNNING_CONDITION_CHANGED, payload["condition"].as_string().is_(None)),
        # One metric that is out of service says nothing of the machine.
        payload["metric_id"].as_string().is_(None),
    )
    time = col(AuditRecord.created_at)
    in_time = select(AuditRecord).where(own, time < from_milliseconds(until_ms + 1))
    if aspect is Aspect.SERVICE:
        # Several can lie over each other, so all of them count.
        return (await work.session.exec(in_time.order_by(col(AuditRecord.sequence)))).all()
    before: Sequence[AuditRecord] = ()
    if with_beginning:
        newest = (
            select(AuditRecord)
            .where(own, time < from_milliseconds(after_ms + 1))
            .ext(distinct_on(col(AuditRecord.machine_id)))
            .order_by(col(AuditRecord.machine_id), col(AuditRecord.sequence).desc())
        )
        before = (await work.session.exec(newest)).all()
    within = in_time.where(time >= from_milliseconds(after_ms + 1)).order_by(col(AuditRecord.sequence))
    return [*before, *(await work.session.exec(within)).all()]


def _told(aspect: Aspect, records: Sequence[AuditRecord]) -> Iterator[AspectChange]:
    out: dict[UUID, set[str]] = {}
    for record in records:
        machine_id = record.machine_id
        if machine_id is None:
            continue
        match aspect:
            case Aspect.STATE:
                value = float(_STATUSES.index(str(record.payload["new_status"])))
            case Aspect.RUNNING:
                value = float(record.action != STOPPED)
            case Aspect.SERVICE:
                lasting = out.setdefault(machine_id, set())
                change = lasting.add if record.action == TAKEN_OUT else lasting.discard
                change(record.resource_id)
                value = float(not lasting)
        yield AspectChange(machine_id, aspect, to_milliseconds(record.created_at), value)


def aspect_told_by(action: str) -> Aspect | None:
    return next((aspect for aspect, actions in ACTIONS.items() if action in actions), None)
