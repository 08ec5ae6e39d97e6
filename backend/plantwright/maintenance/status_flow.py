"""From open to completed: what may follow what.

open -> in_progress -> completed
open, in_progress -> cancelled
"""

from plantwright.core.errors import Conflict
from plantwright.maintenance.models import WorkOrderStatus

NEXT: dict[WorkOrderStatus, frozenset[WorkOrderStatus]] = {
    WorkOrderStatus.OPEN: frozenset({WorkOrderStatus.IN_PROGRESS, WorkOrderStatus.CANCELLED}),
    WorkOrderStatus.IN_PROGRESS: frozenset({WorkOrderStatus.COMPLETED, WorkOrderStatus.CANCELLED}),
    WorkOrderStatus.COMPLETED: frozenset(),
    WorkOrderStatus.CANCELLED: frozenset(),
}


def is_closed(status: WorkOrderStatus) -> bool:
    return not NEXT[status]


def require_step(old: WorkOrderStatus, new: WorkOrderStatus) -> None:
    """
    Raises:
        Conflict: `new` does not follow `old`; says what does.
    """
    if new in NEXT[old]:
        return
    following = " or ".join(sorted(_words(status) for status in NEXT[old]))
    raise Conflict(f"A work order that is {_words(old)} cannot become {_words(new)}, only {following}.", ["status"])


def _words(status: WorkOrderStatus) -> str:
    return status.value.replace("_", " ")
