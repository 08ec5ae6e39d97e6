"""The engine against the definition of rules, and its findings against the order and the cut of the readings."""

from typing import Any
from uuid import UUID

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from plantwright.rules.definition import (
    AllOf,
    AnyOf,
    Aspect,
    Comparison,
    Condition,
    Definition,
    InService,
    InState,
    Level,
    MachineState,
    NoData,
    Operator,
    Range,
    Rate,
    RateUnit,
    Running,
    Severity,
)
from plantwright.rules.engine import Batch, SlotReadings, evaluate
from plantwright.rules.findings import RuleFinding
from plantwright.rules.program import Program, compile_rule
from plantwright.rules.state import RuleState, encode_state

from tests.backend.rules.brute_force import Step, findings_of

MACHINE = UUID(int=1)
METRICS = ("a", "b")
START, END = 0, 60

small = st.integers(-3, 3).map(float)
millis = st.sampled_from([0, 0, 0, 1, 2, 5, 9]).map(lambda value: value / 1000)
Series = dict[str, list[tuple[int, float]]]


@st.composite
def timing(draw: st.DrawFn) -> dict[str, Any]:
    count = draw(st.sampled_from([1, 1, 1, 2, 3]))
    within = draw(st.integers(2, 30)) / 1000 if count > 1 else 0.0
    return {"for_seconds": draw(millis), "count": count, "within_seconds": within}


@st.composite
def leaf(draw: st.DrawFn) -> Condition:  # noqa: PLR0911 - one for each kind
    extra = draw(timing())
    metric = draw(st.sampled_from(METRICS))
    kind = draw(st.sampled_from(["comparison", "range", "rate", "no_data", "state", "running", "service"]))
    operator = draw(st.sampled_from(list(Operator)))
    threshold = draw(small)
    steps = {">": -1.0, ">=": -1.0, "<": 1.0, "<=": 1.0}
    clear = threshold + steps[operator] if operator in steps and draw(st.booleans()) else None
    match kind:
        case "comparison":
            return Comparison(metric=metric, operator=operator, threshold=threshold, clear=clear, **extra)
        case "range":
            band = draw(st.sampled_from([0.0, 0.5]))
            return Range(metric=metric, low=-1.0, high=1.0, is_inside=draw(st.booleans()), deadband=band, **extra)
        case "rate":
            window = draw(st.integers(1, 20)) / 1000
            return Rate(
                metric=metric,
                operator=operator,
                threshold=threshold * 100,
                unit=RateUnit.SECOND,
                window_seconds=window,
                **extra,
            )
        case "no_data":
            return NoData(metric=metric, seconds=draw(st.integers(1, 20)) / 1000, **extra)
        case "running":
            return Running(is_running=draw(st.booleans()), **extra)
        case "service":
            return InService(is_in_service=draw(st.booleans()), **extra)
        case _:
            return InState(states=(draw(st.sampled_from(list(MachineState))),), **extra)


def group(parts: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    inner = st.lists(parts, min_size=1, max_size=3).map(tuple)
    return st.builds(
        lambda kind, conditions, extra: kind(conditions=conditions, **extra),
        st.sampled_from([AllOf, AnyOf]),
        inner,
        timing(),
    )


conditions = st.recursive(leaf(), group, max_leaves=5)


@st.composite
def rules(draw: st.DrawFn) -> Definition:
    severities = draw(st.sets(st.sampled_from(list(Severity)), min_size=1))
    return Definition(
        machine_id=MACHINE,
        levels=tuple(Level(severity=one, condition=draw(conditions)) for one in sorted(severities)),
        on_delay_seconds=draw(millis),
        off_delay_seconds=draw(millis),
        cooldown_seconds=draw(millis),
    )


@st.composite
def all_series(draw: st.DrawFn) -> Series:
    moments = st.sets(st.integers(START, END), max_size=15).map(sorted)
    made = {metric: [(time, draw(small)) for time in draw(moments)] for metric in METRICS}
    for aspect, highest in ((Aspect.STATE, 3), (Aspect.RUNNING, 1), (Aspect.SERVICE, 1)):
        made[aspect] = [(time, float(draw(st.integers(0, highest)))) for time in draw(moments)]
    return made


def program_of(definition: Definition) -> Program:
    return compile_rule(definition, MACHINE, {}, {})


def batch_of(program: Program, series: Series, until: int) -> Batch:
    slots = []
    for slot in program.slots:
        readings = sorted(series[slot.metric or slot.aspect or ""])
        times = np.array([time for time, _ in readings], np.int64)
        slots.append(SlotReadings(times, np.array([value for _, value in readings], np.float64)))
    return Batch(slots, until)


def steps(findings: list[RuleFinding]) -> list[Step]:
    return [(one.kind.value, one.severity.value, one.time_ms, one.started_ms) for one in findings]


@settings(max_examples=600, deadline=None)
@given(rules(), all_series())
def test_findings_are_those_of_the_definition(definition: Definition, series: Series) -> None:
    program = program_of(definition)
    _, findings = evaluate(RuleState.new(program, START), batch_of(program, series, END), program)
    assert steps(findings) == findings_of(definition, series, START, END)


@settings(max_examples=300, deadline=None)
@given(rules(), all_series(), st.sets(st.integers(START, END)))
def test_any_cut_into_batches_gives_the_same_bytes(definition: Definition, series: Series, cuts: set[int]) -> None:
    program = program_of(definition)
    whole = batch_of(program, series, END)
    expected_state, expected = evaluate(RuleState.new(program, START), whole, program)
    state, found = RuleState.new(program, START), []
    for until in sorted({*cuts, END}):
        state, more = evaluate(state, whole.between(state.through_ms, until), program)
        found += more
    assert found == expected
    assert encode_state(state) == encode_state(expected_state)


@given(rules(), all_series())
@settings(max_examples=50, deadline=None)
def test_the_given_state_is_not_written_to(definition: Definition, series: Series) -> None:
    program = program_of(definition)
    state = RuleState.new(program, START)
    before = encode_state(state)
    evaluate(state, batch_of(program, series, END), program)
    assert encode_state(state) == before
