"""SQL of the settings by the time from which they hold."""

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from plantwright.core.database import UnitOfWork
from plantwright.detection.replay.history import Settings, SettingsChange

# Never before the change that it follows, whatever the clocks of the servers say; whole milliseconds, as readings.
_ADD = text("""
    INSERT INTO detection_settings (tenant_id, metric_id, holds_from, settings, replaced)
    SELECT :tenant_id, CAST(:metric_id AS uuid),
           coalesce(to_timestamp(0) + CAST(:holds_from_ms AS bigint) * interval '1 millisecond',
           greatest(date_trunc('milliseconds', clock_timestamp()) + interval '1 millisecond',
                    (SELECT max(holds_from) + interval '1 millisecond' FROM detection_settings
                     WHERE tenant_id = :tenant_id AND metric_id IS NOT DISTINCT FROM CAST(:metric_id AS uuid)))),
           CAST(:settings AS jsonb), CAST(:replaced AS jsonb)""")
_COLUMNS = """
    c.id, m.series_id, (extract(epoch FROM c.holds_from) * 1000)::bigint AS holds_from_ms, c.settings, c.replaced
    FROM detection_settings c LEFT JOIN metric m ON m.tenant_id = c.tenant_id AND m.id = c.metric_id
    WHERE c.tenant_id = :tenant_id"""
_SINCE = text(f"""
    SELECT {_COLUMNS} AND c.holds_from > to_timestamp(0) + CAST(:since_ms AS bigint) * interval '1 millisecond'""")
_UNSEEN = text(f"SELECT {_COLUMNS} AND c.id > :seen")
_NEWEST = text("SELECT coalesce(max(id), 0) FROM detection_settings WHERE tenant_id = :tenant_id")
_SEEN = text("SELECT shard, seen FROM detection_settings_seen WHERE tenant_id = :tenant_id")
_KEEP_SEEN = text("""
    INSERT INTO detection_settings_seen (tenant_id, shard, seen)
    SELECT :tenant_id, shard, :seen FROM unnest(CAST(:shards AS integer[])) AS shard
    ON CONFLICT (tenant_id, shard) DO UPDATE SET seen = excluded.seen""")


async def add_change(
    work: UnitOfWork,
    metric_id: UUID | None,
    settings: Settings | None,
    replaced: Settings | None,
    holds_from_ms: int | None = None,
) -> None:
    """Let settings hold from now on, or from a time in milliseconds; `metric_id` None for the tenant's default.

    To be called after the change was journaled: the journal's lock makes the order of numbers that of the commits.
    """
    parameters = {"tenant_id": work.tenant_id, "metric_id": metric_id, "holds_from_ms": holds_from_ms}
    await work.execute(_ADD, {**parameters, "settings": _json(settings), "replaced": _json(replaced)})


async def changes_since(work: UnitOfWork, since_ms: int) -> list[SettingsChange]:
    """Those that hold from a later time only."""
    rows = await work.execute(_SINCE, {"tenant_id": work.tenant_id, "since_ms": since_ms})
    return [_change(row) for row in rows]


async def newest_change(work: UnitOfWork) -> int:
    """Number of the newest change that has committed, 0 before the first."""
    return int((await work.execute(_NEWEST, {"tenant_id": work.tenant_id})).scalar_one())


async def unseen_changes(work: UnitOfWork, seen: int) -> list[SettingsChange]:
    rows = await work.execute(_UNSEEN, {"tenant_id": work.tenant_id, "seen": seen})
    return [_change(row) for row in rows]


async def seen_by_shard(work: UnitOfWork) -> dict[int, int]:
    """The newest change that each shard has been judged by."""
    return {row.shard: row.seen for row in await work.execute(_SEEN, {"tenant_id": work.tenant_id})}


async def keep_seen(work: UnitOfWork, shards: Sequence[int], seen: int) -> None:
    await work.execute(_KEEP_SEEN, {"tenant_id": work.tenant_id, "shards": list(shards), "seen": seen})


def _json(settings: Settings | None) -> str | None:
    return None if settings is None else json.dumps(dict(settings))


def _change(row: Row[Any]) -> SettingsChange:
    return SettingsChange(row.id, row.series_id, row.holds_from_ms, row.settings, row.replaced)
