"""Turns findings and lost links into alerts, and follows work orders: a machine may be out of service meanwhile.

The cursor moves in the transaction of the alerts and their journal rows.
"""

from collections.abc import Iterable, Iterator, Sequence

import structlog

from plantwright.alerts import repository
from plantwright.alerts.book import AlertBook
from plantwright.alerts.findings import FindingAction, FindingFact, read_finding
from plantwright.alerts.links import follow_links
from plantwright.alerts.orders import WORK_ORDER_STATUS_CHANGED, follow_orders
from plantwright.alerts.silences import TOLD_BY_LINKS, read_silence
from plantwright.core.database import UnitOfWork
from plantwright.journal.models import AuditRecord
from plantwright.journal.service import Journal

log = structlog.get_logger()


class AlertConsumer:
    name = "alerts"
    prefixes = (*FindingAction, *TOLD_BY_LINKS, WORK_ORDER_STATUS_CHANGED)

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    async def consume(self, work: UnitOfWork, records: Sequence[AuditRecord]) -> None:
        orders = [record for record in records if record.action == WORK_ORDER_STATUS_CHANGED]
        findings = await _known(work, list(_readable(record for record in records if record not in orders)))
        if findings:
            book = await AlertBook.load(work, findings)
            facts = [fact for finding in findings for fact in book.take(finding)]
            facts += await book.finish()
            await self._journal.append(work, *facts)
            await follow_links(work, self._journal, findings)
        await follow_orders(work, self._journal, orders)


def _readable(records: Iterable[AuditRecord]) -> Iterator[FindingFact]:
    for record in records:
        try:
            yield read_silence(record) if record.action in TOLD_BY_LINKS else read_finding(record)
        except (KeyError, ValueError, TypeError) as error:
            # The row stays in the journal; stopping here would hold up every later finding of the tenant.
            log.error("finding_unreadable", sequence=record.sequence, action=record.action, error=repr(error))  # noqa: TRY400 - no traceback for a row that says it all


async def _known(work: UnitOfWork, findings: list[FindingFact]) -> list[FindingFact]:
    metric_ids = {finding.key.metric_id for finding in findings if finding.key.metric_id is not None}
    machine_ids = {key.machine_id for key in (f.key for f in findings) if key.machine_id and key.metric_id is None}
    machines_of = await repository.machines_of_metrics(work, metric_ids) if metric_ids else {}
    machines = await repository.existing_machines(work, machine_ids) if machine_ids else set()
    known = []
    for finding in findings:
        key = finding.key
        if key.metric_id is not None:
            is_known = machines_of.get(key.metric_id) == key.machine_id
        else:
            is_known = key.machine_id is None or key.machine_id in machines
        if is_known:
            known.append(finding)
        else:
            log.warning("finding_of_unknown_metric", **{name: str(value) for name, value in key._asdict().items()})
    return known
