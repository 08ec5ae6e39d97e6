"""The examples of docs/rules.md, and what else it promises of schedules, baselines and refusals."""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from plantwright.rules import schedule
from plantwright.rules.checking import problems_of
from plantwright.rules.definition import (
    AllOf,
    AnyOf,
    Comparison,
    Condition,
    Definition,
    Deviation,
    Level,
    Operator,
    Range,
    Rate,
    RateUnit,
    Schedule,
    Severity,
)
from plantwright.rules.engine import Batch, SlotReadings, evaluate
from plantwright.rules.findings import RuleFinding
from plantwright.rules.program import Slot, compile_rule
from plantwright.rules.state import RuleState
from plantwright.rules.wording import words_of

MACHINE = UUID(int=1)
HOUR = 3_600
Readings = list[tuple[float, float]]


def definition(condition: Condition, **more: object) -> Definition:
    levels = (Level(severity=Severity.CRITICAL, condition=condition),)
    return Definition(machine_id=MACHINE, levels=levels, **more)  # type: ignore[arg-type]


def judge(condition: Condition, series: dict[str, Readings], units: dict[str, str] | None = None) -> list[RuleFinding]:
    """Findings over series in seconds."""
    named = {Slot(MACHINE, metric): unit for metric, unit in (units or {}).items()}
    program = compile_rule(definition(condition), MACHINE, named, {})
    slots = [
        SlotReadings(
            np.array([round(second * 1000) for second, _ in series[slot.metric or ""]], np.int64),
            np.array([value for _, value in series[slot.metric or ""]]),
        )
        for slot in program.slots
    ]
    until = max(int(one.times[-1]) for one in slots)
    return evaluate(RuleState.new(program, 0), Batch(slots, until), program)[1]


def over(metric: str, threshold: float, clear: float | None = None) -> Comparison:
    return Comparison(metric=metric, operator=Operator.GREATER_THAN, threshold=threshold, clear=clear)


def test_the_documented_example() -> None:
    condition = AllOf(conditions=(over("vibration_rms", 5.0), over("temperature", 78.0)), for_seconds=300)
    series = {"vibration_rms": [(0.0, 7.2), (400.0, 7.2)], "temperature": [(0.0, 60.0), (30.0, 81.0), (400.0, 70.0)]}
    started, ended = judge(condition, series, {"vibration_rms": "mm/s", "temperature": "celsius"})
    assert (started.time_ms, ended.time_ms) == (330_000, 400_000)
    assert started.explanation.message == "vibration_rms 7.20 mm/s > 5 and temperature 81.0 °C > 78 for 5 min"


def test_a_separate_value_to_clear_at() -> None:
    findings = judge(over("x", 5.0, clear=4.0), {"x": [(0, 6.0), (1, 4.5), (2, 5.5), (3, 3.9)]})
    assert [one.time_ms for one in findings] == [0, 3_000]


def test_rate() -> None:
    rate = Rate(metric="x", operator=Operator.GREATER_THAN, threshold=5, unit=RateUnit.MINUTE, window_seconds=300)
    [started] = judge(rate, {"x": [(0, 20.0), (60, 26.0)]})
    [leaf] = [level["condition"] for level in started.explanation.levels]
    assert (started.time_ms, leaf["rate"]) == (60_000, "6.0")


def test_deviation() -> None:
    readings: Readings = [(HOUR + 60 * minute, 10.0 if minute % 2 else 14.0) for minute in range(60)]
    deviation = Deviation(metric="x", threshold=3.9, hours=1)
    [started] = judge(deviation, {"x": [*readings, (2 * HOUR + 1, 12.0), (2 * HOUR + 2, 20.0)]})
    [leaf] = [level["condition"] for level in started.explanation.levels]
    assert (leaf["mean"], leaf["std"], leaf["deviation"]) == ("12.0", "2.0", "4.0")
    assert started.time_ms == (2 * HOUR + 2) * 1000


def test_what_never_moved_deviates_by_shares_of_its_mean() -> None:
    flat: Readings = [(HOUR + 60 * minute, 10.0) for minute in range(60)]
    deviation = Deviation(metric="x", threshold=3.0, hours=1)
    assert judge(deviation, {"x": [*flat, (2 * HOUR, 10.2)]}) == []
    assert len(judge(deviation, {"x": [*flat, (2 * HOUR, 10.4)]})) == 1


def at(text: str, zone: str = "Europe/Zurich") -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


