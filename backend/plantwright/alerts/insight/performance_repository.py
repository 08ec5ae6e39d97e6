"""SQL of the figures of alarm performance. `:site` is null for the whole house."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import text

from plantwright.alerts.models import AlertCause
from plantwright.core.database import UnitOfWork

_SITE = "(CAST(:site AS text) IS NULL OR {table}.site = :site)"
_ACTIVATED = f"""
    FROM alert_transition t
    WHERE t.tenant_id = :tenant_id AND t.is_activation AND NOT t.is_suppressed AND t.at >= :begin AND t.at < :end
      AND {_SITE.format(table="t")}"""
_SPAN = text("""
    SELECT least((SELECT created_at FROM tenant WHERE id = :tenant_id),
                 (SELECT min(at) FROM alert_transition WHERE tenant_id = :tenant_id AND is_activation)) AS first,
           (SELECT count(DISTINCT site) FROM alert_transition
            WHERE tenant_id = :tenant_id AND is_activation AND at >= :begin AND at < :end) AS positions""")
_TEN_MINUTES = text(f"""
    SELECT floor(extract(epoch FROM t.at) / 600)::bigint AS slot, count(*) AS alerts {_ACTIVATED}
    GROUP BY slot ORDER BY slot""")  # noqa: S608 - the inserted text is a constant
_DAYS = text(f"""
    SELECT date_trunc('day', t.at AT TIME ZONE 'UTC')::date AS day,
           count(*) FILTER (WHERE t.severity = 'info') AS info,
           count(*) FILTER (WHERE t.severity = 'warning') AS warning,
           count(*) FILTER (WHERE t.severity = 'critical') AS critical
    {_ACTIVATED} GROUP BY day ORDER BY day""")
_ACTORS = text(f"""
    SELECT a.machine_id, a.metric_id, a.agent_id, a.source_id, a.rule_id, a.cause, counted.alerts,
           (array_agg(a.id ORDER BY a.raised_at DESC))[1] AS alert_id, sum(a.chatters)::int AS chatters,
           sum(a.fleetings)::int AS fleetings
    FROM (SELECT o.machine_id, o.metric_id, o.agent_id, o.source_id, o.rule_id, o.cause, count(*) AS alerts,
                 array_agg(DISTINCT o.id) AS ids
          FROM (SELECT t.alert_id {_ACTIVATED}) t
          JOIN alert o ON o.tenant_id = :tenant_id AND o.id = t.alert_id
          GROUP BY o.machine_id, o.metric_id, o.agent_id, o.source_id, o.rule_id, o.cause
          ORDER BY alerts DESC, o.cause LIMIT :most) counted
    JOIN alert a ON a.tenant_id = :tenant_id AND a.id = ANY (counted.ids)
    GROUP BY a.machine_id, a.metric_id, a.agent_id, a.source_id, a.rule_id, a.cause, counted.alerts
    ORDER BY counted.alerts DESC, a.cause""")  # noqa: S608 - the inserted text is a constant
_NUISANCE = text(f"""
    SELECT count(*) FILTER (WHERE a.chatters > 0) AS chattering, count(*) FILTER (WHERE a.fleetings > 0) AS fleeting,
           count(*) FILTER (WHERE a.cleared_at IS NULL AND a.raised_at < :stale_before) AS stale,
           count(*) FILTER (WHERE a.acknowledged_unopened) AS unopened,
           count(*) FILTER (WHERE a.acknowledged_unopened IS NOT NULL) AS acknowledged,
           count(*) FILTER (WHERE a.outcome = 'false_alarm' AND a.cause = ANY (:predictions)) AS false_predictions,
           count(*) FILTER (WHERE a.outcome IS NOT NULL AND a.cause = ANY (:predictions)) AS judged_predictions,
           percentile_cont(0.5) WITHIN GROUP (
               ORDER BY extract(epoch FROM a.acknowledged_at - a.created_at))
               FILTER (WHERE a.acknowledged_at IS NOT NULL) AS seconds_to_acknowledge,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM a.cleared_at - a.raised_at))
               FILTER (WHERE a.cleared_at IS NOT NULL) AS seconds_to_return
    FROM alert a
    WHERE a.tenant_id = :tenant_id AND (a.raised_at >= :begin OR a.cleared_at IS NULL) AND a.raised_at < :end
      AND {_SITE.format(table="a")}""")  # noqa: S608 - the inserted text is a constant
_SHELVED = text(f"""
    SELECT coalesce(sum(extract(epoch FROM least(coalesce(s.ended_at, :end), :end) - greatest(s.began_at, :begin))), 0)
               / 3600 AS hours
    FROM alert_shelf s
    WHERE s.tenant_id = :tenant_id AND s.began_at < :end AND coalesce(s.ended_at, :end) > :begin
      AND {_SITE.format(table="s")}""")  # noqa: S608 - the inserted text is a constant
_OUTSIDE_RULES = text(f"""
    SELECT (SELECT count(*) FROM alert a
            WHERE a.tenant_id = :tenant_id AND a.shelf_id IS NOT NULL AND {_SITE.format(table="a")}
              AND NOT EXISTS (SELECT FROM alert_shelf s WHERE s.tenant_id = a.tenant_id AND s.id = a.shelf_id
                                AND s.state = 'in_force' AND s.until > :late_before))
         + (SELECT count(*) FROM alert_shelf s
            WHERE s.tenant_id = :tenant_id AND s.began_at >= :begin AND s.severity = 'critical'
              AND coalesce(s.decided_by, s.requested_by) = s.requested_by
              AND {_SITE.format(table="s")}) AS alerts""")  # noqa: S608 - the inserted texts are constants
_FLOODED = text(f"""
    SELECT coalesce(sum(extract(epoch FROM least(coalesce(f.ended_at, :end), :end) - greatest(f.began_at, :begin))), 0)
               AS seconds, count(*) AS floods, coalesce(max(f.peak), 0) AS peak
    FROM alert_flood f
    WHERE f.tenant_id = :tenant_id AND f.began_at < :end AND coalesce(f.ended_at, :end) > :begin
      AND {_SITE.format(table="f")}""")  # noqa: S608 - the inserted text is a constant
# A rule says what is; a detector says what it takes to be coming.
_PREDICTIONS = [
    cause.value
    for cause in (AlertCause.STATIC_BASELINE, AlertCause.EWMA, AlertCause.RATE_OF_CHANGE, AlertCause.MULTIVARIATE)
]
_SITES = text("SELECT DISTINCT site FROM alert WHERE tenant_id = :tenant_id ORDER BY site LIMIT :most")


@dataclass(frozen=True, slots=True)
class Period:
    begin: datetime
    end: datetime
    site: str | None

    def parameters(self, work: UnitOfWork) -> dict[str, Any]:
        return {"tenant_id": work.tenant_id, "begin": self.begin, "end": self.end, "site": self.site}


class Span(NamedTuple):
    """When the house began to watch, and at how many sites there were alerts in the period."""

    first: datetime | None
    positions: int


class Nuisance(NamedTuple):
    """`acknowledged` where it was noted whether somebody had looked, `unopened` where nobody had."""

    chattering: int
    fleeting: int
    stale: int
    unopened: int
    acknowledged: int
    false_predictions: int
    judged_predictions: int
    seconds_to_acknowledge: float | None
    seconds_to_return: float | None


class Flooded(NamedTuple):
    seconds: float
    floods: int
    peak: int


class DayCount(NamedTuple):
    day: Any
    info: int
    warning: int
    critical: int


@dataclass(frozen=True, slots=True)
class BadActor:
    """`alert_id` is the newest alert of the key."""

    machine_id: UUID | None
    metric_id: UUID | None
    agent_id: UUID | None
    source_id: UUID | None
    rule_id: UUID | None
    cause: str
    alerts: int
    alert_id: UUID
    chatters: int
    fleetings: int


async def span(work: UnitOfWork, period: Period) -> Span:
    return Span._make((await work.execute(_SPAN, _without_site(period.parameters(work)))).one())


async def ten_minutes(work: UnitOfWork, period: Period) -> dict[int, int]:
    """Alerts by ten minutes since 1970; those without any are left out."""
    rows = (await work.execute(_TEN_MINUTES, period.parameters(work))).all()
    return {row.slot: row.alerts for row in rows}


async def days(work: UnitOfWork, period: Period) -> Sequence[DayCount]:
    return [DayCount._make(row) for row in (await work.execute(_DAYS, period.parameters(work))).all()]


async def bad_actors(work: UnitOfWork, period: Period, most: int) -> Sequence[BadActor]:
    rows = (await work.execute(_ACTORS, {**period.parameters(work), "most": most})).mappings().all()
    return [BadActor(**row) for row in rows]


async def nuisance(work: UnitOfWork, period: Period, stale_before: datetime) -> Nuisance:
    parameters = {**period.parameters(work), "stale_before": stale_before, "predictions": _PREDICTIONS}
    return Nuisance._make((await work.execute(_NUISANCE, parameters)).one())


async def shelved_hours(work: UnitOfWork, period: Period) -> float:
    return float((await work.execute(_SHELVED, period.parameters(work))).scalar_one())


async def outside_rules(work: UnitOfWork, period: Period, late_before: datetime) -> int:
    parameters = {**period.parameters(work), "late_before": late_before}
    parameters.pop("end")
    return int((await work.execute(_OUTSIDE_RULES, parameters)).scalar_one())


async def flooded(work: UnitOfWork, period: Period) -> Flooded:
    row = (await work.execute(_FLOODED, period.parameters(work))).one()
    return Flooded(float(row.seconds), row.floods, row.peak)


async def sites(work: UnitOfWork, most: int) -> Sequence[str]:
    return (await work.execute(_SITES, {"tenant_id": work.tenant_id, "most": most})).scalars().all()


def _without_site(parameters: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in parameters.items() if name != "site"}
