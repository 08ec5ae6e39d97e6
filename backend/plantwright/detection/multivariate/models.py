"""Table of what the machine-level chart remembers."""

from uuid import UUID

from sqlalchemy import LargeBinary
from sqlmodel import Field, SQLModel

from plantwright.core.columns import tenant_field


class MachineChart(SQLModel, table=True):
    """State of one machine; `learnt` changes when an hour ends, `live` with nearly every reading."""

    __tablename__ = "machine_chart"

    tenant_id: UUID = tenant_field()
    machine_id: UUID = Field(primary_key=True)
    live: bytes = Field(sa_type=LargeBinary)
    learnt: bytes = Field(sa_type=LargeBinary)
