"""Starts, pauses and ends escalations by what the journal says about alerts.

The cursor moves in the transaction of the timers; a step is told by the sweep when its time has come.
"""

from collections.abc import Iterator, Sequence

import structlog

from plantwright.core.database import UnitOfWork
from plantwright.escalation.alert_facts import AlertFact, read_alert
from plantwright.escalation.book import EscalationBook
from plantwright.escalation.facts import ESCALATED
from plantwright.journal.models import AuditRecord

log = structlog.get_logger()


class EscalationConsumer:
    name = "escalation"
    prefixes = ("alert.",)

    async def consume(self, work: UnitOfWork, records: Sequence[AuditRecord]) -> None:
        told = list(_readable(records))
        if not told:
            return
        book = await EscalationBook.load(work, told)
        for fact in told:
            book.take(fact)
        work.session.add_all(book.escalations())
        await work.session.flush()


def _readable(records: Sequence[AuditRecord]) -> Iterator[AlertFact]:
    for record in records:
        if record.action == ESCALATED:
            continue
        try:
            yield read_alert(record)
        except (KeyError, ValueError, TypeError) as error:
            # The row stays in the journal; stopping here would hold up every later alert of the tenant.
            log.error("alert_fact_unreadable", sequence=record.sequence, action=record.action, error=repr(error))  # noqa: TRY400 - no traceback for a row that says it all
