"""While a link is lost, machines behind it that fall silent say nothing of their own: one alert tells of the link."""

from collections.abc import Collection, Sequence
from uuid import UUID

from plantwright.agents.machines_repository import machines_behind_silence
from plantwright.alerts import repository
from plantwright.alerts.findings import FindingFact
from plantwright.alerts.models import AlertCause
from plantwright.alerts.suppression import repository as suppressions
from plantwright.alerts.suppression.axis import DesignReason, with_reason
from plantwright.alerts.suppression.running import design_facts
from plantwright.core.database import UnitOfWork
from plantwright.journal.service import Journal

_LINKS = {AlertCause.AGENT_SILENT, AlertCause.SOURCE_LOST}


async def follow_links(work: UnitOfWork, journal: Journal, findings: Sequence[FindingFact]) -> None:
    """Alerts about silence that stand already are suppressed when a link turns out to be the cause, and come back when
    the link does. All of them are looked at: one machine may be behind several links.
    """
    if not any(finding.key.cause in _LINKS for finding in findings):
        return
    silent = await repository.lock_open_silences(work)
    lost = await machines_behind_lost_links(work, {alert.machine_id for alert in silent if alert.machine_id})
    reason = DesignReason.COMMUNICATION_LOST
    changed = [alert for alert in silent if with_reason(alert, reason, holds=alert.machine_id in lost)]
    await journal.append(work, *await design_facts(work, changed, reason))


async def machines_behind_lost_links(work: UnitOfWork, machine_ids: Collection[UUID]) -> set[UUID]:
    """Those with a source that is lost, and those of which all agents that read them are silent."""
    if not machine_ids:
        return set()
    lost = await suppressions.machines_behind_lost_sources(work, machine_ids)
    return lost | await machines_behind_silence(work, machine_ids)
