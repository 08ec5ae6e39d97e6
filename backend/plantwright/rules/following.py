"""What is followed of the rules, to the database and from it."""

from collections.abc import Iterable, Sequence
from typing import Any

from plantwright.core.clock import from_milliseconds, to_milliseconds
from plantwright.core.database import UnitOfWork
from plantwright.journal.service import Fact
from plantwright.rules import repository, version_repository
from plantwright.rules.engine import next_due
from plantwright.rules.judging import Followed, begin_to_follow, catch_up
from plantwright.rules.models import RuleVersion
from plantwright.rules.program import HOUR_MS
from plantwright.rules.state import decode_state, encode_state
from plantwright.rules.tracking import LATENESS_MS, decode_tracked, encode_tracked
from plantwright.rules.watching import watches_of

CONSUMER = "rules"
_SAVE_MS = 60_000


async def follow(
    work: UnitOfWork, versions: Sequence[RuleVersion], position: int, *, only_known: bool = False
) -> tuple[list[Followed], list[Fact]]:
    """What these versions watch, brought up to the position of the log.

    `only_known`: leave out what nobody has begun to watch yet.
    """
    stored = {
        (row.rule_id, row.version, row.machine_id): row
        for row in await version_repository.states(work, [(one.rule_id, one.version) for one in versions])
    }
    followed: list[Followed] = []
    facts: list[Fact] = []
    for watch in await watches_of(work, versions):
        row = stored.get(watch.key)
        if row is not None:
            one = Followed(watch, decode_tracked(row.state), to_milliseconds(row.through), is_dirty=False)
        elif only_known:
            continue
        else:
            one = await begin_to_follow(work, watch, position)
        facts += await catch_up(work, one, position)
        followed.append(one)
    return followed, facts


async def end(work: UnitOfWork, version: RuleVersion) -> list[Fact]:
    """Bring a version that holds no more to its end; returns what ends with it."""
    book = await repository.read_book(work, CONSUMER)
    followed, facts = await follow(work, [version], 0 if book is None else book.position, only_known=True)
    await save(work, followed)
    return facts


async def save(work: UnitOfWork, followed: Iterable[Followed]) -> None:
    """Those to which something has happened, and once a minute of their time the others."""
    changed = [one for one in followed if one.is_dirty or one.through_ms - one.saved_ms >= _SAVE_MS]
    await repository.save_states(work, [_row(one) for one in changed])
    rows: list[dict[str, Any]] = []
    for one in changed:
        hourly, one.hourly = one.hourly, []
        if hourly:
            oldest = from_milliseconds(one.through_ms - LATENESS_MS - HOUR_MS)
            await repository.forget_snapshots(work, one.watch.key, before=oldest)
        by_time = {from_milliseconds(state.through_ms): encode_state(state) for state in hourly}
        rows += [{**_key(one), "through": through, "state": data} for through, data in by_time.items()]
    await repository.save_snapshots(work, rows)


def _row(one: Followed) -> dict[str, Any]:
    tracked, watch = one.tracked, one.watch
    state = tracked.state
    if state.through_ms // HOUR_MS > one.saved_ms // HOUR_MS and not state.is_over:
        one.hourly.append(decode_state(encode_state(state)))
    one.is_dirty, one.saved_ms = False, state.through_ms
    waits = (watch.program.has_no_data or state.calm_since is not None) and not state.is_over
    due = next_due(state, watch.program) if waits else None
    episode, started = state.episode, tracked.last_started_ms
    return {
        **_key(one),
        "through": from_milliseconds(state.through_ms),
        "due": None if due is None else from_milliseconds(due),
        "active_since": None if episode is None else from_milliseconds(episode.started_ms),
        "severity": None if episode is None else episode.severity.value,
        "last_started": None if started is None else from_milliseconds(started),
        "state": encode_tracked(tracked),
    }


def _key(one: Followed) -> dict[str, Any]:
    return dict(zip(("rule_id", "version", "machine_id"), one.watch.key, strict=True))
