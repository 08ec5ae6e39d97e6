"""Names that the API gives to the kinds of the sources room. Imported for the naming, before anything uses them."""

import strawberry

from plantwright.sources.models import (
    ByteOrder,
    ModbusDataType,
    ModbusTable,
    OpcUaMode,
    OpcUaSecurityMode,
    OpcUaSecurityPolicy,
    SourceProtocol,
    SourceState,
)
from plantwright.sources.report import Outcome, StepName

__all__ = [
    "ByteOrder",
    "ModbusDataType",
    "ModbusTable",
    "OpcUaMode",
    "OpcUaSecurityMode",
    "OpcUaSecurityPolicy",
    "Outcome",
    "SourceProtocol",
    "SourceState",
    "StepName",
]

strawberry.enum(SourceProtocol, name="IngestSourceProtocol", description="What the server reads itself.")
strawberry.enum(
    SourceState,
    name="IngestSourceState",
    description="Switched off: this server reads no devices. Unmapped: no tag is mapped. Waiting: no worker has taken "
    "it yet. Recoverable: tried again by itself. Permanent: refused until a person changes something.",
)
strawberry.enum(ModbusDataType, description="How the registers of a value are read.")
strawberry.enum(ByteOrder, description="What comes first.")
strawberry.enum(ModbusTable, description="The four kinds of Modbus registers; coils and discretes are bits.")
strawberry.enum(OpcUaSecurityMode, description="NONE only where the network itself is trusted.")
strawberry.enum(OpcUaSecurityPolicy, description="The policies that are not broken.")
strawberry.enum(OpcUaMode, description="POLL reads every tag each time; SUBSCRIBE has the server tell of changes.")
strawberry.enum(StepName, name="IngestSourceTestStepName", description="In this order; a failed one ends the test.")
strawberry.enum(Outcome, name="IngestSourceTestOutcome", description="Skipped: not needed, or not come to.")
