"""Agents as the API shows them."""

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, Self

import strawberry

from plantwright.agents import models, repository
from plantwright.agents.models import AgentState
from plantwright.graphql.connection import PageInfo, cut_page, decode_cursor, encode_cursor, require_page
from plantwright.graphql.context import Info
from plantwright.graphql.scalars import BigInt
from plantwright.graphql.selection import selects

if TYPE_CHECKING:
    from plantwright.graphql.assets.types import Machine

strawberry.enum(AgentState, description="Worst last: online, buffering, degraded, silent; see docs/agents.md.")


@strawberry.enum(
    description="State of a source or of the uplink, as the agent says it. Recoverable: in trouble, tries again by "
    "itself. Permanent: in trouble until a person changes something. Removed: no longer configured."
)
class AgentPartState(StrEnum):
    STARTING = "starting"
    OK = "ok"
    RECOVERABLE = "recoverable"
    PERMANENT = "permanent"
    STOPPING = "stopping"
    STOPPED = "stopped"
    REMOVED = "removed"


@strawberry.type(description="The agent's way to this server.")
class AgentUplink:
    state: AgentPartState
    since: datetime | None
    last_error: str | None = strawberry.field(description="Kept after recovery.")
    last_error_at: datetime | None
    last_push: datetime | None = strawberry.field(description="When readings were last acknowledged.")

    @classmethod
    def of(cls, stored: dict[str, Any]) -> Self:
        return cls(
            state=AgentPartState(stored["state"]),
            since=_time(stored["since"]),
            last_error=stored["last_error"],
            last_error_at=_time(stored["last_error_at"]),
            last_push=_time(stored["last_push"]),
        )


@strawberry.type(description="What the agent has on disk and has not handed over yet.")
class AgentBuffer:
    bytes: BigInt
    max_bytes: BigInt
    depth: BigInt = strawberry.field(description="Readings that wait.")
    oldest_at: datetime | None = strawberry.field(description="When the oldest of them was taken in.")
    set_aside: str | None = strawberry.field(description="Where the agent put a damaged buffer, if it had to.")

    @classmethod
    def of(cls, stored: dict[str, Any]) -> Self:
        return cls(
            bytes=BigInt(stored["bytes"]),
            max_bytes=BigInt(stored["max_bytes"]),
            depth=BigInt(stored["depth"]),
            oldest_at=_time(stored["oldest_at"]),
            set_aside=stored["set_aside"],
        )


@strawberry.type(
    description="A device or file that the agent reads. Counters are of readings, for as long as the buffer."
)
class AgentSource:
    name: str
    protocol: str
    state: AgentPartState
    since: datetime | None
    last_error: str | None = strawberry.field(description="Kept after recovery.")
    last_error_at: datetime | None
    last_reading: datetime | None
    depth: BigInt = strawberry.field(description="Readings that wait.")
    acknowledged: BigInt = strawberry.field(description="Readings that this server has.")
    dropped: BigInt = strawberry.field(description="Readings that were dropped because the buffer was full or too old.")
    gaps: BigInt = strawberry.field(description="Spans in which readings may be missing.")
    dead_letters: BigInt = strawberry.field(description="What could not become a reading, or was refused.")
    restarts: BigInt = strawberry.field(description="Since the agent started.")

    @classmethod
    def of(cls, stored: dict[str, Any]) -> Self:
        counters = ("depth", "acknowledged", "dropped", "gaps", "dead_letters", "restarts")
        return cls(
            name=stored["name"],
            protocol=stored["protocol"],
            state=AgentPartState(stored["state"]),
            since=_time(stored["since"]),
            last_error=stored["last_error"],
            last_error_at=_time(stored["last_error_at"]),
            last_reading=_time(stored["last_reading"]),
            **{name: BigInt(stored[name]) for name in counters},
        )


@strawberry.type(description="A span in which readings of a source, or of one tag of it, may be missing.")
class AgentGap:
    source: str
    tag: str = strawberry.field(description="Empty when the whole source is meant.")
    reason: str
    start: datetime
    end: datetime = strawberry.field(description="A gap that goes on grows with each heartbeat.")
    count: BigInt = strawberry.field(description="How often it was seen, or how many readings were dropped.")

    @classmethod
    def of(cls, row: models.AgentGap) -> Self:
        return cls(
            source=row.source,
            tag=row.tag,
            reason=row.reason,
            start=row.start_at,
            end=row.end_at,
            count=BigInt(row.count),
        )


@strawberry.type
class AgentGapEdge:
    cursor: str
    node: AgentGap


