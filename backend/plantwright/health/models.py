"""Table of health scores."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Double
from sqlmodel import Field, SQLModel

from plantwright.core.columns import json_field, tenant_field, time_field


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
