"""Edge agents: lists, names and removal."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from plantwright.agents.machines_repository import MOST_MACHINES
from plantwright.agents.models import AgentState
from plantwright.agents.service import AGENT_NOT_FOUND
from plantwright.graphql.agents.types import AgentPartState
from plantwright.rest.documents import connection, mutation, query
from plantwright.rest.route import RestRoute, body_as_input, item, path_as, query_as_filter
from plantwright.rest.shapes import FROM_NAME, Body, PageParameters, Payload

MAX_SEARCH = 200
_NEWEST_GAPS = 100

AGENT = (
    "fragment AgentFields on Agent { id name ownName version platform state stateSince silentSince apiKeyId startedAt "
    "firstSeenAt lastSeenAt intervalSeconds clockOffsetMs certificateExpiresAt "
    "uplink { state since lastError lastErrorAt lastPush } buffer { bytes maxBytes depth oldestAt setAside } "
    "sources { name protocol state since lastError lastErrorAt lastReading depth acknowledged dropped gaps "
    "deadLetters restarts } machineCount }"
)
_PAGE, _SKIP = connection(
    "agents", "...AgentFields", AGENT, variables="$filter: AgentFilter", arguments="filter: $filter"
)


class AgentParameters(PageParameters):
    state: list[AgentState] = Field(default=[], description="May be repeated.")
    search: str | None = Field(default=None, max_length=MAX_SEARCH, description="Part of the name.")


class AgentRename(Payload):
    name: str | None = Field(
        default=None, description="Up to 100 characters; without it the agent's own name is shown again."
    )


class Uplink(Body):
    state: Annotated[AgentPartState, FROM_NAME]
    since: datetime | None
    last_error: str | None
    last_error_at: datetime | None
    last_push: datetime | None = Field(description="When readings were last acknowledged.")


class Buffer(Body):
    bytes: int
    max_bytes: int
    depth: int = Field(description="Readings that wait.")
    oldest_at: datetime | None = Field(description="When the oldest of them was taken in.")
    set_aside: str | None


class Source(Body):
    name: str
    protocol: str
    state: Annotated[AgentPartState, FROM_NAME]
    since: datetime | None
    last_error: str | None
    last_error_at: datetime | None
    last_reading: datetime | None
    depth: int
    acknowledged: int
    dropped: int
    gaps: int
    dead_letters: int
    restarts: int


class Agent(Body):
    id: UUID
    name: str = Field(description="What an admin calls it, else what it calls itself.")
    own_name: str
    version: str
    platform: str
    state: Annotated[AgentState, FROM_NAME]
    state_since: datetime = Field(description="When the server saw it enter this state.")
    api_key_id: UUID = Field(description="The key of its last heartbeat.")
    started_at: datetime
    first_seen_at: datetime
    last_seen_at: datetime
    silent_since: datetime | None
    interval_seconds: float
    clock_offset_ms: float | None = Field(description="The server's clock minus the agent's.")
    certificate_expires_at: datetime | None
    uplink: Uplink
    buffer: Buffer
    sources: list[Source]
    machine_count: int = Field(description="Machines that it has sent readings of in its past seven days.")


class ReadMachine(Body):
    id: UUID
    name: str


class Gap(Body):
    source: str
    tag: str = Field(description="Empty when the whole source is meant.")
    reason: str
    start: datetime
    end: datetime
    count: int


class Gaps(Body):
    total_count: int
    nodes: list[Gap] = Field(serialization_alias="items", description=f"The newest {_NEWEST_GAPS}.")


class AgentWithGaps(Agent):
    gaps: Gaps
    machines: list[ReadMachine] = Field(description=f"By name, the first {MOST_MACHINES}.")


ROUTES = (
    RestRoute(
        method="GET",
        path="/agents",
        summary="Edge agents, by name.",
        document=_PAGE,
        skip_document=_SKIP,
        query=AgentParameters,
        answer=Agent,
        variables=query_as_filter,
    ),
    RestRoute(
        method="GET",
        path="/agents/{agent_id}",
        summary="One agent, with the machines that it reads and the newest gaps in that.",
        document=query(
            f"query Agent($id: ID!) {{ agent(id: $id) {{ ...AgentFields machines(first: {MOST_MACHINES}) {{ id name }} "
            f"gaps(first: {_NEWEST_GAPS}) {{ totalCount "
            "nodes { source tag reason start end count } } } }",
            AGENT,
        ),
        answer=AgentWithGaps,
        variables=path_as(id="agent_id"),
        not_found=AGENT_NOT_FOUND,
    ),
    RestRoute(
        method="PATCH",
        path="/agents/{agent_id}",
        summary="Call an agent otherwise than it calls itself. Admins only.",
        document=mutation("agentRename", "agent { ...AgentFields }", AGENT),
        body=AgentRename,
        answer=Agent,
        variables=body_as_input(id="agent_id"),
        result=item("agent"),
    ),
    RestRoute(
        method="DELETE",
        path="/agents/{agent_id}",
        summary="Forget an agent and its gaps. One that still runs comes back; revoke its key first. Admins only.",
        document=mutation("agentRemove", "id"),
        answer=None,
        variables=body_as_input(id="agent_id"),
        status=204,
    ),
)
