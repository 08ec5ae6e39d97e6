"""Tables of notification channels, routes and deliveries."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Double, LargeBinary, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

from plantwright.core.columns import UTC_TIME, id_field, json_field, tenant_field, text_field, time_field


class Language(StrEnum):
    EN = "en"
    DE = "de"
    FR = "fr"
    ES = "es"


class DeliveryStatus(StrEnum):
    """`cancelled`: the channel was switched off before it was sent. `dead`: given up; it can be sent again."""

    PENDING = "pending"
    DELIVERED = "delivered"
    DEAD = "dead"
    CANCELLED = "cancelled"


class NotificationChannel(SQLModel, table=True):
    """`config` is what may be shown, `secrets` the rest as sealed JSON. With a `user_id` it is an address of this user:
    it is not in lists, and routes do not name it.
    """

    __tablename__ = "notification_channel"

    tenant_id: UUID = tenant_field()
    id: UUID = id_field()
    name: str = text_field()
    type: str = text_field()
    config: dict[str, Any] = json_field(nullable=False)
    secrets: bytes | None = Field(default=None, sa_type=LargeBinary, nullable=True)
    language: str = text_field(default=Language.EN.value)
    rate_per_minute: int = 30
    keeps_order: bool = False
    max_hold_minutes: int = 60
    is_active: bool = True
    user_id: UUID | None = None
    created_at: datetime = time_field()
    updated_at: datetime = time_field()


class ChannelRuntime(SQLModel, table=True):
    """What the worker knows of a channel, and its lease. `next_at` is when it has to be looked at again."""

    __tablename__ = "notification_channel_runtime"

    tenant_id: UUID = tenant_field()
    channel_id: UUID = Field(primary_key=True)
    sequence: int = Field(default=0, sa_type=BigInteger)
    tokens: float = Field(sa_type=Double)
    tokens_at: datetime = time_field()
    failures: int = 0
    failing_since: datetime | None = time_field(nullable=True)
    paused_until: datetime | None = time_field(nullable=True)
    disabled_reason: str | None = text_field(default=None, nullable=True)
    last_success_at: datetime | None = time_field(nullable=True)
    last_error: str | None = text_field(default=None, nullable=True)
    last_error_at: datetime | None = time_field(nullable=True)
    next_at: datetime | None = time_field(nullable=True)
    holder: UUID | None = None
    epoch: int = Field(default=0, sa_type=BigInteger)
    lease_until: datetime | None = time_field(nullable=True)


class NotificationRoute(SQLModel, table=True):
    """Which events go to which channels; an empty list of severities, sites or machines does not narrow."""

    __tablename__ = "notification_route"

    tenant_id: UUID = tenant_field()
    id: UUID = id_field()
    name: str = text_field()
    is_active: bool = True
    events: list[str] = Field(sa_type=ARRAY(Text))
    severities: list[str] = Field(default=[], sa_type=ARRAY(Text))
    sites: list[str] = Field(default=[], sa_type=ARRAY(Text))
    machine_ids: list[UUID] = Field(default=[], sa_type=ARRAY(Uuid))
    channel_ids: list[UUID] = Field(sa_type=ARRAY(Uuid))
    created_at: datetime = time_field()
    updated_at: datetime = time_field()


class NotificationTemplate(SQLModel, table=True):
    """The tenant's own words for an event in a language."""

    __tablename__ = "notification_template"

    tenant_id: UUID = tenant_field()
    event: str = text_field(primary_key=True)
    language: str = text_field(primary_key=True)
    subject: str = text_field()
    text: str = text_field()
    updated_at: datetime = time_field()


class NotificationDelivery(SQLModel, table=True):
    """One message to one channel: written with the cursor of the journal, sent later.

    `sequence` counts those of the channel, `record_sequence` is the row of the journal that it tells of.
    `tries` counts the attempts since it was last asked for, `attempts` all of them.
    """

    __tablename__ = "notification_delivery"

    tenant_id: UUID = tenant_field()
    id: UUID = id_field()
    channel_id: UUID
    sequence: int = Field(sa_type=BigInteger)
    record_sequence: int | None = Field(default=None, sa_type=BigInteger)
    event: str = text_field()
    alert_id: UUID | None = None
    machine_id: UUID | None = None
    severity: str | None = text_field(default=None, nullable=True)
    subject: str = text_field()
    text: str = text_field()
    link: str | None = text_field(default=None, nullable=True)
    payload: dict[str, Any] = json_field(nullable=False)
    dedup_key: str = text_field()
    language: str = text_field()
    is_test: bool = False
    status: str = text_field(default=DeliveryStatus.PENDING.value)
    detail: str = text_field(default="")
    attempts: int = 0
    tries: int = 0
    due_at: datetime = Field(sa_type=UTC_TIME)
    created_at: datetime = time_field()
    finished_at: datetime | None = time_field(nullable=True)


class NotificationAttempt(SQLModel, table=True):
    """`is_delivered` is None while it runs, and stays so when the process that sent it ended."""

    __tablename__ = "notification_attempt"

    tenant_id: UUID = tenant_field()
    delivery_id: UUID = Field(primary_key=True)
    number: int = Field(primary_key=True)
    started_at: datetime = Field(sa_type=UTC_TIME)
    is_delivered: bool | None = None
    status: str = text_field(default="")
    detail: str = text_field(default="")
    response: str = text_field(default="")
    latency_ms: int | None = None
