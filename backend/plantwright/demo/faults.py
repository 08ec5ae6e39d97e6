"""Faults that can be put on a machine and what each does to its metrics."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from plantwright.demo.errors import FaultNotApplicable, UnknownFault
from plantwright.demo.machines import find_machine
from plantwright.demo.model import Machine, MachineKind
from plantwright.demo.noise import Floats, Times

RAMP_SECONDS = 45.0
PROGRESS_SECONDS = 600.0
PULSATION_HERTZ = 0.23


class FaultKind(StrEnum):
    BEARING_WEAR = "bearing_wear"
    CAVITATION = "cavitation"
    BLOCKED_FILTER = "blocked_filter"
    STUCK_SENSOR = "stuck_sensor"
    DROPPED_LINK = "dropped_link"


@dataclass(frozen=True, slots=True)
class Effect:
    """What a fault of full severity adds to one metric, in the unit of the metric."""

    shift: float = 0.0
    noise: float = 0.0
    pulsation: float = 0.0


@dataclass(frozen=True, slots=True)
class Fault:
    """An active fault.

    Attributes:
        started_at: milliseconds since the Unix epoch; earlier readings are untouched.
        metric: the frozen metric; only for a stuck sensor.
    """

    machine: str
    kind: FaultKind
    started_at: int
    metric: str | None = None


_EFFECTS: Mapping[tuple[MachineKind, FaultKind], Mapping[str, Effect]] = {
    (MachineKind.PUMP, FaultKind.BEARING_WEAR): {
        "vibration_rms": Effect(shift=4.5, noise=0.25),
        "bearing_temperature": Effect(shift=14.0),
        "motor_current": Effect(shift=1.5),
    },
    (MachineKind.SPINDLE, FaultKind.BEARING_WEAR): {
        "vibration_rms": Effect(shift=3.2, noise=0.20),
        "bearing_temperature": Effect(shift=16.0),
        "load": Effect(shift=4.0),
    },
    (MachineKind.COMPRESSOR, FaultKind.BEARING_WEAR): {
        "vibration_rms": Effect(shift=5.0, noise=0.30),
        "discharge_temperature": Effect(shift=12.0),
        "oil_pressure": Effect(shift=-0.25),
        "motor_current": Effect(shift=5.0),
    },
    (MachineKind.CONVEYOR, FaultKind.BEARING_WEAR): {
        "vibration_rms": Effect(shift=4.0, noise=0.25),
        "gearbox_temperature": Effect(shift=13.0),
        "motor_current": Effect(shift=0.8),
    },
    (MachineKind.PUMP, FaultKind.CAVITATION): {
        "vibration_rms": Effect(shift=2.5, noise=0.8),
        "discharge_pressure": Effect(shift=-1.6, noise=0.2, pulsation=0.6),
        "flow": Effect(shift=-110.0, noise=12.0, pulsation=35.0),
        "motor_current": Effect(shift=-3.0, pulsation=0.8),
    },
    (MachineKind.PUMP, FaultKind.BLOCKED_FILTER): {
        "flow": Effect(shift=-150.0),
        "discharge_pressure": Effect(shift=-1.5),
        "motor_current": Effect(shift=-5.0),
    },
    (MachineKind.SPINDLE, FaultKind.BLOCKED_FILTER): {
        "coolant_flow": Effect(shift=-7.0),
        "bearing_temperature": Effect(shift=9.0),
    },
    (MachineKind.COMPRESSOR, FaultKind.BLOCKED_FILTER): {
        "inlet_filter_dp": Effect(shift=45.0, noise=1.0),
        "discharge_pressure": Effect(shift=-0.9),
        "discharge_temperature": Effect(shift=10.0),
    },
}

_ALWAYS_POSSIBLE = (FaultKind.STUCK_SENSOR, FaultKind.DROPPED_LINK)
_STUCK_BY_DEFAULT = "vibration_rms"


def possible_kinds(machine: Machine) -> tuple[FaultKind, ...]:
    return tuple(kind for kind in FaultKind if kind in _ALWAYS_POSSIBLE or (machine.kind, kind) in _EFFECTS)


def effects_of(machine: Machine, kind: FaultKind) -> Mapping[str, Effect]:
    return _EFFECTS.get((machine.kind, kind), {})


def make_fault(machine_identifier: str, kind_name: str, started_at: int, metric: str | None = None) -> Fault:
    """A checked fault.

    Args:
        machine_identifier: for example PUMP-101.
        kind_name: for example bearing_wear.
        started_at: milliseconds since the Unix epoch.
        metric: which sensor is stuck; vibration_rms unless told.

    Raises:
        UnknownMachine, UnknownFault: no such machine or kind.
        FaultNotApplicable: this kind cannot befall this machine or metric.
    """
    machine = find_machine(machine_identifier)
    kind = _find_kind(kind_name)
    if kind not in possible_kinds(machine):
        possible = ", ".join(possible_kinds(machine))
        raise FaultNotApplicable(f"{kind} does not fit {machine.identifier}. It can have {possible}.")
    return Fault(machine.identifier, kind, started_at, _checked_metric(machine, kind, metric))


def severity(fault: Fault, times: Times) -> Floats:
    """0 before the start, rising to 1 within RAMP_SECONDS, then approaching 1.5 over some PROGRESS_SECONDS."""
    elapsed = np.maximum(times - fault.started_at, 0) / 1000.0
    progress = -np.expm1(-np.maximum(elapsed - RAMP_SECONDS, 0.0) / PROGRESS_SECONDS)
    return np.asarray(np.minimum(elapsed / RAMP_SECONDS, 1.0) + 0.5 * progress, dtype=np.float64)


def _find_kind(name: str) -> FaultKind:
    try:
        return FaultKind(name)
    except ValueError:
        kinds = ", ".join(FaultKind)
        raise UnknownFault(f"There is no fault kind {name!r}. Kinds are {kinds}.") from None


def _checked_metric(machine: Machine, kind: FaultKind, metric: str | None) -> str | None:
    if kind is not FaultKind.STUCK_SENSOR:
        if metric is not None:
            raise FaultNotApplicable(f"A metric can be chosen for {FaultKind.STUCK_SENSOR} only, not for {kind}.")
        return None
    chosen = metric or _STUCK_BY_DEFAULT
    names = [spec.name for spec in machine.metrics]
    if chosen not in names:
        raise FaultNotApplicable(f"{machine.identifier} has no metric {chosen!r}. It has {', '.join(names)}.")
    return chosen
