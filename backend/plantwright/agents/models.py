"""Tables of agents, of the machines they read and of the gaps in that."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Double
from sqlmodel import Field, SQLModel

from plantwright.core.columns import UTC_TIME, json_field, tenant_field, text_field, time_field

# A machine without changes may send nothing for days; one that was moved to another agent is named for a week yet.
READ_WITHIN = timedelta(days=7)


class AgentState(StrEnum):
    """What the list of agents shows; docs/agents.md says when each holds. Worst last."""

    ONLINE = "online"
    BUFFERING = "buffering"
    DEGRADED = "degraded"
    SILENT = "silent"


class Agent(SQLModel, table=True):
    """An agent as of its last heartbeat; the id is its own, so it is unique within a tenant only.

    `given_name` is what an admin calls it, `name` what it calls itself. `clock_offset_ms` is the server's clock minus
    the agent's. `state_since` is the server's time; a silence begins when a heartbeat is overdue.
    """

    __tablename__ = "agent"

    tenant_id: UUID = tenant_field()
    id: UUID = Field(primary_key=True)
    name: str = text_field()
    given_name: str | None = text_field(default=None, nullable=True)
    version: str = text_field()
    platform: str = text_field()
    api_key_id: UUID
    state: str = text_field()
    started_at: datetime = Field(sa_type=UTC_TIME)
    first_seen_at: datetime = Field(sa_type=UTC_TIME)
    last_seen_at: datetime = Field(sa_type=UTC_TIME)
    state_since: datetime = Field(sa_type=UTC_TIME)
    interval_seconds: float = Field(sa_type=Double)
    clock_offset_ms: float | None = Field(default=None, sa_type=Double, nullable=True)
    certificate_expires_at: datetime | None = time_field(nullable=True)
    uplink: dict[str, Any] = json_field(nullable=False)
    buffer: dict[str, Any] = json_field(nullable=False)
    sources: list[dict[str, Any]] = json_field(nullable=False)

    @property
    def shown_name(self) -> str:
        return self.given_name or self.name

    @property
    def silent_since(self) -> datetime | None:
        return self.state_since if self.state == AgentState.SILENT.value else None

    def enter(self, state: AgentState, now: datetime) -> None:
        if self.state != state.value:
            self.state, self.state_since = state.value, now


class AgentGap(SQLModel, table=True):
    """A span in which readings of a source, or of one tag of it, may be missing; the id is the agent's own."""

    __tablename__ = "agent_gap"

    tenant_id: UUID = tenant_field()
    agent_id: UUID = Field(primary_key=True)
    id: int = Field(primary_key=True, sa_type=BigInteger)
    source: str = text_field()
    tag: str = text_field()
    reason: str = text_field()
    start_at: datetime = Field(sa_type=UTC_TIME)
    end_at: datetime = Field(sa_type=UTC_TIME)
    count: int = Field(sa_type=BigInteger)


class AgentMachine(SQLModel, table=True):
    """A machine that the agent has sent readings of, to the hour; it counts as read by the agent while that was no
    longer than `READ_WITHIN` before the agent was last heard.
    """

    __tablename__ = "agent_machine"

    tenant_id: UUID = tenant_field()
    agent_id: UUID = Field(primary_key=True)
    machine_id: UUID = Field(primary_key=True)
    last_read_at: datetime = Field(sa_type=UTC_TIME)
