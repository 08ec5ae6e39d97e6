"""Tables of the machine-level chart."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, Identity, LargeBinary
from sqlmodel import Field, SQLModel

from plantwright.core.columns import UTC_TIME, json_field, tenant_field


class MachineChart(SQLModel, table=True):
    """State of one machine; `learnt` changes when an hour ends, `live` with nearly every reading."""

    __tablename__ = "machine_chart"

    tenant_id: UUID = tenant_field()
    machine_id: UUID = Field(primary_key=True)
    live: bytes = Field(sa_type=LargeBinary)
    learnt: bytes = Field(sa_type=LargeBinary)


class MachineChartSettings(SQLModel, table=True):
    """Settings by the time from which they hold; without a machine, the tenant's default."""

    __tablename__ = "machine_chart_settings"

    tenant_id: UUID = tenant_field()
    id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    machine_id: UUID | None = None
    holds_from: datetime = Field(sa_type=UTC_TIME)
    settings: dict[str, Any] | None = json_field(default=None, nullable=True)
