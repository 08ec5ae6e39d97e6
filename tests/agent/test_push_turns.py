"""Whose turn it is to be sent."""

from dataclasses import dataclass

from plantwright_agent.backoff import Backoff
from plantwright_agent.buffer.batches import Lane
from plantwright_agent.buffer.surface import LaneDepth
from plantwright_agent.uplink.turns import BACKLOG_AT_ONCE, LIVE_AT_ONCE, Turn, Turns


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


def turns(clock: Clock) -> Turns:
    return Turns(10.0, 100, lambda: Backoff(1.0, 5.0), clock)


def waiting(lane: Lane, *streams: str, unnumbered: int = 5, numbered: int = 0) -> list[LaneDepth]:
    return [LaneDepth(stream, lane, numbered, unnumbered) for stream in streams]


def start(clock: Clock, *chosen: Turn) -> None:
    for turn in chosen:
        turn.is_busy, turn.started = True, clock.now


def names(chosen: list[Turn]) -> list[tuple[str, Lane]]:
    return [(turn.stream, turn.lane) for turn in chosen]


def test_live_lanes_go_first_and_no_backlog_while_one_of_them_waits_for_its_turn() -> None:
    clock = Clock()
    lanes = waiting(Lane.BACKLOG, "a", "b") + waiting(Lane.LIVE, *(f"s{n}" for n in range(LIVE_AT_ONCE + 1)))
    table = turns(clock)
    first = table.due(lanes, one_only=False)
    assert [turn.lane for turn in first] == [Lane.LIVE] * LIVE_AT_ONCE
    start(clock, *first)
    assert table.due(lanes, one_only=False) == []
    first[0].is_busy = False
    assert len(table.due(lanes, one_only=False)) == 1 + BACKLOG_AT_ONCE


def test_a_lane_is_never_served_twice_at_a_time() -> None:
    clock = Clock()
    lanes = waiting(Lane.BACKLOG, "a", unnumbered=1_000_000)
    table = turns(clock)
    start(clock, *table.due(lanes, one_only=False))
    assert table.due(lanes, one_only=False) == []


def test_backlogs_take_turns() -> None:
    clock = Clock()
    lanes = waiting(Lane.BACKLOG, "a", "b", "c")
    table = turns(clock)
    served: list[str] = []
    for _ in range(6):
        clock.now += 1
        chosen = table.due(lanes, one_only=True)
        start(clock, *chosen)
        served += [turn.stream for turn in chosen]
        chosen[0].is_busy = False
    assert served == ["a", "b", "c", "a", "b", "c"]


def test_few_readings_wait_for_the_push_interval_and_many_do_not() -> None:
    clock = Clock()
    table = turns(clock)
    few, many = waiting(Lane.LIVE, "a"), waiting(Lane.LIVE, "a", unnumbered=100)
    [turn] = table.due(few, one_only=False)
    start(clock, turn)
    turn.is_busy = False
    clock.now += 4
    assert table.due(few, one_only=False) == []
    assert table.wait(few) == 6.0
    assert table.due(many, one_only=False) == [turn]
    assert table.due(waiting(Lane.LIVE, "a", numbered=1), one_only=False) == [turn]
    clock.now += 6
    assert table.due(few, one_only=False) == [turn]


def test_a_lane_that_failed_waits_and_holds_up_no_other() -> None:
    clock = Clock()
    table = turns(clock)
    lanes = waiting(Lane.LIVE, "a", "b")
    first, _ = table.due(lanes, one_only=False)
    first.not_before = clock.now + 3
    assert names(table.due(lanes, one_only=False)) == [("b", Lane.LIVE)]
    assert table.wait(waiting(Lane.LIVE, "a")) == 3.0


def test_a_server_in_trouble_is_asked_once_at_a_time() -> None:
    clock = Clock()
    table = turns(clock)
    lanes = waiting(Lane.LIVE, "a", "b")
    chosen = table.due(lanes, one_only=True)
    assert len(chosen) == 1
    start(clock, *chosen)
    assert table.due(lanes, one_only=True) == []


def test_nothing_waits_for_ever_for_nothing() -> None:
    assert turns(Clock()).wait([]) == float("inf")
