"""The value of any metric at any time: a pure function of machine, metric, time and active faults.

    value = base + load_gain · lag(load - mean load) + wander + drift + noise + Σ fault effects

rounded to the sensor's resolution and clipped to its limits. History and live values come from here, so they agree.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from plantwright.demo.faults import PULSATION_HERTZ, Fault, FaultKind, effects_of, severity
from plantwright.demo.load import DAY_SECONDS, load_deviation
from plantwright.demo.model import Machine, MetricSpec
from plantwright.demo.noise import Floats, Times, band_limited, phase_of, seed_of, white

SECOND_MS = 1000
# Two incommensurate periods keep the drift from repeating within weeks.
DRIFT_PERIODS_SECONDS = (2.3 * DAY_SECONDS, 5.1 * DAY_SECONDS)


def metric_values(machine: Machine, spec: MetricSpec, times: Times, faults: Sequence[Fault] = ()) -> Floats:
    """Values of one metric.

    Args:
        machine: the machine the metric belongs to.
        spec: the metric.
        times: milliseconds since the Unix epoch, shape (n,), in any order.
        faults: active faults; those of other machines are ignored.

    Returns:
        Shape (n,), in the unit of the metric.
    """
    own = [fault for fault in faults if fault.machine == machine.identifier]
    seen = _held_times(spec, times, own)
    total = _healthy(machine, spec, seen)
    for fault in own:
        total += _fault_effect(machine, spec, fault, seen)
    return np.asarray(np.clip(np.round(total, spec.decimals), spec.low, spec.high), dtype=np.float64)


def machine_values(machine: Machine, times: Times, faults: Sequence[Fault] = ()) -> Mapping[str, Floats]:
    """All metrics of a machine by name; see `metric_values`."""
    return {spec.name: metric_values(machine, spec, times, faults) for spec in machine.metrics}


def snapshot(machine: Machine, time_ms: int, faults: Sequence[Fault] = ()) -> dict[str, float]:
    """The reading of each metric at one instant."""
    values = machine_values(machine, np.array([time_ms], dtype=np.int64), faults)
    return {name: float(column[0]) for name, column in values.items()}


def _healthy(machine: Machine, spec: MetricSpec, times: Times) -> Floats:
    series = (machine.identifier, spec.name)
    total = spec.base + spec.load_gain * load_deviation(machine, times, spec.lag_seconds)
    total += spec.wander * band_limited(seed_of(*series, "wander"), times, spec.wander_seconds)
    total += spec.noise * white(seed_of(*series, "noise"), times)
    for period in DRIFT_PERIODS_SECONDS:
        angle = 2.0 * np.pi * times / (SECOND_MS * period) + phase_of(*series, "drift", str(period))
        total += spec.drift / len(DRIFT_PERIODS_SECONDS) * np.sin(angle)
    return np.asarray(total, dtype=np.float64)


def _fault_effect(machine: Machine, spec: MetricSpec, fault: Fault, times: Times) -> Floats:
    effect = effects_of(machine, fault.kind).get(spec.name)
    if effect is None:
        return np.zeros(times.shape, dtype=np.float64)
    seed = seed_of(machine.identifier, spec.name, fault.kind)
    seconds = (times - fault.started_at) / SECOND_MS
    shape = effect.shift + effect.noise * white(seed, times)
    shape += effect.pulsation * np.sin(2.0 * np.pi * PULSATION_HERTZ * seconds)
    return np.asarray(severity(fault, times) * shape, dtype=np.float64)


def _held_times(spec: MetricSpec, times: Times, faults: Sequence[Fault]) -> Times:
    """A stuck sensor goes on reporting what it saw in the last whole second before it stuck."""
    held = times
    for fault in faults:
        if fault.kind is FaultKind.STUCK_SENSOR and fault.metric == spec.name:
            held = np.minimum(held, fault.started_at // SECOND_MS * SECOND_MS)
    return held
