"""Derives series with late readings anew, beside the consumer that goes on with the live ones.

First, without holding anything up: from the newest snapshot before the earliest late reading over what is stored, up to
the last reading that was judged when this began. Then, with the consumer's cursor held: what has come since, the new
state in the place of the old one, snapshots, findings. A series of which more late readings came meanwhile is left for
the next round, so what is stored is always what the readings up to the cursor give.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from uuid import UUID

import numpy as np

from plantwright.core.clock import from_milliseconds, iso_utc, to_milliseconds, utc_now
from plantwright.core.database import Database, UnitOfWork
from plantwright.detection.charts.state import NEVER
from plantwright.detection.columns import Ints
from plantwright.detection.findings import Detector, FindingKind
from plantwright.detection.replay import history_repository, late_repository, snapshots_repository
from plantwright.detection.replay.late_repository import LateSeries
from plantwright.detection.replay.record import (
    ACTIONS,
    Identity,
    Standing,
    compare,
    finding_fact,
    open_episodes,
    payload_of,
    standing_of,
    superseded_facts,
)
from plantwright.detection.replay.snapshots import edges_of, rows_of
from plantwright.detection.replay.walk import Walk, advance, start_walk, within
from plantwright.detection.states.series_states import read_states, replace_states
from plantwright.journal.repository import lock_cursor
from plantwright.journal.service import Fact, Journal

CONSUMER = "detection"
DERIVE_LATE_JOB = "derive_late_readings"
# What goes through the engine together; more at once are quicker per reading and take more memory.
ROUND_SERIES = 256
# Later than any reading that is accepted.
AHEAD = timedelta(days=1)
_NUMBER = {detector.value: number for number, detector in enumerate(Detector)}


@dataclass(frozen=True, slots=True)
class _Round:
    """Series that are being derived anew; `base_ms` is the last reading that their snapshots knew."""

    walk: Walk
    marks: dict[int, LateSeries]
    base_ms: Ints
    settings: int


async def derive_late(
    database: Database, journal: Journal, tenant_id: UUID, *, series: int = ROUND_SERIES, at_once: bool = False
) -> int:
    """One round: series whose late readings have stopped coming; returns how many are right again.

    Args:
        database: of the worker's role.
        journal: gets the findings that the record does not have yet.
        tenant_id: whose.
        series: at most so many.
        at_once: also those that may still get more.
    """
    begun = await _begin(database, tenant_id, series, at_once=at_once)
    if begun is None:
        return 0
    async with database.transaction(tenant_id) as work:
        return await _finish(work, journal, begun)


async def _begin(database: Database, tenant_id: UUID, limit: int, *, at_once: bool) -> _Round | None:
    async with database.reading(tenant_id) as work:
        marks = {mark.series: mark for mark in await late_repository.due(work, limit, at_once=at_once)}
        if not marks:
            return None
        settings = await history_repository.newest_change(work)
        judged = await read_states(work, marks)
        walk = await start_walk(work, list(marks), {number: mark.from_ms for number, mark in marks.items()})
    base_ms = walk.state.series.last_time.copy()
    horizon = np.array(
        [judged[number].series.last_time[0] if number in judged else NEVER for number in walk.subject.series.tolist()],
        np.int64,
    )
    await advance(walk, partial(database.reading, tenant_id), horizon, gives_way=True)
    return _Round(walk, marks, base_ms, settings)


async def _finish(work: UnitOfWork, journal: Journal, begun: _Round) -> int:
    cursor = await lock_cursor(work, CONSUMER, start=0)
    if await history_repository.newest_change(work) != begun.settings:
        return 0
    marks = await late_repository.of_series(work, list(begun.marks))
    is_kept = [marks.get(number) == begun.marks[number] for number in begun.walk.subject.series.tolist()]
    rows = np.flatnonzero(np.array(is_kept, np.bool_))
    gone = set(begun.marks) - set(begun.walk.subject.series.tolist())
    walk = begun.walk.take(rows)
    numbers = walk.subject.series.tolist()
    if numbers:
        latest = to_milliseconds(utc_now() + AHEAD)
        await advance(walk, within(work), np.full(len(rows), latest, np.int64), until=cursor.position)
        states = {number: walk.state.take(np.array([row])) for row, number in enumerate(numbers)}
        await replace_states(work, states)
        await snapshots_repository.make_void(work, {number: marks[number].from_ms for number in numbers})
        await snapshots_repository.add(work, rows_of(walk.snapshots))
        await snapshots_repository.replace_edges(work, numbers, edges_of(walk.subject.series, walk.state))
        await journal.append(work, *await _facts(work, walk, begun.base_ms[rows]))
    await late_repository.forget(work, [*numbers, *gone])
    return len(numbers)


async def _facts(work: UnitOfWork, walk: Walk, base_ms: Ints) -> list[Fact]:
    """What the record does not have yet, what it has and no longer holds, and the end of episodes that never were."""
    subject = walk.subject
    series = {str(metric.id): number for number, metric in subject.metrics.items()}
    base = dict(zip(subject.series.tolist(), base_ms.tolist(), strict=True))
    metric_ids = [subject.metrics[number].id for number in base]
    records = await late_repository.recorded_findings(work, metric_ids, ACTIONS)
    standing = standing_of(records)
    concerned = {
        known: place for known, place in standing.items() if known.time_ms > base[series[str(known.metric_id)]]
    }
    derived = [
        payload_of(finding, subject.metrics[int(subject.series[finding.series])]) for finding in walk.sorted_findings()
    ]
    difference = compare(derived, concerned)
    late = [finding_fact(payload, late=True) for payload in difference.missing]
    return [*late, *superseded_facts(difference.superseded), *_withdrawn(walk, standing)]


def _withdrawn(walk: Walk, standing: Mapping[Identity, Standing]) -> list[Fact]:
    """Ends for recorded episodes that go on, as far as anybody knows, and are not derived any more."""
    row_of = {str(walk.subject.metrics[number].id): row for row, number in enumerate(walk.subject.series.tolist())}
    facts = []
    for (_, metric_id, detector), payload in open_episodes(standing).items():
        row = row_of[str(metric_id)]
        if walk.state.episodes.is_open[row, _NUMBER[detector]]:
            continue
        time_ms = max(int(walk.state.series.last_time[row]), payload["time_ms"])
        ended = {"kind": FindingKind.ENDED.value, "time_ms": time_ms, "time": iso_utc(from_milliseconds(time_ms))}
        facts.append(finding_fact({**payload, **ended}, withdrawn=True))
    return facts
