"""Tables of the machine-level chart."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, Identity, LargeBinary
from sqlmodel import Field, SQLModel

from plantwright.core.columns import UTC_TIME, json_field, tenant_field, time_field


def _numbered() -> Column[int]:
    return Column(BigInteger, Identity(always=True), primary_key=True)


class MachineChart(SQLModel, table=True):
    """State of one machine; `learnt` changes when an hour ends, `live` with nearly every reading.

    `settings` are those, by the time from which they hold, that it was judged by.
    """

    __tablename__ = "machine_chart"

    tenant_id: UUID = tenant_field()
    machine_id: UUID = Field(primary_key=True)
    live: bytes = Field(sa_type=LargeBinary)
    learnt: bytes = Field(sa_type=LargeBinary)
    settings: bytes = Field(default=b"", sa_type=LargeBinary)


class MachineChartSettings(SQLModel, table=True):
    """Settings by the time from which they hold; without a machine, the tenant's default."""

    __tablename__ = "machine_chart_settings"

    tenant_id: UUID = tenant_field()
    id: int | None = Field(default=None, sa_column=_numbered())
    machine_id: UUID | None = None
    holds_from: datetime = Field(sa_type=UTC_TIME)
    settings: dict[str, Any] | None = json_field(default=None, nullable=True)


class MachineReferenceStatement(SQLModel, table=True):
    """What somebody said of a machine's reference: what is normal, or without `drawn` that it is to be learnt anew."""

    __tablename__ = "machine_reference_statement"

    tenant_id: UUID = tenant_field()
    id: int | None = Field(default=None, sa_column=_numbered())
    machine_id: UUID
    holds_from_ms: int = Field(sa_type=BigInteger)
    drawn: bytes | None = Field(default=None, sa_type=LargeBinary)


class MachineChartSnapshot(SQLModel, table=True):
    """The state of a machine before its frame at `next_ms`; it knows of no frame after `known_ms`."""

    __tablename__ = "machine_chart_snapshot"

    tenant_id: UUID = tenant_field()
    machine_id: UUID = Field(primary_key=True)
    id: int | None = Field(default=None, sa_column=_numbered())
    known_ms: int = Field(sa_type=BigInteger)
    next_ms: int = Field(sa_type=BigInteger)
    is_daily: bool
    is_edge: bool
    state: bytes = Field(sa_type=LargeBinary)


class MachineChartLate(SQLModel, table=True):
    """A machine to be derived anew, from the earliest of its late readings on."""

    __tablename__ = "machine_chart_late"

    tenant_id: UUID = tenant_field()
    machine_id: UUID = Field(primary_key=True)
    from_ms: int = Field(sa_type=BigInteger)
    notes: int = Field(default=1, sa_type=BigInteger)
    first_noted_at: datetime = time_field()
    last_noted_at: datetime = time_field()
