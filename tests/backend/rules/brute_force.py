"""Rules by their definition alone: every millisecond is judged from all readings up to it."""

import math
from collections.abc import Callable, Mapping, Sequence

from plantwright.rules import schedule
from plantwright.rules.definition import (
    AllOf,
    AnyOf,
    Comparison,
    Condition,
    Definition,
    Deviation,
    InService,
    InState,
    NoData,
    OfMachine,
    Operator,
    Range,
    Rate,
    Running,
    Severity,
    Side,
    aspect_of,
)

Readings = Sequence[tuple[int, float]]
_COMPARE: dict[Operator, Callable[[float, float], bool]] = {
    Operator.GREATER_THAN: lambda a, b: a > b,
    Operator.AT_LEAST: lambda a, b: a >= b,
    Operator.LESS_THAN: lambda a, b: a < b,
    Operator.AT_MOST: lambda a, b: a <= b,
    Operator.EQUAL: lambda a, b: a == b,
    Operator.NOT_EQUAL: lambda a, b: a != b,
}
_UNIT_MS = {"second": 1_000, "minute": 60_000, "hour": 3_600_000}
_STATES = ("healthy", "warning", "critical", "offline")
Step = tuple[str, str, int, int]


def findings_of(definition: Definition, series: Mapping[str, Readings], start: int, until: int) -> list[Step]:
    """Kind, severity, time and start of each finding; `series` by metric, what is said of the machine by its aspect."""
    moments = range(start, until + 1)
    levels = sorted(definition.levels, key=lambda level: -list(Severity).index(level.severity))
    truths = [(level.severity, truth_of(level.condition, series, moments)) for level in levels]
    wanted = [
        next((severity for severity, truth in truths if truth[place]), None) if _is_open(definition, time) else None
        for place, time in enumerate(moments)
    ]
    return _episodes(definition, wanted, moments)


def _is_open(definition: Definition, time: int) -> bool:
    return definition.schedule is None or schedule.is_open(definition.schedule, time)


def _episodes(definition: Definition, wanted: Sequence[Severity | None], moments: range) -> list[Step]:
    steps: list[Step] = []
    on, off, pause = (
        round(seconds * 1000)
        for seconds in (definition.on_delay_seconds, definition.off_delay_seconds, definition.cooldown_seconds)
    )
    started: int | None = None
    ended = -math.inf
    severity: Severity | None = None
    for place, time in enumerate(moments):
        now = wanted[place]
        if started is None:
            recent = wanted[max(0, place - on) : place + 1]
            if len(recent) == on + 1 and None not in recent and time >= ended + pause and now is not None:
                started, severity = time, now
                steps.append(("started", now.value, time, time))
        elif now is not None and now is not severity:
            severity = now
            steps.append(("continued", now.value, time, started))
        elif now is None and severity is not None:
            quiet = wanted[max(0, place - off) : place + 1]
            if not _is_open(definition, time) or (len(quiet) == off + 1 and not any(quiet)):
                steps.append(("ended", severity.value, time, started))
                started, ended = None, time
    return steps


def truth_of(condition: Condition, series: Mapping[str, Readings], moments: range) -> list[bool]:
    if isinstance(condition, AllOf | AnyOf):
        parts = [truth_of(part, series, moments) for part in condition.conditions]
        join = all if isinstance(condition, AllOf) else any
        raw = [join(column) for column in zip(*parts, strict=True)]
    else:
        read = aspect_of(condition) if isinstance(condition, OfMachine) else condition.metric
        raw = _leaf(condition, series[read], moments)
    span = round(condition.for_seconds * 1000)
    held = [place >= span and all(raw[place - span : place + 1]) for place in range(len(raw))]
    if condition.count == 1:
        return held
    within = round(condition.within_seconds * 1000)
    rises = [held[place] and (place == 0 or not held[place - 1]) for place in range(len(held))]
    return [sum(rises[max(0, place - within + 1) : place + 1]) >= condition.count for place in range(len(rises))]


def _leaf(leaf: Condition, readings: Readings, moments: range) -> list[bool]:
    truths: list[bool] = []
    latched = False
    for time in moments:
        if isinstance(leaf, NoData):
            heard = max((at for at, _ in readings if at <= time), default=moments.start)
            truths.append(time - heard >= round(leaf.seconds * 1000))
            continue
        if any(at == time for at, _ in readings):
            is_set, stays = _judge(leaf, [one for one in readings if one[0] <= time])
            latched = is_set or (latched and stays)
        truths.append(latched)
    return truths


def _judge(leaf: Condition, past: Readings) -> tuple[bool, bool]:  # noqa: PLR0911 - one for each kind
    time, value = past[-1]
    match leaf:
        case Comparison():
            return _compared(leaf, leaf.operator, value)
        case InState():
            is_in = _STATES[int(value)] in leaf.states
            return is_in, is_in
        case Running(is_running=wanted) | InService(is_in_service=wanted):
            return bool(value) is wanted, bool(value) is wanted
        case Range(low=low, high=high, deadband=band):
            if leaf.is_inside:
                return low <= value <= high, low - band <= value <= high + band
            return not low <= value <= high, value < low + band or value > high - band
        case Rate():
            window = round(leaf.window_seconds * 1000)
            cell = max(1, window // 256)
            firsts = [
                one for place, one in enumerate(past) if place == 0 or past[place - 1][0] // cell != one[0] // cell
            ]
            earlier = next((one for one in firsts if one[0] >= time - window), past[-1])
            if earlier[0] >= time:
                return False, False
            return _compared(leaf, leaf.operator, (value - earlier[1]) / (time - earlier[0]) * _UNIT_MS[leaf.unit])
        case Deviation():
            hour = time // 3_600_000
            known = [one for at, one in past if hour - leaf.hours <= at // 3_600_000 < hour]
            if len(known) < leaf.min_samples:
                return False, False
            mean = math.fsum(known) / len(known)
            std = math.sqrt(math.fsum((one - mean) ** 2 for one in known) / len(known)) or abs(mean) / 100
            off = (value - mean) / std if std else math.nan
            sided = {Side.ABOVE: off, Side.BELOW: -off, Side.EITHER: abs(off)}[leaf.side]
            return _compared(leaf, Operator.GREATER_THAN, sided)
        case _:
            raise TypeError(leaf)


def _compared(leaf: Comparison | Rate | Deviation, operator: Operator, value: float) -> tuple[bool, bool]:
    compare = _COMPARE[operator]
    is_set = compare(value, leaf.threshold)
    return is_set, is_set if leaf.clear is None else compare(value, leaf.clear)
