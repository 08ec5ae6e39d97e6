"""Column types that every table uses the same way."""

from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from plantwright.core.clock import utc_now
from plantwright.core.ids import uuid7

UTC_TIME = DateTime(timezone=True)


def id_field() -> UUID:
    field: UUID = Field(default_factory=uuid7, primary_key=True)
    return field


def tenant_field() -> UUID:
    field: UUID = Field(primary_key=True)
    return field


def time_field(*, nullable: bool = False) -> Any:
    """A UTC time: now by default, or null by default when nullable."""
    if nullable:
        return Field(default=None, sa_type=UTC_TIME, nullable=True)
    return Field(default_factory=utc_now, sa_type=UTC_TIME, nullable=False)


def text_field(**options: Any) -> Any:
    return Field(sa_type=Text, **options)


def json_field(**options: Any) -> Any:
    return Field(sa_type=JSONB, **options)
