"""Table of alerts."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Double, Text
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
    SOURCE_LOST = "source_lost"


class AlertOutcome(StrEnum):
    """What a person found of an alert; docs/alerts.md says when each holds."""

    GENUINE = "genuine"
    NUISANCE = "nuisance"
    FALSE_ALARM = "false_alarm"


class Alert(SQLModel, table=True):
    """At most one alert of a key (`AlertKey`) is open; times are of the readings, not of the clock.

    An alert about a machine as a whole has no metric. One about an agent or a source has that instead of machine and
    metric, and times of the server's clock. `occurrences` counts the episodes that fell into this alert.

    `site` is where the machine was when the alert was raised, empty when it is nowhere. `group_id` is the alert that
    was out first, None when it was this one. `changes` are the times of the last three transitions.

    `opened_at` is when anybody first looked at it, nobody's name. `acknowledged_unopened` is None while nobody has
    acknowledged, and where that was before this was noted.
    """

    __tablename__ = "alert"

    tenant_id: UUID = tenant_field()
    id: UUID = id_field()
    machine_id: UUID | None = None
    metric_id: UUID | None = None
    agent_id: UUID | None = None
    source_id: UUID | None = None
    rule_id: UUID | None = None
    cause: str = text_field()
    site: str = text_field(default="")
    group_id: UUID | None = None
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
    opened_at: datetime | None = time_field(nullable=True)
    acknowledged_unopened: bool | None = None
    outcome: str | None = text_field(default=None, nullable=True)
    shelf_id: UUID | None = None
    shelved_until: datetime | None = time_field(nullable=True)
    design_reasons: list[str] = Field(default_factory=list, sa_type=ARRAY(Text))
    out_of_service_id: UUID | None = None
    assignee_id: UUID | None = None
    assigned_at: datetime | None = time_field(nullable=True)
    chatters: int = 0
    fleetings: int = 0
    changes: list[datetime] = Field(default_factory=list, sa_type=ARRAY(UTC_TIME))
    created_at: datetime = time_field()


class AlertComment(SQLModel, table=True):
    __tablename__ = "alert_comment"

    tenant_id: UUID = tenant_field()
    id: UUID = id_field()
    alert_id: UUID
    author_id: UUID
    body: str = text_field()
    created_at: datetime = time_field()
