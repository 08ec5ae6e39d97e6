"""What a score in force counts: the alerts behind each deduction, and the episodes of the detectors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from plantwright.core.clock import utc_now
from plantwright.core.database import UnitOfWork
from plantwright.health import repository
from plantwright.health.formula import EPISODES_PER_DETECTOR, OLDEST, RECENT, Rule, rules_of
from plantwright.health.repository import Episodes, KnownAlert

# More of a row than this changes no score; the list says how many there are.
MOST_PER_RULE = 20


@dataclass(frozen=True, slots=True)
class DeductedAlert:
    """An alert that the row `rule` counts; one alert may be in two rows."""

    rule: str
    id: UUID


@dataclass(frozen=True, slots=True)
class CountedEpisodes:
    """`counted` of `found`; `metric` is None for what the machine's metrics show together."""

    metric: str | None
    detector: str
    found: int
    counted: int
    latest_at: datetime


@dataclass(frozen=True, slots=True)
class Evidence:
    """Alerts by rule and newest first, at most 20 of each; the limit of 20 episodes per machine is not applied."""

    alerts: Sequence[DeductedAlert]
    episodes: Sequence[CountedEpisodes]


async def evidence_of_machines(work: UnitOfWork, machine_ids: Sequence[UUID]) -> Mapping[UUID, Evidence]:
    """As of the time at which each score was computed."""
    computed_at = dict.fromkeys(machine_ids, utc_now())
    computed_at |= {row.machine_id: row.computed_at for row in await repository.stored(work, machine_ids)}
    alerts = await repository.alerts_since(work, machine_ids, min(computed_at.values()) - OLDEST)
    episodes = await repository.episodes_since(work, {one: at - RECENT for one, at in computed_at.items()})
    return {
        machine_id: Evidence(_deducted(alerts[machine_id], at), [_counted(one) for one in episodes[machine_id]])
        for machine_id, at in computed_at.items()
    }


def _deducted(alerts: Sequence[KnownAlert], now: datetime) -> Sequence[DeductedAlert]:
    by_rule: dict[Rule, list[DeductedAlert]] = {}
    for alert in alerts:
        for rule in rules_of(alert.entry, now):
            found = by_rule.setdefault(rule, [])
            if len(found) < MOST_PER_RULE:
                found.append(DeductedAlert(rule.name, alert.id))
    return [one for found in by_rule.values() for one in found]


def _counted(one: Episodes) -> CountedEpisodes:
    counted = min(EPISODES_PER_DETECTOR, one.found)
    return CountedEpisodes(one.metric, one.detector, one.found, counted, one.latest_at)
