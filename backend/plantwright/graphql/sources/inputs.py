"""What the mutations of sources take."""

from typing import Any

import strawberry

from plantwright.graphql.sources.enums import ByteOrder, ModbusDataType, ModbusTable
from plantwright.graphql.sources.settings import ModbusSettingsInput, OpcUaSettingsInput
from plantwright.sources.limits import DEFAULT_INTERVAL
from plantwright.sources.tags import TagDraft

TAG = (
    "A node id such as `ns=2;s=Temperature`. Or a register counted from 0: `holding:100`, `input:4`, `coil:0`, "
    "`discrete:7`; with a bit `holding:100.3`, a bit field `holding:100.4-7`, a unit `3/holding:100`; or a manual's "
    "number, `40101`."
)


@strawberry.input(description="Where the value of a tag goes: value = raw * scale + offset.")
class TagMappingInput:
    tag: str = strawberry.field(description=TAG)
    metric_name: str = strawberry.field(description="Of the source's machine; 1 to 255 characters.")
    unit: str = ""
    scale: float = 1.0
    offset: float = 0.0
    is_enabled: bool = True
    data_type: ModbusDataType | None = strawberry.field(default=None, description="UINT16 unless given.")
    word_order: ByteOrder | None = strawberry.field(default=None, description="BIG unless given.")
    byte_order: ByteOrder | None = strawberry.field(default=None, description="BIG unless given.")

    def to_domain(self) -> TagDraft:
        options: dict[str, Any] = {
            key: value.value
            for key, value in (
                ("data_type", self.data_type),
                ("word_order", self.word_order),
                ("byte_order", self.byte_order),
            )
            if value is not None
        }
        return TagDraft(self.tag, self.metric_name, self.unit, self.scale, self.offset, self.is_enabled, options)


@strawberry.input(description="Exactly one of `opcUa` and `modbusTcp`.")
class CreateIngestSourceInput:
    machine_id: strawberry.ID
    name: str | None = strawberry.field(default=None, description="Up to 64 characters; made up unless given.")
    opc_ua: OpcUaSettingsInput | None = None
    modbus_tcp: ModbusSettingsInput | None = None
    poll_interval_seconds: float = strawberry.field(default=DEFAULT_INTERVAL, description="1 to 3,600.")
    tags: list[TagMappingInput] = strawberry.field(default_factory=list, description="Up to 1,000.")
    is_paused: bool = False


@strawberry.input(description="Fields left out stay; a source keeps its machine and its protocol.")
class UpdateIngestSourceInput:
    id: strawberry.ID
    expected_version: int = strawberry.field(description="`version` as you saw it; another one is a conflict.")
    name: str | None = None
    opc_ua: OpcUaSettingsInput | None = None
    modbus_tcp: ModbusSettingsInput | None = None
    poll_interval_seconds: float | None = None


@strawberry.input
class PauseIngestSourceInput:
    id: strawberry.ID


@strawberry.input
class ResumeIngestSourceInput:
    id: strawberry.ID


@strawberry.input
class DeleteIngestSourceInput:
    id: strawberry.ID


@strawberry.input(description="For `sourceId`, or for the only source of `machineId`.")
class SetTagMappingsInput:
    source_id: strawberry.ID | None = None
    machine_id: strawberry.ID | None = None
    mappings: list[TagMappingInput] = strawberry.field(description="Up to 1,000.")
    keep_others: bool = strawberry.field(
        default=False, description="Whether mappings of tags that are not named here stay."
    )
    expected_version: int | None = strawberry.field(
        default=None, description="The source's `version` as you saw it; given, another one is a conflict."
    )


@strawberry.input(
    description="A saved source by `id`, or one that is not saved yet; of both, the latter with the "
    "stored password where it still belongs."
)
class TestIngestSourceInput:
    id: strawberry.ID | None = None
    opc_ua: OpcUaSettingsInput | None = None
    modbus_tcp: ModbusSettingsInput | None = None
    tags: list[TagMappingInput] | None = strawberry.field(
        default=None, description="Read to see first values; those of the saved source unless given."
    )


@strawberry.input(description="A saved OPC UA source by `id`, or one that is not saved yet.")
class BrowseIngestSourceInput:
    id: strawberry.ID | None = None
    opc_ua: OpcUaSettingsInput | None = None
    node_id: str | None = strawberry.field(default=None, description="Whose children; the Objects folder unless given.")


@strawberry.input(description="A saved Modbus source by `id`, or one that is not saved yet.")
class ProbeIngestSourceInput:
    id: strawberry.ID | None = None
    modbus_tcp: ModbusSettingsInput | None = None
    table: ModbusTable = ModbusTable.HOLDING
    address: int = strawberry.field(default=0, description="The first one, counted from 0.")
    count: int = strawberry.field(default=10, description="1 to 250.")
    unit_id: int | None = strawberry.field(default=None, description="That of the source unless given.")
