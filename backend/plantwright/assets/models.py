"""Tables of machines and metrics."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Identity, Integer
from sqlmodel import Field, SQLModel

from plantwright.core.columns import id_field, json_field, tenant_field, text_field, time_field


class MachineKind(StrEnum):
    PUMP = "pump"
    SPINDLE = "spindle"
    COMPRESSOR = "compressor"
    CONVEYOR = "conveyor"
    OTHER = "other"


class Protocol(StrEnum):
    OPC_UA = "opc_ua"
    MODBUS_TCP = "modbus_tcp"
    CSV = "csv"
    JSON = "json"


class MachineStatus(StrEnum):
    HEALTHY = "healthy"
    WARNING = "warning"
    CRITICAL = "critical"
    OFFLINE = "offline"


class Machine(SQLModel, table=True):
    __tablename__ = "machine"

    tenant_id: UUID = tenant_field()
    id: UUID = id_field()
    identifier: str = text_field()
    name: str = text_field()
    kind: str = text_field(default=MachineKind.OTHER)
    protocol: str = text_field()
    location: str | None = text_field(default=None, nullable=True)
    status: str = text_field(default=MachineStatus.OFFLINE)
    health_score: int = 100
    created_at: datetime = time_field()
    updated_at: datetime = time_field()


class Metric(SQLModel, table=True):
    """A measured quantity of one machine; `series_id` is the short key of its readings."""

    __tablename__ = "metric"

    tenant_id: UUID = tenant_field()
    id: UUID = id_field()
    series_id: int | None = Field(default=None, sa_column=Column(Integer, Identity(always=True), nullable=False))
    machine_id: UUID
    name: str = text_field()
    unit: str = text_field()
    detection: dict[str, Any] | None = json_field(default=None, nullable=True)
    created_at: datetime = time_field()
