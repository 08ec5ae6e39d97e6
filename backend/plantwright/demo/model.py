"""What describes a simulated machine: its load, its metrics and where it can be read."""

from dataclasses import dataclass
from enum import StrEnum


class MachineKind(StrEnum):
    PUMP = "pump"
    SPINDLE = "spindle"
    COMPRESSOR = "compressor"
    CONVEYOR = "conveyor"


class Protocol(StrEnum):
    """Names as the machine register of the product spells them."""

    OPC_UA = "opc_ua"
    MODBUS_TCP = "modbus_tcp"
    CSV = "csv"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class LoadProfile:
    """How hard a machine works over time; load 1.0 is its rating.

    Attributes:
        mean: average load.
        cycle_seconds: period of the work cycle.
        cycle_amplitude: half the swing of the work cycle.
        restart_second: second of the UTC day at which the machine is restarted.
        restart_depth: how far the load dips at the restart.
    """

    mean: float
    cycle_seconds: float
    cycle_amplitude: float
    restart_second: int
    restart_depth: float


@dataclass(frozen=True, slots=True)
class MetricSpec:
    """One measured value.

    Attributes:
        name: metric name, unique within the machine.
        unit: free label as sent with each reading.
        base: value at mean load.
        load_gain: change of the value per unit of load.
        noise: standard deviation of the sensor noise, independent from sample to sample.
        wander: standard deviation of the process noise between `wander_seconds` points.
        lag_seconds: first-order time constant between load and value; 0 follows at once.
        drift: amplitude of the drift over days.
        decimals: resolution of the sensor.
        low, high: engineering limits; readings are clipped to them.
    """

    name: str
    unit: str
    base: float
    load_gain: float
    noise: float
    wander: float
    low: float
    high: float
    decimals: int
    lag_seconds: float = 0.0
    wander_seconds: float = 20.0
    drift: float = 0.0


@dataclass(frozen=True, slots=True)
class Machine:
    identifier: str
    name: str
    kind: MachineKind
    protocol: Protocol
    location: str
    load: LoadProfile
    metrics: tuple[MetricSpec, ...]
