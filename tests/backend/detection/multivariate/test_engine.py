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
from plantwright.detection.multivariate.membership import with_series, without_silent
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
    stepped = watch(machine(4), readings_of(day, table, flush_seconds=600), is_last=True)
    assert kinds(stepped) == []
    assert stepped.state.hours == 24
    assert stepped.state.reference is not None


def test_a_disabled_machine_is_learnt_and_not_judged() -> None:
    readings = readings_of(after(600), shifted())
    stepped = watch(known(), readings, MultivariateConfig(enabled=False), is_last=True)
    assert kinds(stepped) == []
    assert scores(stepped).max() > 1


@settings(max_examples=25, deadline=None)
@given(cuts=st.lists(st.integers(0, 120), max_size=8), shuffle=st.integers(0, 1_000))
def test_any_cut_between_flushes_gives_the_same_bytes(cuts: list[int], shuffle: int) -> None:
    """Readings of a flush come in any order, and up to the hold those of two flushes overlap."""
    readings = readings_of(after(600), shifted())
    random = np.random.default_rng(shuffle)
    jitter = random.integers(0, HOLD_MS // 2, len(readings.time))
    readings = replace(readings, time=readings.time + jitter)
    order = np.lexsort((random.permutation(len(readings.time)), readings.flush))
    readings = part(readings, order)
    whole = watch(known(), readings)
    state = known()
    found: list[MachineFinding] = []
    total: list[Floats] = []
    edges = [0, *sorted(cuts), 120]
    for start, end in itertools.pairwise(edges):
        stepped = watch(state, part(readings, (readings.flush >= start) & (readings.flush < end)))
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
    both = step([known(), three], [one, other], MultivariateConfig())
    assert both[0].state.to_bytes() == watch(known(), one).state.to_bytes()
    assert both[1].state.to_bytes() == watch(three, other).state.to_bytes()


def test_what_comes_after_its_frame_was_judged_is_no_part_of_it() -> None:
    readings = readings_of(after(100), related(100, seed=2))
    stepped = watch(known(), readings)
    late = MachineReadings(np.array([0]), np.array([readings.time[0] + 1]), np.array([1e6]), np.array([10**6]))
    assert watch(stepped.state, late).state.to_bytes() == stepped.state.to_bytes()


def test_a_metric_that_is_not_fresh_stops_the_judgement() -> None:
    readings = readings_of(after(600), shifted())
    silent = watch(known(), part(readings, readings.metric != 3), is_last=True)
    assert kinds(silent) == []
    assert silent.judged[-1].is_judged[-1] == np.False_


def test_a_metric_that_is_silent_for_a_day_leaves() -> None:
    state = known()
    left = without_silent(state, int(state.frame_time) + 25 * HOUR_MS)
    assert left.series == ()
    last = state.metrics.last_time.copy()
    last[3] -= 25 * HOUR_MS
    stays = without_silent(replace(state, metrics=replace(state.metrics, last_time=last)), state.frame_time)
    assert stays.series == (100, 101, 102)
    assert stays.reference is not None
    assert len(stays.reference.mean) == 3
    found = watch(stays, readings_of(after(600), shifted()[:, :3]), is_last=True)
    assert kinds(found)[0] == "started"


def test_a_new_metric_is_learnt_while_the_others_are_still_judged() -> None:
    state = with_series(known(), [100, 200])
    assert state.series == (100, 101, 102, 103, 200)
    assert state.hours == 0
    table = np.concatenate((shifted(), np.random.default_rng(1).normal(size=(600, 1))), axis=1)
    stepped = watch(state, readings_of(after(600), table), is_last=True)
    assert kinds(stepped)[0] == "started"


def test_state_survives_its_bytes_and_anything_else_is_refused() -> None:
    state = watch(known(), readings_of(after(600), shifted())).state
    again = MachineState.from_parts(state.live_bytes(), state.learnt_bytes())
    assert again.to_bytes() == state.to_bytes()
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
