"""Each fault changes the metrics it should, clearly and within a minute, and no other."""

import numpy as np
import pytest
from plantwright.demo.errors import FaultNotApplicable, UnknownFault, UnknownMachine
from plantwright.demo.faults import effects_of, make_fault, possible_kinds, severity
from plantwright.demo.machines import MACHINES, find_machine
from plantwright.demo.noise import Floats
from plantwright.demo.signals import machine_values, metric_values

START_MS = 1_768_392_000_000
DAY_MS = 86_400_000
RAMPS = [
    (machine.identifier, kind) for machine in MACHINES for kind in possible_kinds(machine) if effects_of(machine, kind)
]


def window(values: Floats, start: int, end: int) -> Floats:
    """Values of the given seconds relative to the start of the fault, which is at row 60."""
    return values[60 + start : 60 + end]


@pytest.mark.parametrize(("identifier", "kind"), RAMPS)
def test_a_fault_moves_exactly_its_metrics(identifier: str, kind: str) -> None:
    machine = find_machine(identifier)
    times = np.arange(START_MS - 60_000, START_MS + 900_000, 1_000, dtype=np.int64)
    day = np.arange(START_MS - DAY_MS, START_MS, 10_000, dtype=np.int64)
    healthy = machine_values(machine, times)
    faulty = machine_values(machine, times, [make_fault(identifier, kind, START_MS)])
    affected = effects_of(machine, make_fault(identifier, kind, START_MS).kind)
    for spec in machine.metrics:
        change = faulty[spec.name] - healthy[spec.name]
        assert np.all(window(change, -60, 0) == 0.0)
        if spec.name not in affected:
            assert np.all(change == 0.0)
            continue
        shift = affected[spec.name].shift
        assert window(change, 45, 105).mean() / shift > 0.8
        assert abs(window(change, 700, 900).mean()) > abs(window(change, 45, 105).mean())
        assert spec.low <= faulty[spec.name].min() <= faulty[spec.name].max() <= spec.high
    strongest = max(
        abs(window(faulty[name], 45, 105).mean() - values.mean()) / values.std()
        for name, values in machine_values(machine, day).items()
    )
    assert strongest > 6.0


def test_severity_reaches_a_clear_fault_in_45_seconds_and_goes_on() -> None:
    fault = make_fault("PUMP-101", "bearing_wear", START_MS)
    times = START_MS + np.array([-5_000, 0, 22_500, 45_000, 645_000, 86_400_000], dtype=np.int64)
    expected = [0.0, 0.0, 0.5, 1.0, 1.0 + 0.5 * (1.0 - np.exp(-1.0)), 1.5]
    assert np.allclose(severity(fault, times), expected)


def test_cavitation_makes_the_pressure_pulsate() -> None:
    machine = find_machine("PUMP-101")
    times = np.arange(START_MS + 120_000, START_MS + 240_000, 1_000, dtype=np.int64)
    fault = make_fault("PUMP-101", "cavitation", START_MS)
    healthy, faulty = machine_values(machine, times), machine_values(machine, times, [fault])
    assert faulty["discharge_pressure"].std() > 2.0 * healthy["discharge_pressure"].std()
    assert faulty["vibration_rms"].std() > 3.0 * healthy["vibration_rms"].std()


def test_a_stuck_sensor_repeats_its_last_value_and_leaves_the_others_alone() -> None:
    machine = find_machine("SPINDLE-201")
    start = START_MS + 400
    fault = make_fault("SPINDLE-201", "stuck_sensor", start, "coolant_flow")
    times = np.arange(START_MS - 5_000, START_MS + 60_000, 1_000, dtype=np.int64)
    healthy, faulty = machine_values(machine, times), machine_values(machine, times, [fault])
    assert np.array_equal(faulty["coolant_flow"][:6], healthy["coolant_flow"][:6])
    assert np.all(faulty["coolant_flow"][5:] == healthy["coolant_flow"][5])
    assert np.unique(healthy["coolant_flow"][5:]).size > 10
    assert np.array_equal(faulty["speed"], healthy["speed"])


def test_a_sensor_that_sticks_during_another_fault_holds_the_faulty_value() -> None:
    machine = find_machine("PUMP-101")
    spec = machine.metrics[0]
    wear = make_fault("PUMP-101", "bearing_wear", START_MS)
    stuck = make_fault("PUMP-101", "stuck_sensor", START_MS + 60_000)
    times = np.array([START_MS + 60_000, START_MS + 600_000], dtype=np.int64)
    with_wear = metric_values(machine, spec, times, [wear])
    assert list(metric_values(machine, spec, times, [wear, stuck])) == [with_wear[0], with_wear[0]]


def test_a_fault_does_not_reach_other_machines() -> None:
    times = np.array([START_MS + 300_000], dtype=np.int64)
    fault = make_fault("PUMP-101", "bearing_wear", START_MS)
    other = find_machine("PUMP-102")
    assert machine_values(other, times, [fault]) == machine_values(other, times)


def test_faults_that_do_not_fit_are_refused_with_what_would() -> None:
    with pytest.raises(FaultNotApplicable, match=r"COMPRESSOR-301.*bearing_wear, blocked_filter"):
        make_fault("COMPRESSOR-301", "cavitation", START_MS)
    with pytest.raises(FaultNotApplicable, match="stuck_sensor only"):
        make_fault("PUMP-101", "cavitation", START_MS, "flow")
    with pytest.raises(FaultNotApplicable, match="no metric 'speed'"):
        make_fault("PUMP-101", "stuck_sensor", START_MS, "speed")
    with pytest.raises(UnknownMachine, match=r"PUMP-999.*PUMP-101"):
        make_fault("PUMP-999", "cavitation", START_MS)
    with pytest.raises(UnknownFault, match=r"rust.*bearing_wear"):
        make_fault("PUMP-101", "rust", START_MS)
