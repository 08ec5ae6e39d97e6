"""Tables of ingest sources."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, Double, LargeBinary
from sqlmodel import Field, SQLModel

from plantwright.core.columns import id_field, json_field, tenant_field, text_field, time_field


class SourceProtocol(StrEnum):
    OPC_UA = "opc_ua"
    MODBUS_TCP = "modbus_tcp"


class OpcUaSecurityMode(StrEnum):
    NONE = "None"
    SIGN = "Sign"
    SIGN_AND_ENCRYPT = "SignAndEncrypt"


class OpcUaSecurityPolicy(StrEnum):
    NONE = "None"
    BASIC256_SHA256 = "Basic256Sha256"
    AES128_SHA256_RSA_OAEP = "Aes128_Sha256_RsaOaep"
    AES256_SHA256_RSA_PSS = "Aes256_Sha256_RsaPss"


class OpcUaMode(StrEnum):
    POLL = "poll"
    SUBSCRIBE = "subscribe"


class ModbusTable(StrEnum):
    COIL = "coil"
    DISCRETE = "discrete"
    HOLDING = "holding"
    INPUT = "input"


class ModbusDataType(StrEnum):
    INT16 = "int16"
    UINT16 = "uint16"
    INT32 = "int32"
    UINT32 = "uint32"
    INT64 = "int64"
    UINT64 = "uint64"
    FLOAT16 = "float16"
    FLOAT32 = "float32"
    FLOAT64 = "float64"


class ByteOrder(StrEnum):
    BIG = "big"
    LITTLE = "little"


class SourceState(StrEnum):
    """What a source does now. With the first four nobody polls it."""

    SWITCHED_OFF = "switched_off"
    PAUSED = "paused"
    UNMAPPED = "unmapped"
    WAITING = "waiting"
    STARTING = "starting"
    OK = "ok"
    RECOVERABLE = "recoverable"
    PERMANENT = "permanent"


class IngestSource(SQLModel, table=True):
    """A device and how it is read. `settings` are those of the agent's input without tags and without secrets."""

    __tablename__ = "ingest_source"

    tenant_id: UUID = tenant_field()
    id: UUID = id_field()
    name: str = text_field()
    machine_id: UUID
    protocol: str = text_field()
    address: str = text_field()
    settings: dict[str, Any] = json_field(nullable=False)
    credentials: bytes | None = Field(default=None, sa_type=LargeBinary, nullable=True)
    is_paused: bool = False
    version: int = 1
    created_by: UUID | None = None
    updated_by: UUID | None = None
    created_at: datetime = time_field()
    updated_at: datetime = time_field()


class TagMapping(SQLModel, table=True):
    """Where the value of a tag goes: `value = raw * scale + offset`, in `unit`, as a metric of the source's machine.

    `tag` is a node id, or a register such as `holding:100`; `options` say how a register is read.
    """

    __tablename__ = "tag_mapping"

    tenant_id: UUID = tenant_field()
    source_id: UUID = Field(primary_key=True)
    tag: str = text_field(primary_key=True)
    place: int
    metric_name: str = text_field()
    unit: str = text_field()
    scale: float = Field(default=1.0, sa_type=Double)
    offset: float = Field(default=0.0, sa_column=Column("offset", Double, nullable=False))
    is_enabled: bool = True
    options: dict[str, Any] = json_field(nullable=False)


class SourceRuntime(SQLModel, table=True):
    """Who polls a source, and how it goes. `is_wanted` and `version` follow the configuration."""

    __tablename__ = "ingest_source_runtime"

    tenant_id: UUID = tenant_field()
    source_id: UUID = Field(primary_key=True)
    is_wanted: bool
    version: int
    holder: UUID | None = None
    epoch: int = Field(default=0, sa_type=BigInteger)
    lease_until: datetime | None = time_field(nullable=True)
    state: str = text_field(default=SourceState.WAITING)
    since: datetime = time_field()
    last_error: str = text_field(default="")
    last_error_at: datetime | None = time_field(nullable=True)
    last_reading_at: datetime | None = time_field(nullable=True)
    readings: int = Field(default=0, sa_type=BigInteger)
    gaps: int = Field(default=0, sa_type=BigInteger)
    restarts: int = 0
    unreachable_since: datetime | None = time_field(nullable=True)
    lost_at: datetime | None = time_field(nullable=True)


class SourceGap(SQLModel, table=True):
    """A time in which values may be missing; `tag` is empty when it is the whole source."""

    __tablename__ = "ingest_source_gap"

    tenant_id: UUID = tenant_field()
    source_id: UUID = Field(primary_key=True)
    started_at: datetime = time_field()
    tag: str = text_field(primary_key=True)
    reason: str = text_field(primary_key=True)
    ended_at: datetime = time_field()
    count: int = 1


class OpcUaIdentity(SQLModel, table=True):
    """The tenant's certificate as an OPC UA client (DER), and its private key, encrypted."""

    __tablename__ = "opcua_identity"

    tenant_id: UUID = tenant_field()
    certificate: bytes = Field(sa_type=LargeBinary)
    private_key: bytes = Field(sa_type=LargeBinary)
    created_at: datetime = time_field()
