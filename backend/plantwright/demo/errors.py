"""Errors of the demo plant; the message is written for the person at the command line."""

from typing import ClassVar

from plantwright.core.errors import PlantwrightError


class DemoError(PlantwrightError):
    code: ClassVar[str] = "DEMO"


class UnknownMachine(DemoError):
    code = "DEMO_UNKNOWN_MACHINE"


class UnknownFault(DemoError):
    code = "DEMO_UNKNOWN_FAULT"


class FaultNotApplicable(DemoError):
    code = "DEMO_FAULT_NOT_APPLICABLE"


class ControlFileInvalid(DemoError):
    code = "DEMO_CONTROL_FILE_INVALID"
