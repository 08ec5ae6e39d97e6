"""The health score, 0 to 100, and the status of a machine; pure, exact, and small enough to redo by hand.

    score         = round half up ((1 - w) * alert_score + w * anomaly_score)
    alert_score   = max(0, 100 - points of the rows of `RULES`)
    anomaly_score = max(0, 100 - 5 * counted episodes)

docs/health.md has the reasons and a worked example; docs/recompute_health.py is the same formula, written apart.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from plantwright.alerts.models import Severity
from plantwright.assets.models import MachineStatus

DEFAULT_WEIGHT = 0.3
RECENT = timedelta(days=7)
OLDEST = timedelta(days=30)

FULL = 100
POINTS_PER_EPISODE = 5
# One restless metric says less than several that agree.
EPISODES_PER_DETECTOR = 4
EPISODES_PER_MACHINE = 20

CRITICAL_BELOW = 40
WARNING_BELOW = 75


@dataclass(frozen=True, slots=True)
class Rule:
    """A row of the table; at most `cap` events count, `points_each` points are taken off for each."""

    name: str
    description: str
    points_each: int
    cap: int


CRITICAL_RECENT = Rule("critical_alert_7d", "Critical alert, past 7 days", 15, 3)
CRITICAL_OLDER = Rule("critical_alert_8_30d", "Critical alert, days 8 to 30", 6, 3)
WARNING_RECENT = Rule("warning_alert_7d", "Warning alert, past 7 days", 5, 4)
WARNING_OLDER = Rule("warning_alert_8_30d", "Warning alert, days 8 to 30", 2, 4)
UNACKNOWLEDGED = Rule("unacknowledged_active_alert", "Unacknowledged active alert", 4, 5)
RULES = (CRITICAL_RECENT, CRITICAL_OLDER, WARNING_RECENT, WARNING_OLDER, UNACKNOWLEDGED)

_RECENT_RULE = {Severity.CRITICAL.value: CRITICAL_RECENT, Severity.WARNING.value: WARNING_RECENT}
_OLDER_RULE = {Severity.CRITICAL.value: CRITICAL_OLDER, Severity.WARNING.value: WARNING_OLDER}


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertEntry:
    """What the score needs to know of an alert; `is_suppressed` by design, or as out of service."""

    severity: str
    raised_at: datetime
    is_active: bool
    is_acknowledged: bool
    is_shelved: bool = False
    is_suppressed: bool = False


@dataclass(frozen=True, slots=True)
class Deduction:
    """`found` events of a rule, of which `counted` cost `points` together."""

    rule: str
    description: str
    points_each: int
    cap: int
    found: int
    counted: int
    points: int

    @classmethod
    def of(cls, rule: Rule, found: int) -> "Deduction":
        counted = min(found, rule.cap)
        return cls(
            rule=rule.name,
            description=rule.description,
            points_each=rule.points_each,
            cap=rule.cap,
            found=found,
            counted=counted,
            points=counted * rule.points_each,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """A score with everything that led to it; `deductions` has one entry per rule."""

    score: int
    alert_score: int
    anomaly_score: int
    anomaly_weight: float
    anomaly_episodes: int
    deductions: Sequence[Deduction]


def assess(
    alerts: Iterable[AlertEntry], episodes: Mapping[tuple[str | None, str], int], weight: float, now: datetime
) -> Assessment:
    """
    Args:
        alerts: of the machine, at least the active ones and those raised in the past 30 days.
        episodes: finding episodes started in the past 7 days, by metric (None: several together) and detector.
        weight: of the anomaly score, 0 to 1.
        now: end of the windows.
    """
    deductions = deduct(alerts, now)
    alert_score = max(0, FULL - sum(deduction.points for deduction in deductions))
    counted = count_episodes(episodes)
    anomaly_score = FULL - POINTS_PER_EPISODE * counted
    return Assessment(
        score=combine(alert_score, anomaly_score, weight),
        alert_score=alert_score,
        anomaly_score=anomaly_score,
        anomaly_weight=weight,
        anomaly_episodes=counted,
        deductions=deductions,
    )


def deduct(alerts: Iterable[AlertEntry], now: datetime) -> Sequence[Deduction]:
    """One entry per rule, in the order of `RULES`; an alert may count in two rows."""
    found = Counter(rule for alert in alerts for rule in rules_of(alert, now))
    return [Deduction.of(rule, found[rule]) for rule in RULES]


def rules_of(alert: AlertEntry, now: datetime) -> Iterator[Rule]:
    """The rows in which the alert counts."""
    if alert.is_suppressed:
        return
    age = now - alert.raised_at
    if age < RECENT:
        row = _RECENT_RULE.get(alert.severity)
    else:
        row = _OLDER_RULE.get(alert.severity) if age < OLDEST else None
    if row is not None:
        yield row
    if alert.is_active and not alert.is_acknowledged and not alert.is_shelved:
        yield UNACKNOWLEDGED


def count_episodes(episodes: Mapping[tuple[str | None, str], int]) -> int:
    """At most 4 of each metric and detector, at most 20 together."""
    return min(EPISODES_PER_MACHINE, sum(min(EPISODES_PER_DETECTOR, number) for number in episodes.values()))


def combine(alert_score: int, anomaly_score: int, weight: float) -> int:
    """Exact decimal arithmetic on the weight as written, so that 0.3 is 0.3 and halves round up on every machine."""
    share = Decimal(repr(weight))
    return int(((1 - share) * alert_score + share * anomaly_score).quantize(Decimal(1), ROUND_HALF_UP))


def status_of(
    score: int,
    open_severities: Iterable[str],
    last_reading_at: datetime | None,
    offline_after: timedelta,
    now: datetime,
) -> tuple[MachineStatus, str]:
    """The status and its reason in words. Being offline hides everything else: what is not seen cannot be judged."""
    if is_offline(last_reading_at, offline_after, now):
        return MachineStatus.OFFLINE, f"No reading for more than {offline_after.total_seconds():g} s."
    severities = set(open_severities)
    if Severity.CRITICAL in severities:
        return MachineStatus.CRITICAL, "A critical alert is active."
    if score < CRITICAL_BELOW:
        return MachineStatus.CRITICAL, f"The health score {score} is below {CRITICAL_BELOW}."
    if Severity.WARNING in severities:
        return MachineStatus.WARNING, "A warning alert is active."
    if score < WARNING_BELOW:
        return MachineStatus.WARNING, f"The health score {score} is below {WARNING_BELOW}."
    return MachineStatus.HEALTHY, f"Readings arrive, no alert is active, the health score is {score}."


def is_offline(last_reading_at: datetime | None, offline_after: timedelta, now: datetime) -> bool:
    return last_reading_at is None or now - last_reading_at > offline_after