class TestSchedule:
    NIGHT = Schedule(time_zone="Europe/Zurich", days=(6,), start_minute=22 * 60, end_minute=6 * 60)

    @pytest.mark.parametrize(
        ("moment", "is_open"),
        [
            ("2026-03-28T21:59", False),
            ("2026-03-28T22:00", True),
            ("2026-03-29T05:59", True),
            ("2026-03-29T06:00", False),
            ("2026-03-29T22:00", False),
        ],
    )
    def test_a_span_past_midnight_belongs_to_the_day_on_which_it_begins(self, moment: str, is_open: bool) -> None:
        assert schedule.is_open(self.NIGHT, at(moment)) is is_open

    def test_the_night_in_which_summer_time_begins_is_an_hour_shorter(self) -> None:
        opens = schedule.next_change(self.NIGHT, at("2026-03-28T12:00"))
        assert opens is not None
        closes = schedule.next_change(self.NIGHT, opens)
        assert closes is not None
        assert closes - opens == 7 * HOUR * 1000

    def test_the_night_in_which_it_ends_is_an_hour_longer(self) -> None:
        opens = schedule.next_change(self.NIGHT, at("2026-10-24T12:00"))
        assert opens is not None
        assert (schedule.next_change(self.NIGHT, opens) or 0) - opens == 9 * HOUR * 1000

    def test_all_days_and_hours_are_one_span_without_an_end(self) -> None:
        always = Schedule(time_zone="UTC")
        assert schedule.is_open(always, 0)
        assert schedule.next_change(always, 0) is None

    def test_outside_of_it_an_episode_ends_at_once(self) -> None:
        opened = Schedule(time_zone="UTC", start_minute=60, end_minute=120)
        program = compile_rule(definition(over("x", 5.0), schedule=opened), MACHINE, {}, {})
        times, values = np.array([0, 3 * HOUR * 1000], np.int64), np.array([6.0, 6.0])
        batch = Batch([SlotReadings(times, values)], 3 * HOUR * 1000)
        _, findings = evaluate(RuleState.new(program, 0), batch, program)
        assert [one.time_ms for one in findings] == [HOUR * 1000, 2 * HOUR * 1000]


def test_in_plain_words() -> None:
    condition = AnyOf(
        conditions=(
            AllOf(conditions=(over("a", 5.0), over("b", 78.0)), for_seconds=300),
            Range(metric="c", low=1.0, high=2.0, is_inside=False, count=3, within_seconds=600),
        )
    )
    words = words_of(condition, lambda leaf: (getattr(leaf, "metric", "the machine"), ""))
    assert words == "(a > 5 and b > 78 for 5 min) or c outside 1 to 2, 3 times within 10 min"


class TestRefusals:
    @pytest.mark.parametrize(
        ("condition", "path", "words"),
        [
            (AllOf(conditions=(over("x", 5.0), Comparison(metric="x", operator=Operator.LESS_THAN, threshold=3.0))),
             "conditions.1", "No value of x satisfies"),
            (over("x", 5.0, clear=6.0), "clear", "must be below the threshold 5"),
            (Range(metric="x", low=3.0, high=1.0, is_inside=True), "low", "The range is empty"),
            (AllOf(conditions=()), "conditions", "The group is empty"),
            (over("", 5.0), "metric", "Choose a metric"),
            (over("x", float("inf")), "threshold", "finite"),
            (AllOf(conditions=tuple(Deviation(metric=f"m{n}", threshold=3, hours=24) for n in range(13))),
             "", "costs 104"),
        ],
    )  # fmt: skip
    def test_with_the_path_of_the_field(self, condition: Condition, path: str, words: str) -> None:
        [problem] = problems_of(definition(condition))
        expected = ("levels", "0", "condition", *path.split(".")) if path else ("levels",)
        assert (problem.path, words in problem.message) == (expected, True)

    def test_what_does_not_exclude_itself_is_taken(self) -> None:
        inside = AllOf(conditions=(over("x", 5.0), Comparison(metric="x", operator=Operator.AT_MOST, threshold=9.0)))
        either = AnyOf(conditions=(over("x", 5.0), Comparison(metric="x", operator=Operator.LESS_THAN, threshold=3.0)))
        assert problems_of(definition(inside)) == problems_of(definition(either)) == []

    def test_a_schedule_that_never_opens(self) -> None:
        never = Schedule(time_zone="Europe/Zurich", days=())
        [problem] = problems_of(definition(over("x", 5.0), schedule=never))
        assert problem.path == ("schedule", "days")
        [problem] = problems_of(definition(over("x", 5.0), schedule=Schedule(time_zone="Mars/Olympus")))
        assert problem.path == ("schedule", "timeZone")
