"""SQL of the snapshots. A series whose number in a row is 0 has been derived anew since: its state there is void."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
from sqlalchemy import Row, text

from plantwright.core.clock import from_milliseconds
from plantwright.core.database import UnitOfWork
from plantwright.detection.charts.state import DetectionState, StateUnreadable
from plantwright.detection.replay.snapshots import GAP_DAYS, StoredSnapshot, thinned_before

_LISTED_ROWS = 200

_ADD = text("""
    INSERT INTO detection_snapshot (tenant_id, day, is_daily, is_edge, is_thinned, series_ids, last_times, state)
    VALUES (:tenant_id, :day, :is_daily, :is_edge, :is_thinned, :series_ids, :last_times, :state)""")
_LISTED = """
    SELECT day, id, series_ids, last_times FROM detection_snapshot
    WHERE tenant_id = $1 AND day <= $2 AND series_ids && $3::integer[]
    ORDER BY day DESC, id DESC"""
_STATE = text("SELECT state FROM detection_snapshot WHERE tenant_id = :tenant_id AND day = :day AND id = :id")
_VOID = text("""
    UPDATE detection_snapshot SET series_ids = ARRAY(
        SELECT CASE WHEN kept.last_time >= gone.from_ms THEN 0 ELSE kept.series END
        FROM unnest(series_ids, last_times) WITH ORDINALITY AS kept (series, last_time, place)
        LEFT JOIN unnest(CAST(:series AS integer[]), CAST(:from_ms AS bigint[])) AS gone (series, from_ms)
               ON gone.series = kept.series
        ORDER BY kept.place)
    WHERE tenant_id = :tenant_id AND day >= :day AND series_ids && CAST(:series AS integer[])""")
_VOID_EDGES = text("""
    UPDATE detection_snapshot SET series_ids = ARRAY(
        SELECT CASE WHEN kept.series = ANY(CAST(:series AS integer[])) THEN 0 ELSE kept.series END
        FROM unnest(series_ids) WITH ORDINALITY AS kept (series, place) ORDER BY kept.place)
    WHERE tenant_id = :tenant_id AND is_edge AND series_ids && CAST(:series AS integer[])""")
_DELETE_VOID = text("DELETE FROM detection_snapshot WHERE tenant_id = :tenant_id AND is_edge AND 0 = ALL(series_ids)")
_UNTHINNED = text("""
    SELECT day, id FROM detection_snapshot
    WHERE tenant_id = :tenant_id AND day < :before AND NOT is_thinned ORDER BY day, id""")
_KEPT = text("""
    SELECT series_ids FROM detection_snapshot
    WHERE tenant_id = :tenant_id AND day >= :first AND day < :next AND is_thinned""")
_ROW = text("""
    SELECT day, is_daily, series_ids, last_times, state FROM detection_snapshot
    WHERE tenant_id = :tenant_id AND day = :day AND id = :id""")
_DELETE = text("DELETE FROM detection_snapshot WHERE tenant_id = :tenant_id AND day = :day AND id = :id")
_DELETE_GAPS = text("DELETE FROM detection_snapshot WHERE tenant_id = :tenant_id AND day < :before AND NOT is_daily")
_DELETE_OLD = text("DELETE FROM detection_snapshot WHERE tenant_id = :tenant_id AND day < :before")


async def add(work: UnitOfWork, snapshots: Iterable[StoredSnapshot], *, is_thinned: bool = False) -> None:
    for snapshot in snapshots:
        row = {
            "tenant_id": work.tenant_id,
            "day": snapshot.day,
            "is_daily": snapshot.is_daily,
            "is_edge": snapshot.is_edge,
            "is_thinned": is_thinned,
            "series_ids": snapshot.series.tolist(),
            "last_times": snapshot.last_times.tolist(),
            "state": snapshot.state.to_bytes(),
        }
        await work.execute(_ADD, row)


async def newest_before(work: UnitOfWork, before_ms: Mapping[int, int]) -> dict[int, DetectionState]:
    """Of each of these series its newest state, a single row, that knows nothing from its time on, if there is one."""
    found: dict[int, DetectionState] = {}
    day = from_milliseconds(max(before_ms.values(), default=0)).date()
    unreadable: set[int] = set()
    while True:
        wanted = await _listed(work, {key: at for key, at in before_ms.items() if key not in found}, day, unreadable)
        if not wanted:
            return found
        for (stored_on, number), places in wanted.items():
            key = {"tenant_id": work.tenant_id, "day": stored_on, "id": number}
            try:
                state = DetectionState.from_bytes((await work.execute(_STATE, key)).scalar_one())
            except StateUnreadable:
                # Of another release: an older one may be readable, else the beginning serves.
                unreadable.add(number)
                continue
            found |= {series: state.take(np.array([place], np.int64)) for series, place in places}


async def _listed(
    work: UnitOfWork, before_ms: Mapping[int, int], day: date, but: set[int]
) -> dict[tuple[date, int], list[tuple[int, int]]]:
    """Day and number of the rows to read, with the series that are wanted of each and their places in it."""
    missing = dict(before_ms)
    wanted: dict[tuple[date, int], list[tuple[int, int]]] = {}
    if not missing:
        return wanted
    async for rows in work.stream(_LISTED, work.tenant_id, day, list(missing), rows=_LISTED_ROWS):
        for row in rows:
            for place, (series, last_time) in enumerate(zip(row["series_ids"], row["last_times"], strict=True)):
                if series in missing and last_time < missing[series] and row["id"] not in but:
                    del missing[series]
                    wanted.setdefault((row["day"], row["id"]), []).append((series, place))
        if not missing:
            break
    return wanted


async def make_void(work: UnitOfWork, from_ms: Mapping[int, int]) -> None:
    """States of these series that know of a reading at or after the time: it is no longer what was read."""
    day = from_milliseconds(min(from_ms.values())).date()
    series, times = list(from_ms), list(from_ms.values())
    await work.execute(_VOID, {"tenant_id": work.tenant_id, "day": day, "series": series, "from_ms": times})


async def replace_edges(work: UnitOfWork, series: Sequence[int], edges: Iterable[StoredSnapshot]) -> None:
    """Each of these series has at most one."""
    await work.execute(_VOID_EDGES, {"tenant_id": work.tenant_id, "series": list(series)})
    await work.execute(_DELETE_VOID, {"tenant_id": work.tenant_id})
    await add(work, edges)


async def thin(work: UnitOfWork, today: date, rows: int) -> int:
    """Of old months keep the first state of each series; rewrites at most `rows`, returns how many."""
    tenant = {"tenant_id": work.tenant_id}
    await work.execute(_DELETE_GAPS, {**tenant, "before": today - timedelta(days=GAP_DAYS)})
    listed = (await work.execute(_UNTHINNED, {**tenant, "before": thinned_before(today)})).all()[:rows]
    seen: dict[date, set[int]] = {}
    for one in listed:
        day, number = one.day, one.id
        month = day.replace(day=1)
        if month not in seen:
            span = {"first": month, "next": (month + timedelta(days=32)).replace(day=1)}
            kept = (await work.execute(_KEPT, {**tenant, **span})).scalars()
            seen[month] = {series for series_ids in kept for series in series_ids}
        row = (await work.execute(_ROW, {**tenant, "day": day, "id": number})).one()
        await add(work, _first(row, seen[month]), is_thinned=True)
        await work.execute(_DELETE, {**tenant, "day": day, "id": number})
    return len(listed)


async def delete_before(work: UnitOfWork, day: date) -> None:
    await work.execute(_DELETE_OLD, {"tenant_id": work.tenant_id, "before": day})


def _first(row: Row[Any], seen: set[int]) -> list[StoredSnapshot]:
    """The part of a row with series that are not among the seen; those are then."""
    series = np.array(row.series_ids, np.int64)
    places = np.array([place for place, one in enumerate(row.series_ids) if one and one not in seen], np.int64)
    if not len(places):
        return []
    seen.update(series[places].tolist())
    try:
        state = DetectionState.from_bytes(row.state).take(places)
    except StateUnreadable:
        # Of another release; nothing can start from it.
        return []
    return [StoredSnapshot(row.day, row.is_daily, series[places], np.array(row.last_times)[places], state)]
