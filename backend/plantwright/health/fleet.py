"""Health of all machines together, and of those of each site."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter
from statistics import fmean
from typing import Final

from plantwright.assets.models import MachineStatus
from plantwright.core.clock import utc_now
from plantwright.core.database import UnitOfWork
from plantwright.core.errors import ValidationFailed
from plantwright.health import history_repository
from plantwright.health.history_repository import MachineScore

MAX_WORST: Final = 50
_DAY, _WEEK = timedelta(days=1), timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthRollup:
    """Machines by status, and figures of their scores; `site` is None for machines without a place and for all.

    A trend is the mean score now less the mean then, both of the machines that were there then; None when none was.
    """

    site: str | None
    by_status: dict[MachineStatus, int]
    machines: int
    mean_score: float | None
    lowest_score: int | None
    trend_day: float | None
    trend_week: float | None
    worst: Sequence[MachineScore]


@dataclass(frozen=True, slots=True)
class FleetHealth:
    at: datetime
    whole: HealthRollup
    sites: Sequence[HealthRollup]


async def fleet_health(work: UnitOfWork, worst: int, now: datetime | None = None) -> FleetHealth:
    """The roll-up of the tenant and one of each site, the site with the lowest mean first.

    Args:
        work: of the tenant.
        worst: so many machines of each roll-up are named, lowest score first.
        now: end of the trends.

    Raises:
        ValidationFailed: `worst` is out of bounds.
    """
    if not 0 <= worst <= MAX_WORST:
        raise ValidationFailed(f"worst must be 0 to {MAX_WORST}.", ["worst"])
    at = now or utc_now()
    machines = await history_repository.fleet(work, at - _DAY, at - _WEEK)
    return FleetHealth(at, roll_up(None, machines, worst), roll_up_sites(machines, worst))


def roll_up_sites(machines: Sequence[MachineScore], worst: int) -> Sequence[HealthRollup]:
    """A site is where machines say that they are, however it is capitalised."""
    groups: defaultdict[str, list[MachineScore]] = defaultdict(list)
    for machine in machines:
        groups[machine.site.casefold()].append(machine)
    rollups = [roll_up(_commonest(group), group, worst) for group in groups.values()]
    return sorted(rollups, key=attrgetter("mean_score", "lowest_score"))


def roll_up(site: str | None, machines: Sequence[MachineScore], worst: int) -> HealthRollup:
    """`machines` are sorted, worst first."""
    counts = Counter(MachineStatus(machine.status) for machine in machines)
    return HealthRollup(
        site=site,
        by_status={status: counts[status] for status in MachineStatus},
        machines=len(machines),
        mean_score=fmean(machine.score for machine in machines) if machines else None,
        lowest_score=machines[0].score if machines else None,
        trend_day=_trend([(machine.score, machine.score_day_ago) for machine in machines]),
        trend_week=_trend([(machine.score, machine.score_week_ago) for machine in machines]),
        worst=machines[:worst],
    )


def _trend(scores: Sequence[tuple[int, int | None]]) -> float | None:
    changes = [now - then for now, then in scores if then is not None]
    return fmean(changes) if changes else None


def _commonest(group: Sequence[MachineScore]) -> str | None:
    return Counter(machine.site for machine in group).most_common(1)[0][0] or None
