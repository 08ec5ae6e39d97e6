"""The machine-level chart: what it finds, what it leaves alone, and that it does not depend on how readings come."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plantwright.detection.charts.state import StateUnreadable
from plantwright.detection.columns import Floats
from plantwright.detection.multivariate.config import MultivariateConfig
from plantwright.detection.multivariate.engine import HOLD_MS, MachineReadings
from plantwright.detection.multivariate.findings import MachineFinding
from plantwright.detection.multivariate.pieces import Course
from plantwright.detection.multivariate.state import MachineState

from tests.backend.detection.multivariate.support import (
    START_MS,
    kinds,
    known_machine,
    machine,
    part,
    readings_of,
    regular,
    related,
    scores,
    watch,
)

LEARNT = 600
HOUR_MS = 3_600_000


def shifted(count: int = 600, at: int = 200, shift: tuple[float, ...] = (1.2, 0.0, 0.0, 0.0)) -> np.ndarray:
    """The metrics of `related`, some of which move by so many units from a row on."""
    table = related(count, seed=21)
    table[at:] += np.array(shift)
    return table


def known() -> MachineState:
    return known_machine(regular(LEARNT), related(LEARNT))


def after(count: int) -> np.ndarray:
    return regular(count, start_ms=START_MS + LEARNT * 1_000)


def test_metrics_that_leave_their_relation_are_found_though_each_is_in_its_range() -> None:
    table = shifted()
    for metric in range(4):
        assert np.abs(table[:, metric] - related(LEARNT)[:, metric].mean()).max() < 5 * table[:, metric].std()
    stepped = watch(known(), readings_of(after(600), table), is_last=True)
    started = stepped.findings[0]
    assert started.kind.value == "started"
    assert START_MS + (LEARNT + 200) * 1_000 < started.started_ms < START_MS + (LEARNT + 260) * 1_000
    assert started.inputs["statistic"] == "Q", "the common load is as before; what is left over is not"
    assert not (scores(stepped)[60:200] >= 1).any()


def test_normal_operation_is_left_alone() -> None:
    stepped = watch(known(), readings_of(after(3_000), related(3_000, seed=4)), is_last=True)
    assert kinds(stepped) == []
    assert scores(stepped)[60:].max() < 1


def test_a_score_can_be_computed_again_from_its_inputs() -> None:
    finding = watch(known(), readings_of(after(600), shifted()), is_last=True).findings[0]
    inputs = finding.inputs
    assert finding.score == max((inputs["t2"] / inputs["t2_limit"]) ** 0.5, (inputs["q"] / inputs["q_limit"]) ** 0.5)
    assert sum(inputs["contributions"]) == pytest.approx(finding.value)
    assert inputs["series"] == [100, 101, 102, 103]


def test_an_episode_ends_when_the_machine_is_as_before() -> None:
    table = np.concatenate((shifted(400), related(400, seed=5)))
    stepped = watch(known(), readings_of(after(800), table), is_last=True)
    assert kinds(stepped)[0] == "started"
    assert kinds(stepped)[-1] == "ended"
    assert stepped.state.episode.count == 0


def test_nothing_is_judged_before_a_whole_day_has_been_seen() -> None:
    day = regular(25 * 60, interval_ms=60_000)
    table = related(25 * 60)
    table[300:320] += 4.0
    stepped = watch(machine(4), readings_of(day, table), is_last=True)
    assert kinds(stepped) == []
    assert stepped.state.hours == 24
    assert stepped.state.reference is not None


def test_a_disabled_machine_is_learnt_and_not_judged() -> None:
    readings = readings_of(after(600), shifted())
    stepped = watch(known(), readings, MultivariateConfig(enabled=False), is_last=True)
    assert kinds(stepped) == []
    assert scores(stepped).max() > 1


@settings(max_examples=25, deadline=None)
@given(cuts=st.lists(st.integers(0, 2_400), max_size=8), shuffle=st.integers(0, 1_000))
def test_any_cut_of_readings_within_the_hold_gives_the_same_bytes(cuts: list[int], shuffle: int) -> None:
    readings = readings_of(after(600), shifted())
    random = np.random.default_rng(shuffle)
    readings = replace(readings, time=readings.time + random.integers(0, HOLD_MS // 2, len(readings.time)))
    whole = watch(known(), readings)
    state = known()
    found: list[MachineFinding] = []
    total: list[Floats] = []
    edges = [0, *sorted(cuts), 2_400]
    for start, end in itertools.pairwise(edges):
        stepped = watch(state, part(readings, slice(start, end)))
        assert stepped.late_ms is None
        state = stepped.state
        found += stepped.findings
        total += [judged.score for judged in stepped.judged]
    assert state.to_bytes() == whole.state.to_bytes()
    assert found == list(whole.findings)
    assert np.array_equal(np.concatenate([np.zeros(0), *total]), scores(whole))


def test_machines_do_not_touch_each_other() -> None:
    from plantwright.detection.multivariate.engine import step  # noqa: PLC0415 - only here several at once

    one, other = readings_of(after(600), shifted()), readings_of(after(50), related(50, seed=8)[:, :3])
    three = known_machine(regular(LEARNT), related(LEARNT)[:, :3])
    both = step([known(), three], [one, other], [Course(), Course()])
    assert both[0].state.to_bytes() == watch(known(), one).state.to_bytes()
    assert both[1].state.to_bytes() == watch(three, other).state.to_bytes()


def test_what_comes_after_its_frame_was_judged_is_told_as_late() -> None:
    readings = readings_of(after(100), related(100, seed=2))
    state = watch(known(), readings).state
    first = int(readings.time[0])
    late = MachineReadings.good(np.array([100, 101]), np.array([first + 7, first + 1]), np.array([1e6, 1e6]))
    stepped = watch(state, late)
    assert stepped.late_ms == first + 1
    assert stepped.state.to_bytes() == state.to_bytes()
    last = int(state.metrics.last_time[0])
    again = MachineReadings.good(np.array([100]), np.array([last]), state.metrics.last_value[:1])
    assert watch(state, again).late_ms is None, "the newest reading sent once more says nothing new"
    taken_back = replace(again, is_good=np.array([False]))
    assert watch(state, taken_back).late_ms == last


def test_what_is_corrected_before_its_frame_is_judged_is_judged_as_corrected() -> None:
    readings = readings_of(after(100), related(100, seed=2))
    newest = readings.time[-4:]
    wrong = watch(watch(known(), readings).state, MachineReadings.good(np.arange(100, 104), newest, np.full(4, 1e6)))
    bad = MachineReadings(np.arange(100, 104), newest, np.full(4, 1e6), np.zeros(4, np.bool_))
    taken_back = watch(wrong.state, bad)
    assert taken_back.late_ms is None
    assert taken_back.state.newest == int(newest[0])
    whole = part(readings, slice(0, -4))
    assert watch(taken_back.state, part(whole, slice(0, 0)), is_last=True).judged[-1].score.tolist() == (
        scores(watch(known(), whole, is_last=True))[-1:].tolist()
    )


def test_a_metric_that_is_not_fresh_stops_the_judgement() -> None:
    readings = readings_of(after(600), shifted())
    silent = watch(known(), part(readings, readings.series != 103), is_last=True)
    assert kinds(silent) == []
    assert silent.judged[-1].is_judged[-1] == np.False_


def test_a_metric_that_is_silent_for_a_day_while_others_are_read_leaves() -> None:
    state = known()
    last = state.metrics.last_time.copy()
    last[3] -= 25 * HOUR_MS
    silent = replace(state, metrics=replace(state.metrics, last_time=last))
    found = watch(silent, part(readings_of(after(600), shifted()), slice(None)), is_last=True)
    assert found.state.series == (100, 101, 102, 103), "it came back"
    without = readings_of(after(600), shifted()[:, :3])
    found = watch(silent, without, is_last=True)
    assert found.state.series == (100, 101, 102)
    assert found.state.reference is not None
    assert len(found.state.reference.mean) == 3
    assert kinds(found)[0] == "started"


def test_a_machine_that_stood_still_is_known_as_before() -> None:
    readings = readings_of(after(600) + 70 * HOUR_MS, related(600, seed=4))
    stepped = watch(known(), readings, is_last=True)
    assert stepped.state.series == (100, 101, 102, 103)
    assert stepped.judged[-1].is_judged[-1]


def test_a_new_metric_is_learnt_while_the_others_are_still_judged() -> None:
    table = np.concatenate((shifted(), np.random.default_rng(1).normal(size=(600, 1))), axis=1)
    stepped = watch(known(), readings_of(after(600), table), is_last=True)
    assert stepped.state.series == (100, 101, 102, 103, 104)
    assert stepped.state.hours == 0
    assert kinds(stepped)[0] == "started"


def test_state_survives_its_bytes_and_anything_else_is_refused() -> None:
    state = watch(known(), readings_of(after(600), shifted())).state
    again = MachineState.from_parts(state.live_bytes(), state.learnt_bytes())
    assert again.to_bytes() == MachineState.from_bytes(state.to_bytes()).to_bytes() == state.to_bytes()
    with pytest.raises(StateUnreadable):
        MachineState.from_parts(b"no state", state.learnt_bytes())


@pytest.mark.parametrize("value", [1e120, -1e120, 0.0])
def test_absurd_values_give_finite_scores(value: float) -> None:
    table = related(300, seed=3)
    table[100:110, 1] = value
    with np.errstate(over="raise", invalid="raise"):
        stepped = watch(known(), readings_of(after(300), table), is_last=True)
    assert np.isfinite(scores(stepped)).all()
    assert np.isfinite(stepped.state.open_hour.second).all()
