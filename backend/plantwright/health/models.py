"""Tables of health scores."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Double, SmallInteger
from sqlmodel import Field, SQLModel

from plantwright.core.columns import UTC_TIME, json_field, tenant_field, time_field


class MachineHealth(SQLModel, table=True):
    """The score in force, with everything it was computed from."""

    __tablename__ = "machine_health"

    tenant_id: UUID = tenant_field()
    machine_id: UUID = Field(primary_key=True)
    score: int
    alert_score: float = Field(sa_type=Double)
    anomaly_score: float = Field(sa_type=Double)
    anomaly_weight: float = Field(sa_type=Double)
    anomaly_episodes: int
    deductions: list[dict[str, Any]] = json_field(nullable=False)
    computed_at: datetime = time_field()


class MachineHealthChange(SQLModel, table=True):
    """A score that came into force, and the one before it; row `sequence` of the journal has what it came from."""

    __tablename__ = "machine_health_change"

    tenant_id: UUID = tenant_field()
    machine_id: UUID = Field(primary_key=True)
    changed_at: datetime = Field(primary_key=True, sa_type=UTC_TIME)
    sequence: int = Field(primary_key=True, sa_type=BigInteger)
    old_score: int = Field(sa_type=SmallInteger)
    score: int = Field(sa_type=SmallInteger)
    alert_score: int = Field(sa_type=SmallInteger)
    anomaly_score: int = Field(sa_type=SmallInteger)
