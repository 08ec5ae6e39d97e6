"""While a source is lost, machines behind it that fall silent say nothing of their own: one alert tells of the link."""

from collections.abc import Sequence
from uuid import UUID

from plantwright.alerts import repository
from plantwright.alerts.findings import FindingAction, FindingFact
from plantwright.alerts.models import AlertCause
from plantwright.alerts.suppression import repository as suppressions
from plantwright.alerts.suppression.axis import DesignReason, with_reason
from plantwright.alerts.suppression.running import design_facts
from plantwright.core.database import UnitOfWork
from plantwright.journal.service import Journal


async def follow_links(work: UnitOfWork, journal: Journal, findings: Sequence[FindingFact]) -> None:
    """Alerts about silence that stand already are suppressed when the link turns out to be the cause, and come back
    when the link does.
    """
    of_sources = [finding for finding in findings if finding.key.cause == AlertCause.SOURCE_LOST]
    if not of_sources:
        return
    lost = {f.located_at for f in of_sources if f.action is FindingAction.STARTED and f.located_at is not None}
    ended = {f.key.source_id for f in of_sources if f.action is FindingAction.ENDED and f.key.source_id is not None}
    machines = lost | await repository.machines_of_sources(work, ended)
    unreachable = await suppressions.machines_behind_lost_sources(work, machines)
    await _mark(work, journal, machines, unreachable)


async def _mark(work: UnitOfWork, journal: Journal, machines: set[UUID], unreachable: set[UUID]) -> None:
    silent = [a for a in await repository.lock_open_of_machines(work, machines) if a.evidence.get("is_silence")]
    reason = DesignReason.COMMUNICATION_LOST
    changed = [alert for alert in silent if with_reason(alert, reason, holds=alert.machine_id in unreachable)]
    await journal.append(work, *await design_facts(work, changed, reason))
