"""Ingest sources as the API shows them; no password ever."""

from datetime import datetime
from typing import Any, Self

import strawberry

from plantwright.graphql.assets.types import Machine, load_machine
from plantwright.graphql.connection import PageInfo
from plantwright.graphql.context import Info
from plantwright.graphql.identity.people import load_user
from plantwright.graphql.identity.types import User
from plantwright.graphql.scalars import BigInt
from plantwright.graphql.sources.enums import ByteOrder, ModbusDataType, SourceProtocol, SourceState
from plantwright.graphql.sources.settings import ModbusSettings, OpcUaSettings
from plantwright.sources import models
from plantwright.sources.limits import DEFAULT_INTERVAL
from plantwright.sources.repository import MappedTag
from plantwright.sources.status import SourceStatus as Status
from plantwright.sources.status import status_of


@strawberry.type(description="How a source does.")
class IngestSourceStatus:
    state: SourceState
    since: datetime
    last_error: str | None = strawberry.field(description="For people; kept after recovery.")
    last_error_at: datetime | None
    last_reading_at: datetime | None = strawberry.field(description="Time of the newest stored reading.")
    readings: BigInt = strawberry.field(description="Readings stored since the source was made.")
    gaps: BigInt = strawberry.field(description="Times in which values may be missing, since the source was made.")
    restarts: int = strawberry.field(description="How often the connection was made anew since it was last taken.")

    @classmethod
    def of(cls, status: Status) -> Self:
        return cls(
            state=status.state,
            since=status.since,
            last_error=status.last_error or None,
            last_error_at=status.last_error_at,
            last_reading_at=status.last_reading_at,
            readings=BigInt(status.readings),
            gaps=BigInt(status.gaps),
            restarts=status.restarts,
        )


@strawberry.type(description="Where the value of a tag goes: value = raw * scale + offset.")
class TagMapping:
    tag: str = strawberry.field(description="A node id, or a register such as `holding:100`.")
    metric_name: str
    unit: str
    scale: float
    offset: float
    is_enabled: bool
    data_type: ModbusDataType | None = strawberry.field(description="Of Modbus registers.")
    word_order: ByteOrder | None = strawberry.field(description="Of Modbus values of several registers.")
    byte_order: ByteOrder | None = strawberry.field(description="Of Modbus registers.")
    last_value: float | None = strawberry.field(description="The metric's newest reading, whoever sent it.")
    last_quality: int | None = strawberry.field(description="0 good, 1 uncertain, 2 bad (OPC UA status class).")
    last_value_at: datetime | None

    @classmethod
    def of(cls, mapped: MappedTag) -> Self:
        row, options = mapped.mapping, mapped.mapping.options
        return cls(
            tag=row.tag,
            metric_name=row.metric_name,
            unit=row.unit,
            scale=row.scale,
            offset=row.offset,
            is_enabled=row.is_enabled,
            data_type=_member(ModbusDataType, options.get("data_type")),
            word_order=_member(ByteOrder, options.get("word_order")),
            byte_order=_member(ByteOrder, options.get("byte_order")),
            last_value=mapped.value,
            last_quality=mapped.quality,
            last_value_at=mapped.time,
        )


@strawberry.type(description="A time in which values may be missing.")
class IngestSourceGap:
    tag: str | None = strawberry.field(description="Null when it is the whole source.")
    reason: str
    started_at: datetime
    ended_at: datetime
    count: int = strawberry.field(description="How many values are known to be missing; 1 when it is not known.")

    @classmethod
    def of(cls, row: models.SourceGap) -> Self:
        return cls(
            tag=row.tag or None, reason=row.reason, started_at=row.started_at, ended_at=row.ended_at, count=row.count
        )


@strawberry.type(description="A device that the server itself reads.")
class IngestSource:
    id: strawberry.ID
    name: str
    protocol: SourceProtocol
    address: str = strawberry.field(description="Endpoint URL, or host and port.")
    poll_interval_seconds: float
    opc_ua: OpcUaSettings | None = strawberry.field(description="Null for another protocol.")
    modbus_tcp: ModbusSettings | None = strawberry.field(description="Null for another protocol.")
    is_paused: bool
    version: int = strawberry.field(description="Give it back as `expectedVersion` with a change.")
    created_at: datetime
    updated_at: datetime
    row: strawberry.Private[models.IngestSource]

    @classmethod
    def of(cls, row: models.IngestSource) -> Self:
        protocol = SourceProtocol(row.protocol)
        return cls(
            id=strawberry.ID(str(row.id)),
            name=row.name,
            protocol=protocol,
            address=row.address,
            poll_interval_seconds=row.settings.get("poll_interval", DEFAULT_INTERVAL),
            opc_ua=OpcUaSettings.of(row) if protocol is SourceProtocol.OPC_UA else None,
            modbus_tcp=ModbusSettings.of(row) if protocol is SourceProtocol.MODBUS_TCP else None,
            is_paused=row.is_paused,
            version=row.version,
            created_at=row.created_at,
            updated_at=row.updated_at,
            row=row,
        )

    @strawberry.field
    async def machine(self, info: Info) -> Machine:
        return await load_machine(info, self.row.machine_id)

    @strawberry.field(description="In the order in which they were given.")
    async def tags(self, info: Info) -> list[TagMapping]:
        return [TagMapping.of(tag) for tag in await info.context.loaders.tags_of_source.load(self.row.id)]

    @strawberry.field
    async def status(self, info: Info) -> IngestSourceStatus:
        runtime = await info.context.loaders.source_runtime.load(self.row.id)
        is_open = info.context.services.sources.tools.guard.is_open
        return IngestSourceStatus.of(status_of(self.row, runtime, is_open=is_open))

    @strawberry.field(description="The newest hundred, newest first.")
    async def gaps(self, info: Info) -> list[IngestSourceGap]:
        return [IngestSourceGap.of(gap) for gap in await info.context.loaders.gaps_of_source.load(self.row.id)]

    @strawberry.field
    async def created_by(self, info: Info) -> User | None:
        return await load_user(info, self.row.created_by)

    @strawberry.field
    async def updated_by(self, info: Info) -> User | None:
        return await load_user(info, self.row.updated_by)


@strawberry.type
class IngestSourceEdge:
    cursor: str
    node: IngestSource


@strawberry.type
class IngestSourceConnection:
    edges: list[IngestSourceEdge]
    page_info: PageInfo
    total_count: int = strawberry.field(description="Sources that pass the filter, on all pages.")

    @strawberry.field
    def nodes(self) -> list[IngestSource]:
        return [edge.node for edge in self.edges]


def _member(kind: Any, value: Any) -> Any:
    return None if value is None else kind(value)
