"""The six machines of the demo plant and their operating points."""

from dataclasses import replace

from plantwright.demo.errors import UnknownMachine
from plantwright.demo.model import LoadProfile, Machine, MachineKind, MetricSpec, Protocol

# The discharge pressure falls with the load because a centrifugal pump rides down its curve as flow rises.
PUMP_METRICS = (
    MetricSpec("vibration_rms", "mm/s", 2.1, 1.3, 0.10, 0.06, 0.0, 45.0, 3, drift=0.03),
    MetricSpec("discharge_pressure", "bar", 6.2, -2.0, 0.15, 0.08, 0.0, 16.0, 3, drift=0.03),
    MetricSpec("flow", "l/min", 420.0, 240.0, 15.0, 8.0, 0.0, 900.0, 1, drift=2.0),
    MetricSpec("motor_current", "A", 31.0, 17.0, 1.0, 0.5, 0.0, 80.0, 2, drift=0.2),
    MetricSpec("bearing_temperature", "celsius", 58.0, 12.0, 0.35, 0.20, -20.0, 160.0, 2, lag_seconds=240.0, drift=0.3),
)

SPINDLE_METRICS = (
    MetricSpec("speed", "rpm", 11_800.0, -600.0, 35.0, 18.0, 0.0, 24_000.0, 0, drift=5.0),
    MetricSpec("load", "percent", 62.0, 95.0, 5.5, 2.5, 0.0, 150.0, 1, drift=0.6),
    MetricSpec("vibration_rms", "mm/s", 1.2, 0.8, 0.06, 0.03, 0.0, 45.0, 3, drift=0.02),
    MetricSpec("bearing_temperature", "celsius", 44.0, 14.0, 0.35, 0.20, -20.0, 140.0, 2, lag_seconds=180.0, drift=0.3),
    MetricSpec("coolant_flow", "l/min", 18.5, 1.0, 0.25, 0.12, 0.0, 40.0, 2, drift=0.05),
)

COMPRESSOR_METRICS = (
    MetricSpec("discharge_pressure", "bar", 7.6, 1.6, 0.09, 0.05, 0.0, 16.0, 3, drift=0.02),
    MetricSpec(
        "discharge_temperature", "celsius", 88.0, 22.0, 0.7, 0.40, -20.0, 200.0, 2, lag_seconds=150.0, drift=0.4
    ),
    MetricSpec("motor_current", "A", 118.0, 62.0, 3.2, 1.6, 0.0, 300.0, 1, drift=0.5),
    MetricSpec("oil_pressure", "bar", 3.4, -0.5, 0.035, 0.02, 0.0, 10.0, 3, drift=0.01),
    MetricSpec("inlet_filter_dp", "mbar", 22.0, 24.0, 1.2, 0.6, 0.0, 200.0, 2, drift=0.4),
    MetricSpec("vibration_rms", "mm/s", 3.0, 1.6, 0.12, 0.06, 0.0, 45.0, 3, drift=0.04),
)

# The belt slows a little as it is loaded because of the slip of its induction motor.
CONVEYOR_METRICS = (
    MetricSpec("belt_speed", "m/s", 1.6, -0.12, 0.010, 0.005, 0.0, 4.0, 4, drift=0.002),
    MetricSpec("motor_current", "A", 12.4, 9.0, 0.5, 0.25, 0.0, 40.0, 2, drift=0.08),
    MetricSpec("gearbox_temperature", "celsius", 51.0, 11.0, 0.35, 0.20, -20.0, 140.0, 2, lag_seconds=300.0, drift=0.3),
    MetricSpec("vibration_rms", "mm/s", 1.7, 1.1, 0.08, 0.05, 0.0, 45.0, 3, drift=0.03),
)

PUMP_101 = Machine(
    "PUMP-101",
    "Cooling water pump 1",
    MachineKind.PUMP,
    Protocol.OPC_UA,
    "Hall A / Line 1",
    LoadProfile(0.70, 540.0, 0.085, restart_second=4 * 3600, restart_depth=0.08),
    PUMP_METRICS,
)

MACHINES: tuple[Machine, ...] = (
    PUMP_101,
    replace(
        PUMP_101,
        identifier="PUMP-102",
        name="Cooling water pump 2",
        protocol=Protocol.MODBUS_TCP,
        load=LoadProfile(0.66, 690.0, 0.080, restart_second=4 * 3600 + 900, restart_depth=0.08),
    ),
    Machine(
        "SPINDLE-201",
        "Milling spindle",
        MachineKind.SPINDLE,
        Protocol.OPC_UA,
        "Hall A / Line 2",
        LoadProfile(0.58, 210.0, 0.090, restart_second=5 * 3600, restart_depth=0.08),
        SPINDLE_METRICS,
    ),
    Machine(
        "COMPRESSOR-301",
        "Screw compressor",
        MachineKind.COMPRESSOR,
        Protocol.MODBUS_TCP,
        "Hall B / Utilities",
        LoadProfile(0.72, 360.0, 0.080, restart_second=3 * 3600, restart_depth=0.08),
        COMPRESSOR_METRICS,
    ),
    Machine(
        "CONVEYOR-401",
        "Infeed conveyor",
        MachineKind.CONVEYOR,
        Protocol.CSV,
        "Hall B / Line 3",
        LoadProfile(0.55, 300.0, 0.090, restart_second=5 * 3600 + 1800, restart_depth=0.08),
        CONVEYOR_METRICS,
    ),
    Machine(
        "CONVEYOR-402",
        "Outfeed conveyor",
        MachineKind.CONVEYOR,
        Protocol.JSON,
        "Hall B / Line 3",
        LoadProfile(0.60, 330.0, 0.085, restart_second=5 * 3600 + 2700, restart_depth=0.08),
        CONVEYOR_METRICS,
    ),
)

_BY_IDENTIFIER = {machine.identifier: machine for machine in MACHINES}


def find_machine(identifier: str) -> Machine:
    """The machine of this identifier.

    Raises:
        UnknownMachine: the plant has no such machine; the message lists those it has.
    """
    machine = _BY_IDENTIFIER.get(identifier)
    if machine is None:
        known = ", ".join(_BY_IDENTIFIER)
        raise UnknownMachine(f"The demo plant has no machine {identifier!r}. It has {known}.")
    return machine


def machines_on(protocol: Protocol) -> tuple[Machine, ...]:
    return tuple(machine for machine in MACHINES if machine.protocol is protocol)
