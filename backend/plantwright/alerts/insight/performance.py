"""The figures of alarm performance (ISA-18.2 / IEC 62682, EEMUA 191), over the past thirty days.

An operator position is a site. Over the whole house the targets of rates are multiplied by the sites that had alerts.
Suppressed alerts are not counted: nobody had to take them in.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from plantwright.alerts.insight import performance_repository as repository
from plantwright.alerts.insight.performance_repository import BadActor, DayCount, Flooded, Nuisance, Period
from plantwright.alerts.load.nuisance import STALE_AFTER
from plantwright.core.database import UnitOfWork

ROLLING = timedelta(days=30)
MOST_BAD_ACTORS = 10
MOST_SITES = 1_000
# A shelf that a worker has not ended so long after its time is outside of the rules.
_LATE = timedelta(hours=1)
_TEN_MINUTES = 600
_HOUR = 3_600
_DAY = 86_400
_PER_HOUR = 6


class Mark(StrEnum):
    """WITHIN the target, ABOVE it, or beyond what is manageable at all; NONE where there is no target."""

    WITHIN = "within"
    ABOVE = "above"
    BEYOND = "beyond"
    NONE = "none"


class Figure(StrEnum):
    ALERTS_PER_DAY = "alerts_per_day"
    ALERTS_PER_HOUR = "alerts_per_hour"
    ALERTS_PER_TEN_MINUTES = "alerts_per_ten_minutes"
    HOURS_ABOVE_30 = "hours_above_30"
    TEN_MINUTES_ABOVE_10 = "ten_minutes_above_10"
    LARGEST_IN_TEN_MINUTES = "largest_in_ten_minutes"
    TIME_IN_FLOOD = "time_in_flood"
    LARGEST_FLOOD = "largest_flood"
    SHARE_OF_TOP_TEN = "share_of_top_ten"
    CHATTERING = "chattering"
    FLEETING = "fleeting"
    STALE = "stale"
    INFO_SHARE = "info_share"
    WARNING_SHARE = "warning_share"
    CRITICAL_SHARE = "critical_share"
    SUPPRESSED_OUTSIDE_RULES = "suppressed_outside_rules"
    ACKNOWLEDGED_UNOPENED = "acknowledged_unopened"
    FALSE_PREDICTIONS = "false_predictions"
    TIME_TO_ACKNOWLEDGE = "time_to_acknowledge"
    TIME_TO_RETURN = "time_to_return"
    SHELVED_HOURS = "shelved_hours"


class FigureUnit(StrEnum):
    COUNT = "count"
    PERCENT = "percent"
    SECONDS = "seconds"
    HOURS = "hours"


@dataclass(frozen=True, slots=True)
class FigureValue:
    """`value` is None when nothing was there to measure. Up to `target` is within, up to `limit` above."""

    figure: Figure
    unit: FigureUnit
    value: float | None
    target: float | None = None
    limit: float | None = None

    @property
    def mark(self) -> Mark:
        if self.value is None or self.target is None:
            return Mark.NONE
        if self.value <= self.target:
            return Mark.WITHIN
        return Mark.BEYOND if self.limit is not None and self.value > self.limit else Mark.ABOVE


@dataclass(frozen=True, slots=True)
class Performance:
    period: Period
    positions: int
    alerts: int
    figures: Sequence[FigureValue]
    days: Sequence[DayCount]
    bad_actors: Sequence[BadActor]


async def performance(work: UnitOfWork, site: str | None, now: datetime) -> Performance:
    """Of one site, or with None of the whole house. Divided by the time that the house has been watched for."""
    whole = Period(now - ROLLING, now, site)
    first, positions = await repository.span(work, whole)
    period = Period(max(whole.begin, first or whole.begin), now, site)
    slots = await repository.ten_minutes(work, period)
    actors = await repository.bad_actors(work, period, MOST_BAD_ACTORS)
    by_day = await repository.days(work, period)
    at_once = max(positions, 1) if site is None else 1
    figures = [
        *_rates(slots, period, at_once),
        *_flood_figures(await repository.flooded(work, period), period, at_once),
        *_shares(by_day, actors),
        *_nuisances(await repository.nuisance(work, period, now - STALE_AFTER)),
        _count(Figure.SUPPRESSED_OUTSIDE_RULES, await repository.outside_rules(work, period, now - _LATE), 0),
        FigureValue(Figure.SHELVED_HOURS, FigureUnit.HOURS, await repository.shelved_hours(work, period)),
    ]
    return Performance(period, at_once, sum(slots.values()), figures, by_day, actors)


async def sites(work: UnitOfWork) -> Sequence[str]:
    """Those that have ever had an alert; the empty one is of alerts that are nowhere."""
    return await repository.sites(work, MOST_SITES)


def _rates(slots: Mapping[int, int], period: Period, positions: int) -> list[FigureValue]:
    """A house that has been watched for less than a day has had no more alerts per day than it has had."""
    seconds = max((period.end - period.begin).total_seconds(), float(_TEN_MINUTES))
    alerts = sum(slots.values())
    hours: dict[int, int] = {}
    for slot, count in slots.items():
        hours[slot // _PER_HOUR] = hours.get(slot // _PER_HOUR, 0) + count
    busy_hours = sum(1 for count in hours.values() if count > 30 * positions)
    busy_slots = sum(1 for count in slots.values() if count > 10 * positions)
    return [
        _count(Figure.ALERTS_PER_DAY, alerts * _DAY / max(seconds, _DAY), 150 * positions, 300 * positions),
        _count(Figure.ALERTS_PER_HOUR, alerts * _HOUR / max(seconds, _HOUR), 6 * positions, 12 * positions),
        _count(Figure.ALERTS_PER_TEN_MINUTES, alerts * _TEN_MINUTES / seconds, 1 * positions, 2 * positions),
        _percent(Figure.HOURS_ABOVE_30, busy_hours, max(seconds / _HOUR, len(hours)), 1),
        _percent(Figure.TEN_MINUTES_ABOVE_10, busy_slots, max(seconds / _TEN_MINUTES, len(slots)), 1),
        _count(Figure.LARGEST_IN_TEN_MINUTES, max(slots.values(), default=0), 10 * positions),
    ]


def _flood_figures(flooded: Flooded, period: Period, positions: int) -> list[FigureValue]:
    """After an upset fewer than 10 in the first ten minutes are manageable, more than 100 excessive (EEMUA 191)."""
    seconds = (period.end - period.begin).total_seconds() * positions
    return [
        _percent(Figure.TIME_IN_FLOOD, flooded.seconds, seconds, 1),
        _count(Figure.LARGEST_FLOOD, flooded.peak, 10, 100),
    ]


def _shares(by_day: Sequence[DayCount], actors: Sequence[BadActor]) -> list[FigureValue]:
    """About 80, 15 and 5 % from low to high. Of low ones there cannot be too many."""
    info, warning, critical = (sum(getattr(day, name) for day in by_day) for name in ("info", "warning", "critical"))
    alerts = info + warning + critical
    return [
        _percent(Figure.SHARE_OF_TOP_TEN, sum(actor.alerts for actor in actors), alerts, 5),
        _percent(Figure.INFO_SHARE, info, alerts),
        _percent(Figure.WARNING_SHARE, warning, alerts, 15),
        _percent(Figure.CRITICAL_SHARE, critical, alerts, 5),
    ]


def _nuisances(found: Nuisance) -> list[FigureValue]:
    return [
        _count(Figure.CHATTERING, found.chattering, 0, 10),
        _count(Figure.FLEETING, found.fleeting, 0, 10),
        _count(Figure.STALE, found.stale, 4),
        _percent(Figure.ACKNOWLEDGED_UNOPENED, found.unopened, found.acknowledged),
        _percent(Figure.FALSE_PREDICTIONS, found.false_predictions, found.judged_predictions),
        FigureValue(Figure.TIME_TO_ACKNOWLEDGE, FigureUnit.SECONDS, found.seconds_to_acknowledge),
        FigureValue(Figure.TIME_TO_RETURN, FigureUnit.SECONDS, found.seconds_to_return),
    ]


def _count(figure: Figure, value: float, target: float, limit: float | None = None) -> FigureValue:
    return FigureValue(figure, FigureUnit.COUNT, float(value), float(target), limit)


def _percent(figure: Figure, part: float, whole: float, target: float | None = None) -> FigureValue:
    value = None if whole <= 0 else 100 * part / whole
    return FigureValue(figure, FigureUnit.PERCENT, value, target)
