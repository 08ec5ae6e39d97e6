"""The load of a machine and what a first-order lag makes of it, both in closed form.

The load is a sum of sinusoids and a dip at the daily restart. A lag with time constant τ turns a sinusoid of
angular frequency ω into one scaled by 1/√(1 + (ωτ)²) and delayed by atan(ωτ), and a decaying exponential into a
difference of two, so a temperature needs no history: any instant can be computed from its time alone.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from plantwright.demo.model import LoadProfile, Machine
from plantwright.demo.noise import Floats, Times, phase_of

DAY_SECONDS = 86_400.0
# Slow swings besides the work cycle: (period in seconds, amplitude).
SLOW_SWINGS = ((2_820.0, 0.020), (11_100.0, 0.020), (DAY_SECONDS, 0.015))
# A third harmonic in this proportion flattens the crest of the cycle like a duty that is held for a while.
THIRD_HARMONIC = 1.0 / 9.0
# Irregular wander of the process as a sum of incommensurate sinusoids (Rice's method): deviation, periods in seconds.
WANDER_DEVIATION = 0.020
WANDER_PERIODS = (47.0, 61.0, 83.0, 109.0, 151.0, 199.0)
# The dip is d·(e^(-t/slow) - e^(-t/fast)), scaled to reach the full depth at its deepest point.
RESTART_SLOW_SECONDS = 120.0
RESTART_FAST_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Swing:
    period_seconds: float
    amplitude: float
    phase: float


def load_deviation(machine: Machine, times: Times, lag_seconds: float = 0.0) -> Floats:
    """Load minus its mean, as seen through a first-order lag.

    Args:
        machine: whose load.
        times: milliseconds since the Unix epoch, shape (n,).
        lag_seconds: time constant; 0 gives the load itself.

    Returns:
        Shape (n,), in units of rated load.
    """
    seconds = times / 1000.0
    total = np.zeros(times.shape, dtype=np.float64)
    for swing in swings_of(machine):
        omega = 2.0 * np.pi / swing.period_seconds
        gain = swing.amplitude / np.hypot(1.0, omega * lag_seconds)
        total += gain * np.sin(omega * seconds + swing.phase - np.arctan(omega * lag_seconds))
    return np.asarray(total - _restart_dip(machine.load, seconds, lag_seconds), dtype=np.float64)


@cache
def swings_of(machine: Machine) -> tuple[Swing, ...]:
    profile = machine.load
    cycle = phase_of(machine.identifier, "cycle")
    wander = WANDER_DEVIATION * (2.0 / len(WANDER_PERIODS)) ** 0.5
    irregular = (*SLOW_SWINGS, *((period, wander) for period in WANDER_PERIODS))
    return (
        Swing(profile.cycle_seconds, profile.cycle_amplitude, cycle),
        Swing(profile.cycle_seconds / 3.0, profile.cycle_amplitude * THIRD_HARMONIC, 3.0 * cycle),
        *(
            Swing(period, amplitude, phase_of(machine.identifier, "swing", str(period)))
            for period, amplitude in irregular
        ),
    )


def _restart_dip(profile: LoadProfile, seconds: Floats, lag_seconds: float) -> Floats:
    elapsed = np.mod(seconds - profile.restart_second, DAY_SECONDS)
    slow = _lagged_decay(elapsed, RESTART_SLOW_SECONDS, lag_seconds)
    fast = _lagged_decay(elapsed, RESTART_FAST_SECONDS, lag_seconds)
    return (slow - fast) * (profile.restart_depth / _dip_peak())


def _lagged_decay(elapsed: Floats, decay_seconds: float, lag_seconds: float) -> Floats:
    """Answer of y' = (e^(-t/decay) - y) / lag from rest; the lag must differ from the decay."""
    decay: Floats = np.exp(-elapsed / decay_seconds)
    if lag_seconds == 0.0:
        return decay
    own = np.exp(-elapsed / lag_seconds)
    return (decay - own) * (decay_seconds / (decay_seconds - lag_seconds))


@cache
def _dip_peak() -> float:
    slow, fast = RESTART_SLOW_SECONDS, RESTART_FAST_SECONDS
    at = np.log(slow / fast) * slow * fast / (slow - fast)
    return float(np.exp(-at / slow) - np.exp(-at / fast))
