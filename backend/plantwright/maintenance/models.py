"""Table of work orders."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlmodel import SQLModel

from plantwright.core.columns import id_field, tenant_field, text_field, time_field


class WorkOrderStatus(StrEnum):
    OPEN = "open"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class Priority(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class WorkOrder(SQLModel, table=True):
    """`number` counts per tenant, for people; `version` refuses an edit of what changed meanwhile."""

    __tablename__ = "work_order"

    tenant_id: UUID = tenant_field()
    id: UUID = id_field()
    number: int
    machine_id: UUID
    alert_id: UUID | None = None
    title: str = text_field()
    description: str = text_field(default="")
    priority: str = text_field(default=Priority.MEDIUM)
    status: str = text_field(default=WorkOrderStatus.OPEN)
    assigned_to: UUID | None = None
    created_by: UUID | None = None
    version: int = 1
    created_at: datetime = time_field()
    updated_at: datetime = time_field()
