"""What a heartbeat may hold, and the state that follows from it."""

from typing import Any

import orjson
import pytest
from plantwright.agents.heartbeat import Heartbeat, read_heartbeat, state_of
from plantwright.agents.models import AgentState
from plantwright.core.errors import ValidationFailed

from tests.backend.agents.making import document, gap, source


def read(**changes: Any) -> Heartbeat:
    return read_heartbeat(orjson.dumps(document(**changes)))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"agent": "plc-7"}, "agent: Invalid UUID"),
        ({"interval_seconds": 0.5}, "interval_seconds: Expected `float` >= 1.0"),
        ({"interval_seconds": 3601}, "interval_seconds: Expected `float` <= 3600.0"),
        ({"sent_at": "2026-03-01T12:00:00"}, "sent_at: Expected `datetime` with a timezone component"),
        ({"sources": [source(depth=-1)]}, "sources[0].depth: Expected `int` >= 0"),
        ({"sources": [source(state="fine")]}, "sources[0].state: Invalid enum value 'fine'"),
        ({"sources": [source()] * 1001}, "sources: Expected `array` of length <= 1000"),
        ({"gaps": [gap(number) for number in range(1001)]}, "gaps: Expected `array` of length <= 1000"),
        ({"uplink": None}, "uplink: Expected `object`, got `null`"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(changes: dict[str, Any], expected: str) -> None:
    with pytest.raises(ValidationFailed) as caught:
        read(**changes)
    assert expected in caught.value.message
    assert "$" not in caught.value.message


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b'{"agent": "\xff"}', b"null"])
def test_what_is_no_heartbeat_at_all_is_refused(body: bytes) -> None:
    with pytest.raises(ValidationFailed):
        read_heartbeat(body)


def test_a_missing_field_is_named() -> None:
    body = document()
    del body["buffer"]
    with pytest.raises(ValidationFailed, match="missing required field `buffer`"):
        read_heartbeat(orjson.dumps(body))


def test_a_newer_agent_may_say_more() -> None:
    assert read(temperature=41.5, sources=[source(colour="red")]).name == "hall-3"


def test_texts_are_made_storable_and_cut() -> None:
    heartbeat = read(name="  hall\x00 " + "x" * 200, sources=[source(last_error="\x00" * 5000)])
    assert heartbeat.name.startswith("hall\N{REPLACEMENT CHARACTER}")
    assert len(heartbeat.name) == 100
    assert heartbeat.sources[0].last_error == "\N{REPLACEMENT CHARACTER}" * 1000


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("2026-03-01T13:00:00+01:00", "2026-03-01T12:00:00+00:00"),
        ("0001-01-01T00:00:00Z", "0002-01-01T00:00:00+00:00"),
        ("0001-01-01T00:00:00+14:00", "0002-01-01T00:00:00+00:00"),
        ("9999-12-31T23:59:59-12:00", "9999-12-31T23:59:59.999999+00:00"),
    ],
)
def test_times_are_utc_and_within_what_can_be_kept(given: str, kept: str) -> None:
    heartbeat = read(started_at=given, sources=[source(last_reading=given)], gaps=[gap(1, start=given)])
    assert heartbeat.started_at.isoformat() == kept
    assert heartbeat.sources[0].last_reading == heartbeat.gaps[0].start == heartbeat.started_at


def test_an_agent_without_a_name_gets_one() -> None:
    heartbeat = read(name=" ")
    assert heartbeat.name == f"agent {str(heartbeat.agent)[:8]}"


def buffer(depth: int, oldest_at: str | None) -> dict[str, Any]:
    return {"bytes": 1, "max_bytes": 2, "depth": depth, "oldest_at": oldest_at, "set_aside": None}


@pytest.mark.parametrize(
    ("depth", "was_waiting", "oldest_at", "expected"),
    [
        (50, 40, "2026-03-01T11:50:00Z", AgentState.BUFFERING),
        (50, 40, "2026-03-01T11:55:00Z", AgentState.BUFFERING),
        (50, 40, "2026-03-01T11:55:01Z", AgentState.ONLINE),
        (40, 50, "2026-03-01T11:50:00Z", AgentState.ONLINE),
        (50, 50, "2026-03-01T11:50:00Z", AgentState.ONLINE),
        (50, None, "2026-03-01T11:50:00Z", AgentState.ONLINE),
        (50, 40, None, AgentState.ONLINE),
    ],
)
def test_an_agent_is_buffering_while_an_old_backlog_grows(
    depth: int, was_waiting: int | None, oldest_at: str | None, expected: AgentState
) -> None:
    assert state_of(read(buffer=buffer(depth, oldest_at)), was_waiting) is expected


def test_a_rare_heartbeat_gives_the_buffer_more_time() -> None:
    body = {"buffer": buffer(50, "2026-03-01T11:50:01Z")}
    assert state_of(read(interval_seconds=299, **body), 40) is AgentState.BUFFERING
    assert state_of(read(interval_seconds=300, **body), 40) is AgentState.ONLINE


@pytest.mark.parametrize("trouble", ["recoverable", "permanent"])
def test_trouble_of_one_part_degrades_the_whole(trouble: str) -> None:
    growing = buffer(50, "2026-03-01T11:50:00Z")
    assert state_of(read(sources=[source(), source(state=trouble)], buffer=growing), 40) is AgentState.DEGRADED
    uplink = document()["uplink"] | {"state": trouble}
    assert state_of(read(uplink=uplink), None) is AgentState.DEGRADED


@pytest.mark.parametrize("state", ["starting", "ok", "stopping", "stopped", "removed"])
def test_other_states_are_no_trouble(state: str) -> None:
    assert state_of(read(sources=[source(state=state)]), None) is AgentState.ONLINE
