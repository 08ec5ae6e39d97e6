"""Whose turn it is to be looked at for merging."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from plantwright.readings.compaction.sweep import Compacted
from plantwright.readings.compaction.turns import SUSPECTS_AT_ONCE, MergeTurns

NOON = datetime(2026, 1, 1, 12, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
ONLY_OPEN_HOURS = Compacted(is_complete=True, is_anything_left=True)


def tenant(number: int) -> UUID:
    return UUID(int=number)


def finish(turns: MergeTurns, tenant_ids: list[UUID]) -> None:
    for tenant_id in tenant_ids:
        turns.begin(tenant_id)
        turns.end(tenant_id, Compacted(is_complete=True, is_anything_left=False))


def test_who_was_passed_comes_before_who_is_only_suspected() -> None:
    turns = MergeTurns()
    turns.suspect(tenant(number) for number in range(120))
    turns.passed(tenant(500))
    turns.passed(tenant(3))
    first = turns.next_round(NOON)
    assert first[:2] == [tenant(3), tenant(500)]
    assert len(first) == len(set(first)) == SUSPECTS_AT_ONCE + 1
    seen = set(first)
    finish(turns, first)
    for _ in range(2):
        following = turns.next_round(NOON)
        assert len(following) <= SUSPECTS_AT_ONCE
        seen.update(following)
        finish(turns, following)
    assert seen >= {tenant(number) for number in range(120)}


def test_a_log_with_open_hours_only_waits_for_the_end_of_the_hour() -> None:
    turns = MergeTurns()
    turns.passed(tenant(1))
    for tenant_id in turns.next_round(NOON):
        turns.begin(tenant_id)
        turns.end(tenant_id, ONLY_OPEN_HOURS)
    assert turns.next_round(NOON + timedelta(minutes=29)) == []
    assert turns.next_round(NOON + timedelta(minutes=35)) == [tenant(1)]


def test_what_comes_while_a_log_is_merged_is_for_the_next_round() -> None:
    turns = MergeTurns()
    turns.passed(tenant(1))
    turns.begin(tenant(1))
    turns.passed(tenant(1))
    turns.end(tenant(1), Compacted(is_complete=True, is_anything_left=False))
    assert turns.next_round(NOON) == [tenant(1)]


def test_what_failed_or_was_left_over_is_tried_again() -> None:
    turns = MergeTurns()
    for number, done in ((1, None), (2, Compacted(transactions=20))):
        turns.begin(tenant(number))
        turns.end(tenant(number), done)
    assert turns.next_round(NOON) == [tenant(1), tenant(2)]
    assert turns.next_round(NOON + HOUR) == [tenant(1), tenant(2)]
