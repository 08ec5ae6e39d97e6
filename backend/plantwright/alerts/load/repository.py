"""SQL of transitions, floods and groups."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, or_, text, update
from sqlalchemy import select as select_columns
from sqlmodel import col, select

from plantwright.alerts.load.floods import FLOOD_WINDOW
from plantwright.alerts.load.groups import GROUP_WITHIN, Leader
from plantwright.alerts.load.models import Flood, Transition
from plantwright.alerts.models import Alert
from plantwright.core.database import UnitOfWork

_FIRST_OUT = text("""
    SELECT f.id, first.alert_id FROM alert_flood f CROSS JOIN LATERAL (
        SELECT t.alert_id FROM alert_transition t
        WHERE t.tenant_id = f.tenant_id AND t.site = f.site AND t.is_activation AND NOT t.is_suppressed
          AND t.at > f.began_at - CAST(:window AS interval) AND t.at <= f.began_at
        ORDER BY t.at, t.id LIMIT 1) first
    WHERE f.tenant_id = :tenant_id AND f.id = ANY (CAST(:flood_ids AS uuid[]))""")


async def running_floods(work: UnitOfWork, sites: Collection[str]) -> Sequence[Flood]:
    statement = select(Flood).where(
        Flood.tenant_id == work.tenant_id, col(Flood.site).in_(sites), col(Flood.ended_at).is_(None)
    )
    return (await work.session.exec(statement)).all()


async def floods(work: UnitOfWork, *, since: datetime | None, limit: int) -> Sequence[Flood]:
    """Those that last, and with `since` those that ended after it; newest first."""
    lasting = col(Flood.ended_at).is_(None)
    wanted = lasting if since is None else or_(lasting, col(Flood.ended_at) >= since)
    statement = select(Flood).where(Flood.tenant_id == work.tenant_id, wanted)
    return (await work.session.exec(statement.order_by(col(Flood.began_at).desc()).limit(limit))).all()


async def quiet_floods(work: UnitOfWork, now: datetime) -> Sequence[Flood]:
    statement = select(Flood).where(
        Flood.tenant_id == work.tenant_id, col(Flood.ended_at).is_(None), col(Flood.quiet_at) <= now
    )
    return (await work.session.exec(statement.with_for_update())).all()


async def first_outs(work: UnitOfWork, flood_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """The alert that was out first within the ten minutes in which each flood began; by flood."""
    parameters = {"tenant_id": work.tenant_id, "flood_ids": list(flood_ids), "window": FLOOD_WINDOW}
    return {row.id: row.alert_id for row in (await work.execute(_FIRST_OUT, parameters)).all()}


async def activations(
    work: UnitOfWork, sites: Collection[str], after: datetime, until: datetime
) -> Mapping[str, Sequence[datetime]]:
    """Times by site, ascending; without what was suppressed."""
    statement = (
        select_columns(col(Transition.site), col(Transition.at))
        .where(
            col(Transition.tenant_id) == work.tenant_id,
            col(Transition.site).in_(sites),
            col(Transition.is_activation),
            ~col(Transition.is_suppressed),
            col(Transition.at) > after,
            col(Transition.at) <= until,
        )
        .order_by(col(Transition.at))
    )
    by_site: dict[str, list[datetime]] = defaultdict(list)
    for row in (await work.execute(statement)).all():
        by_site[row.site].append(row.at)
    return by_site


async def leaders(
    work: UnitOfWork, machine_ids: Collection[UUID], flooded: Collection[str], first: datetime, last: datetime
) -> list[Leader]:
    """First alerts of groups of these machines or flooded sites, which an alert of that time could join."""
    statement = select_columns(col(Alert.id), col(Alert.machine_id), col(Alert.site), col(Alert.raised_at)).where(
        col(Alert.tenant_id) == work.tenant_id,
        col(Alert.group_id).is_(None),
        or_(col(Alert.machine_id).in_(machine_ids), col(Alert.site).in_(flooded)),
        and_(col(Alert.raised_at) >= first - GROUP_WITHIN, col(Alert.raised_at) <= last + GROUP_WITHIN),
    )
    rows = (await work.execute(statement)).all()
    return [Leader(row.id, row.machine_id, row.site, row.raised_at) for row in rows]


async def follow(work: UnitOfWork, old_leader: UUID, new_leader: UUID) -> None:
    """The group of one alert becomes that of another, which came later but was out earlier."""
    members = or_(col(Alert.group_id) == old_leader, col(Alert.id) == old_leader)
    await work.execute(update(Alert).where(col(Alert.tenant_id) == work.tenant_id, members).values(group_id=new_leader))


async def lead(work: UnitOfWork, alert_id: UUID) -> None:
    await work.execute(
        update(Alert).where(col(Alert.tenant_id) == work.tenant_id, col(Alert.id) == alert_id).values(group_id=None)
    )


async def leave_shelf(work: UnitOfWork, shelf_id: UUID, *, but: UUID) -> None:
    """Only one alert carries a shelf: the newest of its key."""
    await work.execute(
        update(Alert)
        .where(col(Alert.tenant_id) == work.tenant_id, col(Alert.shelf_id) == shelf_id, col(Alert.id) != but)
        .values(shelf_id=None, shelved_until=None)
    )
