"""Tables of rules and of what they remember."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import BigInteger, LargeBinary
from sqlmodel import Field, SQLModel

from plantwright.core.columns import UTC_TIME, id_field, json_field, tenant_field, text_field, time_field
from plantwright.rules.definition import Definition


class AlertRule(SQLModel, table=True):
    """`machine_id` and `machine_kind` stand in the definition too. Readings before `effective_at` are not judged."""

    __tablename__ = "alert_rule"

    tenant_id: UUID = tenant_field()
    id: UUID = id_field()
    name: str = text_field()
    description: str = text_field(default="")
    is_enabled: bool = True
    machine_id: UUID | None = None
    machine_kind: str | None = text_field(default=None, nullable=True)
    definition: dict[str, Any] = json_field(nullable=False)
    version: int = 1
    effective_at: datetime = time_field()
    created_by: UUID | None = None
    created_at: datetime = time_field()
    updated_at: datetime = time_field()

    @property
    def content(self) -> Definition:
        return msgspec.convert(self.definition, Definition)


class RuleBook(SQLModel, table=True):
    """`revision` rises with every change of the tenant's rules, and of machines that templates may mean."""

    __tablename__ = "alert_rule_book"

    tenant_id: UUID = tenant_field()
    revision: int = Field(sa_type=BigInteger)


class RuleVersion(SQLModel, table=True):
    """What a rule said while it was switched on, and when: `holds_until` is None of the one that holds.

    Versions stay when the rule is deleted: what was found is derived again by them.
    """

    __tablename__ = "alert_rule_version"

    tenant_id: UUID = tenant_field()
    rule_id: UUID = Field(primary_key=True)
    version: int = Field(primary_key=True)
    name: str = text_field()
    definition: dict[str, Any] = json_field(nullable=False)
    holds_from: datetime = time_field()
    holds_until: datetime | None = time_field(nullable=True)
    end_reason: str | None = text_field(default=None, nullable=True)

    @property
    def content(self) -> Definition:
        return msgspec.convert(self.definition, Definition)


class StoredState(SQLModel, table=True):
    """What a version of a rule remembers of a machine: `through` says up to when it has judged, `due` when silence
    alone matters.

    While nothing happens it is written once a minute; the readings since then are in the log.
    """

    __tablename__ = "alert_rule_state"

    tenant_id: UUID = tenant_field()
    rule_id: UUID = Field(primary_key=True)
    version: int = Field(primary_key=True)
    machine_id: UUID = Field(primary_key=True)
    through: datetime = Field(sa_type=UTC_TIME)
    due: datetime | None = time_field(nullable=True)
    active_since: datetime | None = time_field(nullable=True)
    severity: str | None = text_field(default=None, nullable=True)
    last_started: datetime | None = time_field(nullable=True)
    state: bytes = Field(sa_type=LargeBinary)


class StoredSnapshot(SQLModel, table=True):
    """A state as it was, about every hour, for readings that come late."""

    __tablename__ = "alert_rule_snapshot"

    tenant_id: UUID = tenant_field()
    rule_id: UUID = Field(primary_key=True)
    version: int = Field(primary_key=True)
    machine_id: UUID = Field(primary_key=True)
    through: datetime = Field(primary_key=True, sa_type=UTC_TIME)
    state: bytes = Field(sa_type=LargeBinary)
