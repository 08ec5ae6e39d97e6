"""Values are a pure function of time: repeatable, plausible, coupled and quiet while the machine is well."""

import time

import numpy as np
import pytest
from plantwright.demo.load import load_deviation
from plantwright.demo.machines import MACHINES, find_machine
from plantwright.demo.model import Machine, MetricSpec
from plantwright.demo.noise import Floats, Times, seed_of, white
from plantwright.demo.signals import machine_values, metric_values, snapshot

DAY_MS = 86_400_000
END_MS = 1_768_392_000_000
ALL_METRICS = [
    pytest.param(machine, spec, id=f"{machine.identifier}.{spec.name}")
    for machine in MACHINES
    for spec in machine.metrics
]


def seconds(start: int, end: int, step: int = 1_000) -> Times:
    return np.arange(start, end, step, dtype=np.int64)


def minute_means(values: Floats) -> Floats:
    return np.asarray(values.reshape(-1, 60).mean(axis=1), dtype=np.float64)


def test_a_window_equals_its_parts_computed_apart() -> None:
    whole = seconds(END_MS - 7_200_000, END_MS)
    for machine in MACHINES:
        for spec in machine.metrics:
            together = metric_values(machine, spec, whole)
            apart = np.concatenate([metric_values(machine, spec, part) for part in np.array_split(whole, 7)])
            assert np.array_equal(together, apart)


def test_a_snapshot_equals_the_history_of_its_instant() -> None:
    times = seconds(END_MS - 10_000, END_MS)
    for machine in MACHINES:
        history = machine_values(machine, times)
        for row, moment in enumerate(times):
            live = snapshot(machine, int(moment))
            assert live == {name: column[row] for name, column in history.items()}


def test_two_machines_of_a_kind_do_not_move_together() -> None:
    times = seconds(END_MS - DAY_MS, END_MS, 10_000)
    one, other = (machine_values(find_machine(name), times) for name in ("CONVEYOR-401", "CONVEYOR-402"))
    for name, values in one.items():
        assert abs(np.corrcoef(values, other[name])[0, 1]) < 0.5


def test_a_day_of_history_is_fast() -> None:
    times = seconds(END_MS - DAY_MS, END_MS, 10_000)
    began = time.perf_counter()
    count = sum(values.size for machine in MACHINES for values in machine_values(machine, times).values())
    assert count == 29 * 8_640
    assert time.perf_counter() - began < 2.0


def test_white_noise_has_unit_variance_and_stays_bounded() -> None:
    samples = white(seed_of("test"), np.arange(200_000, dtype=np.int64))
    assert abs(samples.mean()) < 0.01
    assert abs(samples.std() - 1.0) < 0.01
    assert np.abs(samples).max() <= 3.0
    assert abs(np.corrcoef(samples[1:], samples[:-1])[0, 1]) < 0.01


@pytest.mark.parametrize(("machine", "spec"), ALL_METRICS)
def test_a_healthy_metric_is_plausible_and_quiet(machine: Machine, spec: MetricSpec) -> None:
    values = metric_values(machine, spec, seconds(END_MS - 2 * DAY_MS, END_MS))
    today = values[-86_400:]
    steps = np.diff(today)
    assert spec.low < values.min()
    assert values.max() < spec.high
    assert abs(values.mean() - spec.base) < 0.05 * abs(spec.base)
    assert np.abs(steps).max() < 5.0 * steps.std()
    worst = np.abs(_trailing_z(values, window=86_400, every=7))
    assert worst.max() < 4.5
    assert (worst > 4.0).mean() < 1e-4


def _trailing_z(values: Floats, *, window: int, every: int) -> Floats:
    """z of each reading of the second day against the mean and deviation of the 24 h before it."""
    sums = np.concatenate([[0.0], np.cumsum(values - values[0])])
    squares = np.concatenate([[0.0], np.cumsum((values - values[0]) ** 2)])
    at = np.arange(window, values.size, every)
    mean = (sums[at] - sums[at - window]) / window
    variance = (squares[at] - squares[at - window]) / window - mean**2
    return np.asarray((values[at] - values[0] - mean) / np.sqrt(variance), dtype=np.float64)


@pytest.mark.parametrize(
    ("identifier", "first", "second", "sign"),
    [
        ("PUMP-101", "motor_current", "flow", 1),
        ("PUMP-102", "flow", "discharge_pressure", -1),
        ("SPINDLE-201", "load", "speed", -1),
        ("SPINDLE-201", "load", "vibration_rms", 1),
        ("COMPRESSOR-301", "motor_current", "discharge_pressure", 1),
        ("COMPRESSOR-301", "motor_current", "inlet_filter_dp", 1),
        ("CONVEYOR-401", "motor_current", "vibration_rms", 1),
        ("CONVEYOR-402", "motor_current", "belt_speed", -1),
    ],
)
def test_load_moves_the_metrics_of_a_machine_together(identifier: str, first: str, second: str, sign: int) -> None:
    values = machine_values(find_machine(identifier), seconds(END_MS - DAY_MS, END_MS))
    correlation = np.corrcoef(minute_means(values[first]), minute_means(values[second]))[0, 1]
    assert sign * correlation > 0.7


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.identifier)
def test_a_temperature_follows_the_load_as_a_first_order_lag_does(machine: Machine) -> None:
    lag = next(spec.lag_seconds for spec in machine.metrics if spec.lag_seconds)
    times = seconds(END_MS - 6 * 3_600_000, END_MS)
    load = load_deviation(machine, times)
    integrated = np.empty_like(load)
    integrated[0] = load_deviation(machine, times[:1], lag)[0]
    for i in range(1, load.size):
        integrated[i] = integrated[i - 1] + (load[i - 1] - integrated[i - 1]) / lag
    closed_form = load_deviation(machine, times, lag)
    # What is left is the error of Euler steps of one second.
    assert np.abs(closed_form - integrated).max() < 0.002
    assert closed_form.std() < 0.9 * load.std()


def test_a_restart_shows_as_a_gentle_dip() -> None:
    machine = find_machine("PUMP-101")
    restart = END_MS // DAY_MS * DAY_MS + machine.load.restart_second * 1_000
    day = seconds(restart - DAY_MS // 2, restart + DAY_MS // 2, 1_000)
    current = minute_means(machine_values(machine, day)["motor_current"])
    normal = np.median([current[720 - 9 * k : 720 - 9 * k + 2].mean() for k in range(1, 20)])
    assert current[720:722].mean() < normal - 0.8
