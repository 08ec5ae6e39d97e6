"""Table of alerts."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Double
from sqlmodel import Field, SQLModel

from plantwright.core.columns import UTC_TIME, id_field, json_field, tenant_field, text_field, time_field


class Severity(StrEnum):
    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


class AlertCause(StrEnum):
    STATIC_BASELINE = "static_baseline"
    EWMA = "ewma"
    RATE_OF_CHANGE = "rate_of_change"
    MULTIVARIATE = "multivariate"
    RULE = "rule"
    AGENT_SILENT = "agent_silent"


class Alert(SQLModel, table=True):
    """At most one alert of a key (`AlertKey`) is open; times are of the readings, not of the clock.

    An alert about a machine as a whole has no metric. One about an agent has the agent instead of machine and metric,
    and times of the server's clock. `occurrences` counts the episodes that fell into this alert.
    """

    __tablename__ = "alert"

    tenant_id: UUID = tenant_field()
    id: UUID = id_field()
    machine_id: UUID | None = None
    metric_id: UUID | None = None
    agent_id: UUID | None = None
    rule_id: UUID | None = None
    cause: str = text_field()
    severity: str = text_field()
    message: str = text_field()
    value: float = Field(sa_type=Double)
    score: float = Field(sa_type=Double)
    threshold: float = Field(sa_type=Double)
    occurrences: int = 1
    evidence: dict[str, Any] = json_field(nullable=False)
    raised_at: datetime = Field(sa_type=UTC_TIME)
    last_seen_at: datetime = Field(sa_type=UTC_TIME)
    cleared_at: datetime | None = time_field(nullable=True)
    acknowledged_at: datetime | None = time_field(nullable=True)
    acknowledged_by: UUID | None = None
    acknowledge_note: str | None = text_field(default=None, nullable=True)
    created_at: datetime = time_field()
