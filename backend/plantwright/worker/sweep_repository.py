"""What a sweep looks at of one tenant in one statement over all rooms: mostly, most tenants have nothing due."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from plantwright.agents.sweep import INTERVALS, LEAST_SILENCE
from plantwright.alerts.suppression.repository import IS_ALERT_TIME
from plantwright.alerts.timers import REQUESTS_LAPSE_AFTER
from plantwright.core.database import UnitOfWork
from plantwright.detection.replay.late_repository import IS_DUE as IS_LATE_DUE
from plantwright.notifications.outbox_repository import IS_DUE as IS_DELIVERY_DUE
from plantwright.readings.repository import OWN_NUMBER
from plantwright.rules.repository import IS_DUE as RULES_ARE_DUE
from plantwright.sources.lost_repository import IS_DUE as IS_SOURCE_DUE
from plantwright.sources.lost_repository import LOST_AFTER

_BEHIND = """
    EXISTS (SELECT FROM unnest(CAST(:{consumers} AS text[])) AS consumer_name
            LEFT JOIN consumer_cursor c ON c.tenant_id = :tenant_id AND c.consumer = consumer_name
            WHERE coalesce(c.position, 0) < newest.{log}) AS {consumers}"""
_OVERDUE = text(f"""
    SELECT {_BEHIND.format(consumers="readings", log="readings")},
           {_BEHIND.format(consumers="machines", log="readings")},
           {_BEHIND.format(consumers="journal", log="journal")},
           EXISTS (SELECT FROM storage_cleanup WHERE tenant_no = {OWN_NUMBER} AND finished_at IS NULL
                   AND (claimed_until IS NULL OR claimed_until < now())) AS cleanup,
           EXISTS (SELECT FROM detection_late WHERE tenant_id = :tenant_id AND ({IS_LATE_DUE}))
               OR EXISTS (SELECT FROM machine_chart_late WHERE tenant_id = :tenant_id AND ({IS_LATE_DUE}))
               AS late_readings,
           EXISTS (SELECT FROM agent WHERE tenant_id = :tenant_id AND state <> 'silent'
                   AND greatest(last_seen_at, :listening_since)
                       + greatest(make_interval(secs => {INTERVALS} * interval_seconds), :least_silence) < now())
               AS silent_agents,
           EXISTS (SELECT FROM ingest_source_runtime r WHERE r.tenant_id = :tenant_id AND {IS_SOURCE_DUE})
               AS lost_sources,
           {IS_ALERT_TIME} AS alert_times,
           EXISTS (SELECT FROM escalation WHERE tenant_id = :tenant_id AND state = 'running' AND due_at <= now())
               OR EXISTS (SELECT FROM held_notice WHERE tenant_id = :tenant_id AND release_at <= now()) AS escalations,
           {IS_DELIVERY_DUE} AS deliveries,
           {RULES_ARE_DUE}
    FROM (SELECT coalesce((SELECT max(flush_id) FROM segment WHERE tenant_no = {OWN_NUMBER}), 0) AS readings,
                 coalesce((SELECT max(sequence) FROM audit_record WHERE tenant_id = :tenant_id), 0) AS journal)
         AS newest""")  # noqa: S608 - the inserted texts are constants


@dataclass(frozen=True, slots=True)
class Overdue:
    """Whether a consumer of one of the logs has not come to its end, a clean-up waits for a worker, late readings are
    to be derived anew, an agent has fallen silent, a source is lost or back, the time of something about alerts has
    come, a step of an escalation or what quiet hours held is to be told, and silence decides a rule.
    """

    readings: bool
    machines: bool
    journal: bool
    cleanup: bool
    late_readings: bool
    silent_agents: bool
    lost_sources: bool
    alert_times: bool
    escalations: bool
    deliveries: bool
    rules: bool


async def read_overdue(
    work: UnitOfWork,
    of_readings: Sequence[str],
    of_journal: Sequence[str],
    listening_since: datetime,
    of_machines: Sequence[str] = (),
) -> Overdue:
    parameters = {
        "tenant_id": work.tenant_id,
        "readings": list(of_readings),
        "machines": list(of_machines),
        "journal": list(of_journal),
        "listening_since": listening_since,
        "least_silence": LEAST_SILENCE,
        "lost_after": LOST_AFTER,
        "requests_lapse_after": REQUESTS_LAPSE_AFTER,
    }
    return Overdue(**(await work.execute(_OVERDUE, parameters)).mappings().one())
