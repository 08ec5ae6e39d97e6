"""Tables of what findings are derived again from."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, Identity, Integer, LargeBinary
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

from plantwright.core.columns import UTC_TIME, json_field, tenant_field, time_field


def _numbered() -> Column[int]:
    return Column(BigInteger, Identity(always=True), primary_key=True)


class DetectionSettings(SQLModel, table=True):
    """Settings by the time from which they hold, and what they replaced; without a metric, the tenant's default."""

    __tablename__ = "detection_settings"

    tenant_id: UUID = tenant_field()
    id: int | None = Field(default=None, sa_column=_numbered())
    metric_id: UUID | None = None
    holds_from: datetime = Field(sa_type=UTC_TIME)
    settings: dict[str, Any] | None = json_field(default=None, nullable=True)
    replaced: dict[str, Any] | None = json_field(default=None, nullable=True)


class DetectionSettingsSeen(SQLModel, table=True):
    """The newest change of settings that a shard has been judged by."""

    __tablename__ = "detection_settings_seen"

    tenant_id: UUID = tenant_field()
    shard: int = Field(primary_key=True)
    seen: int = Field(sa_type=BigInteger)


class DetectionSnapshot(SQLModel, table=True):
    """States of some series before their next reading, which was on `day` (UTC)."""

    __tablename__ = "detection_snapshot"

    tenant_id: UUID = tenant_field()
    day: date = Field(primary_key=True)
    id: int | None = Field(default=None, sa_column=_numbered())
    is_daily: bool
    is_edge: bool = False
    is_thinned: bool = False
    series_ids: list[int] = Field(sa_type=ARRAY(Integer))
    last_times: list[int] = Field(sa_type=ARRAY(BigInteger))
    state: bytes = Field(sa_type=LargeBinary)


class DetectionLate(SQLModel, table=True):
    """A series to be derived anew, from the earliest of its late readings on."""

    __tablename__ = "detection_late"

    tenant_id: UUID = tenant_field()
    series_id: int = Field(primary_key=True)
    from_ms: int = Field(sa_type=BigInteger)
    notes: int = Field(default=1, sa_type=BigInteger)
    first_noted_at: datetime = time_field()
    last_noted_at: datetime = time_field()
