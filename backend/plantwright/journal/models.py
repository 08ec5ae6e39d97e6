"""Tables of the journal and of the cursors of its consumers."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, Computed, LargeBinary, Uuid
from sqlmodel import Field, SQLModel

from plantwright.core.columns import json_field, tenant_field, text_field, time_field


class AuditRecord(SQLModel, table=True):
    """One fact. docs/journal.md gives the canonical form that `row_hash` covers."""

    __tablename__ = "audit_record"

    tenant_id: UUID = tenant_field()
    sequence: int = Field(primary_key=True, sa_type=BigInteger)
    prev_hash: bytes = Field(sa_type=LargeBinary)
    row_hash: bytes = Field(sa_type=LargeBinary)
    actor_id: UUID | None = None
    action: str = text_field()
    resource_type: str = text_field()
    resource_id: str = text_field()
    payload: dict[str, Any] = json_field(nullable=False)
    created_at: datetime = time_field()
    # Row-level security lets an index serve plain columns, but not the text inside the payload.
    machine_id: UUID | None = Field(
        default=None, sa_column=Column(Uuid, Computed("(payload ->> 'machine_id')::uuid", persisted=True))
    )


class JournalHead(SQLModel, table=True):
    """The newest row of a chain, sealed, so that a tail cannot be cut off unnoticed; its lock orders the writers."""

    __tablename__ = "journal_head"

    tenant_id: UUID = tenant_field()
    sequence: int = Field(sa_type=BigInteger)
    row_hash: bytes = Field(sa_type=LargeBinary)
    seal: bytes = Field(sa_type=LargeBinary)


class ConsumerCursor(SQLModel, table=True):
    """How far a consumer has come: a sequence of the journal or a flush id of the readings log."""

    __tablename__ = "consumer_cursor"

    tenant_id: UUID = tenant_field()
    consumer: str = text_field(primary_key=True)
    position: int = Field(sa_type=BigInteger)
    updated_at: datetime = time_field()
