"""Tables of shelves, of what is out of service, and of when a machine runs."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Double
from sqlmodel import Field, SQLModel

from plantwright.core.columns import id_field, tenant_field, text_field, time_field


class ShelfKind(StrEnum):
    """ONE_SHOT ends when the alert clears, and at its time at the latest."""

    TIMED = "timed"
    ONE_SHOT = "one_shot"


class ShelfState(StrEnum):
    REQUESTED = "requested"
    IN_FORCE = "in_force"
    ENDED = "ended"
    REFUSED = "refused"


class Comparison(StrEnum):
    GREATER = ">"
    GREATER_OR_EQUAL = ">="
    LESS = "<"
    LESS_OR_EQUAL = "<="
    EQUAL = "="
    NOT_EQUAL = "<>"


class Shelf(SQLModel, table=True):
    """One alert key put aside, for `seconds` from the moment it comes into force. `severity` is the highest it covers.

    That of a critical alert is REQUESTED until a second person decides.
    """

    __tablename__ = "alert_shelf"

    tenant_id: UUID = tenant_field()
    id: UUID = id_field()
    alert_id: UUID
    machine_id: UUID | None = None
    metric_id: UUID | None = None
    agent_id: UUID | None = None
    source_id: UUID | None = None
    rule_id: UUID | None = None
    cause: str = text_field()
    severity: str = text_field()
    site: str = text_field()
    kind: str = text_field()
    state: str = text_field()
    reason: str = text_field()
    requested_by: UUID
    requested_at: datetime = time_field()
    seconds: float = Field(sa_type=Double)
    decided_by: UUID | None = None
    began_at: datetime | None = time_field(nullable=True)
    until: datetime | None = time_field(nullable=True)
    ended_at: datetime | None = time_field(nullable=True)
    ended_by: UUID | None = None
    end_reason: str | None = text_field(default=None, nullable=True)


class OutOfService(SQLModel, table=True):
    """A machine, or one metric of it, that is being worked on; `began_by` is None when a work order did it."""

    __tablename__ = "out_of_service"

    tenant_id: UUID = tenant_field()
    id: UUID = id_field()
    machine_id: UUID
    metric_id: UUID | None = None
    work_order_id: UUID | None = None
    reason: str = text_field()
    began_at: datetime = time_field()
    began_by: UUID | None = None
    until: datetime | None = time_field(nullable=True)
    ended_at: datetime | None = time_field(nullable=True)
    ended_by: UUID | None = None


class RunningCondition(SQLModel, table=True):
    """A machine runs while the newest value of the metric compares like this. `is_running` is what was found last."""

    __tablename__ = "running_condition"

    tenant_id: UUID = tenant_field()
    machine_id: UUID = Field(primary_key=True)
    metric_id: UUID
    operator: str = text_field()
    value: float = Field(sa_type=Double)
    is_running: bool | None = None
    since: datetime | None = time_field(nullable=True)
    updated_by: UUID | None = None
    updated_at: datetime = time_field()
