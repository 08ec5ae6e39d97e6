"""Tables of what the operators had to take in: each transition of each alert, and the floods."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Column, Identity
from sqlmodel import Field, SQLModel

from plantwright.core.columns import UTC_TIME, id_field, tenant_field, text_field, time_field


class Transition(SQLModel, table=True):
    """An alert became active, or cleared; severity, site and suppression as they were then."""

    __tablename__ = "alert_transition"

    tenant_id: UUID = tenant_field()
    id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    alert_id: UUID
    site: str = text_field()
    severity: str = text_field()
    is_activation: bool
    is_suppressed: bool
    at: datetime = Field(sa_type=UTC_TIME)


class Flood(SQLModel, table=True):
    """`quiet_at` is when it ends if nothing more comes; `peak` the most alerts in ten minutes."""

    __tablename__ = "alert_flood"

    tenant_id: UUID = tenant_field()
    id: UUID = id_field()
    site: str = text_field()
    began_at: datetime = Field(sa_type=UTC_TIME)
    quiet_at: datetime = Field(sa_type=UTC_TIME)
    ended_at: datetime | None = time_field(nullable=True)
    alerts: int
    peak: int
