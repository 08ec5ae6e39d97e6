"""Tables of policies, rotations, running escalations, quiet hours and what they hold."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

from plantwright.core.columns import UTC_TIME, id_field, json_field, tenant_field, text_field, time_field


class EscalationState(StrEnum):
    """RUNNING has a time at which it goes on; PAUSED starts again from the first step; ENDED stays."""

    RUNNING = "running"
    PAUSED = "paused"
    ENDED = "ended"


class EscalationReason(StrEnum):
    """Why an escalation is paused or has ended."""

    SHELVED = "shelved"
    SUPPRESSED_BY_DESIGN = "suppressed_by_design"
    OUT_OF_SERVICE = "out_of_service"
    ACKNOWLEDGED = "acknowledged"
    CLEARED = "cleared"
    COMPLETED = "completed"
    SUPERSEDED = "superseded"
    POLICY_SWITCHED_OFF = "policy_switched_off"


class RecipientKind(StrEnum):
    USER = "user"
    CHANNEL = "channel"


class HoldReason(StrEnum):
    QUIET_HOURS = "quiet_hours"
    FLOOD = "flood"


class EscalationPolicy(SQLModel, table=True):
    """`steps` is a list of `policy.Step`; empty selectors stand for everything."""

    __tablename__ = "escalation_policy"

    tenant_id: UUID = tenant_field()
    id: UUID = id_field()
    name: str = text_field()
    severities: list[str] = Field(sa_type=ARRAY(Text))
    sites: list[str] = Field(sa_type=ARRAY(Text))
    machine_ids: list[UUID] = Field(sa_type=ARRAY(Uuid))
    steps: list[dict[str, Any]] = json_field(nullable=False)
    rounds: int
    repeat_after_minutes: int
    stops_on_clear: bool
    is_active: bool
    version: int = 1
    created_at: datetime = time_field()
    updated_at: datetime = time_field()


class OnCallRotation(SQLModel, table=True):
    """`layers` is a list of `rotation.Layer`, lowest first."""

    __tablename__ = "on_call_rotation"

    tenant_id: UUID = tenant_field()
    id: UUID = id_field()
    name: str = text_field()
    time_zone: str = text_field()
    layers: list[dict[str, Any]] = json_field(nullable=False)
    version: int = 1
    created_at: datetime = time_field()
    updated_at: datetime = time_field()


class OnCallOverride(SQLModel, table=True):
    __tablename__ = "on_call_override"

    tenant_id: UUID = tenant_field()
    id: UUID = id_field()
    rotation_id: UUID
    user_id: UUID
    starts_at: datetime = Field(sa_type=UTC_TIME)
    ends_at: datetime = Field(sa_type=UTC_TIME)
    created_by: UUID | None = None
    created_at: datetime = time_field()


class Escalation(SQLModel, table=True):
    """An alert on its way along the chain of a policy.

    `step` and `round` are what comes next, or came last when it has ended. `waiting_since` is from when the step's
    wait counts; `due_at` is null unless it is running.
    """

    __tablename__ = "escalation"

    tenant_id: UUID = tenant_field()
    alert_id: UUID = Field(primary_key=True)
    policy_id: UUID = Field(primary_key=True)
    state: str = text_field()
    reason: str | None = text_field(default=None, nullable=True)
    severity: str = text_field()
    step: int
    round: int
    started_at: datetime = Field(sa_type=UTC_TIME)
    waiting_since: datetime = Field(sa_type=UTC_TIME)
    due_at: datetime | None = time_field(nullable=True)
    last_told_at: datetime | None = time_field(nullable=True)
    ended_at: datetime | None = time_field(nullable=True)

    def end(self, reason: EscalationReason, at: datetime) -> None:
        """One that has ended keeps its first reason."""
        if self.state != EscalationState.ENDED:
            self.state, self.reason, self.due_at, self.ended_at = EscalationState.ENDED.value, reason.value, None, at

    def pause(self, reason: EscalationReason) -> None:
        if self.state == EscalationState.RUNNING:
            self.state, self.reason, self.due_at = EscalationState.PAUSED.value, reason.value, None

    def run(self, due_at: datetime) -> None:
        self.state, self.reason, self.due_at, self.ended_at = EscalationState.RUNNING.value, None, due_at, None


class QuietHoursSetting(SQLModel, table=True):
    """Of the tenant, of a user or of a channel (`subject_id` is its id); `setting` is a `quiet_hours.QuietHours`."""

    __tablename__ = "quiet_hours"

    tenant_id: UUID = tenant_field()
    subject_id: UUID = Field(primary_key=True)
    scope: str = text_field()
    setting: dict[str, Any] = json_field(nullable=False)
    updated_at: datetime = time_field()


class HeldNotice(SQLModel, table=True):
    """What somebody is told later, together with everything else that waits for them."""

    __tablename__ = "held_notice"

    tenant_id: UUID = tenant_field()
    id: UUID = id_field()
    recipient_kind: str = text_field()
    recipient_id: UUID
    alert_id: UUID
    policy: str = text_field()
    reason: str = text_field()
    held_at: datetime = Field(sa_type=UTC_TIME)
    release_at: datetime = Field(sa_type=UTC_TIME)