@strawberry.type
class AgentGapConnection:
    edges: list[AgentGapEdge]
    page_info: PageInfo
    total_count: int = strawberry.field(description="Gaps that are kept of this agent.")

    @strawberry.field
    def nodes(self) -> list[AgentGap]:
        return [edge.node for edge in self.edges]


@strawberry.type(description="An edge agent, as of its last heartbeat.")
class Agent:
    id: strawberry.ID = strawberry.field(description="Made by the agent with its buffer; a new buffer is a new agent.")
    name: str = strawberry.field(description="What an admin calls it, else what it calls itself.")
    own_name: str = strawberry.field(description="What it calls itself.")
    version: str
    platform: str
    state: AgentState
    state_since: datetime = strawberry.field(description="When the server saw it enter this state.")
    api_key_id: strawberry.ID = strawberry.field(description="The key of its last heartbeat.")
    started_at: datetime = strawberry.field(description="By its own clock.")
    first_seen_at: datetime
    last_seen_at: datetime
    silent_since: datetime | None = strawberry.field(description="When a heartbeat was missed; null while it is heard.")
    interval_seconds: float = strawberry.field(description="Between its heartbeats.")
    clock_offset_ms: float | None = strawberry.field(description="The server's clock minus the agent's.")
    certificate_expires_at: datetime | None = strawberry.field(description="Of its client certificate, if it has one.")
    uplink: AgentUplink
    buffer: AgentBuffer
    sources: list[AgentSource]
    row: strawberry.Private[models.Agent]

    @classmethod
    def of(cls, row: models.Agent) -> Self:
        return cls(
            id=strawberry.ID(str(row.id)),
            name=row.shown_name,
            own_name=row.name,
            version=row.version,
            platform=row.platform,
            state=AgentState(row.state),
            state_since=row.state_since,
            api_key_id=strawberry.ID(str(row.api_key_id)),
            started_at=row.started_at,
            first_seen_at=row.first_seen_at,
            last_seen_at=row.last_seen_at,
            silent_since=row.silent_since,
            interval_seconds=row.interval_seconds,
            clock_offset_ms=row.clock_offset_ms,
            certificate_expires_at=row.certificate_expires_at,
            uplink=AgentUplink.of(row.uplink),
            buffer=AgentBuffer.of(row.buffer),
            sources=[AgentSource.of(source) for source in row.sources],
            row=row,
        )

    @strawberry.field(description="Machines that it has sent readings of in its past seven days, by name.")
    async def machines(
        self, info: Info, first: int = 50
    ) -> list[Annotated["Machine", strawberry.lazy("plantwright.graphql.assets.types")]]:
        from plantwright.graphql.assets.types import Machine  # noqa: PLC0415 - the two types refer to each other

        first = require_page(first)
        behind = await info.context.loaders.machines_of_agent.load(self.row.id)
        return [] if behind is None else [Machine.of(row) for row in behind.machines[:first]]

    @strawberry.field(description="How many machines these are in all.")
    async def machine_count(self, info: Info) -> int:
        behind = await info.context.loaders.machines_of_agent.load(self.row.id)
        return 0 if behind is None else behind.total

    @strawberry.field(description="Newest first; of each agent the newest 2,000 are kept.")
    async def gaps(self, info: Info, first: int = 50, after: str | None = None) -> AgentGapConnection:
        first = require_page(first)
        keys = decode_cursor(after, datetime, int)
        async with info.context.reading() as work:
            rows = await repository.gaps_newest_first(
                work, self.row.id, (keys[0], keys[1]) if keys else None, first + 1
            )
            total = await repository.count_gaps(work, self.row.id) if selects(info, "totalCount") else 0
        page, info_ = cut_page(rows, first, lambda row: encode_cursor(row.end_at, row.id), after=after)
        edges = [AgentGapEdge(cursor=cursor, node=AgentGap.of(row)) for cursor, row in page]
        return AgentGapConnection(edges=edges, page_info=info_, total_count=total)


@strawberry.type
class AgentEdge:
    cursor: str
    node: Agent


@strawberry.type
class AgentConnection:
    edges: list[AgentEdge]
    page_info: PageInfo
    total_count: int = strawberry.field(description="Agents that pass the filter, on all pages.")

    @strawberry.field
    def nodes(self) -> list[Agent]:
        return [edge.node for edge in self.edges]


@strawberry.type(description="Something happened to an agent; it is shown as it is now.")
class AgentEvent:
    cursor: BigInt = strawberry.field(description="`since`, to resume after a break.")
    action: str = strawberry.field(description="The journal's action, such as `agent.silent`.")
    agent_id: strawberry.ID
    agent: Agent | None = strawberry.field(description="Null once it was removed.")


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
