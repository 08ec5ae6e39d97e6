"""Names to series, and how many metrics a tenant may have."""

import asyncio

import pytest
from plantwright.assets.series import METRIC_LIMITS, SeriesCache
from plantwright.identity.models import Tier
from sqlalchemy import event, text

from tests.conftest import Databases
from tests.factories import MachineFactory, MadeTenant, TenantFactory

LIMITS = {Tier.FREE: 12, Tier.PRO: 20, Tier.ENTERPRISE: 40}


@pytest.fixture
async def free_tenant(make_tenant: TenantFactory, make_machine: MachineFactory) -> MadeTenant:
    tenant = await make_tenant(Tier.FREE)
    await make_machine(tenant, "PUMP-1", {"known": "mm/s"})
    return tenant


def cache(databases: Databases) -> SeriesCache:
    return SeriesCache(databases.app, limits=LIMITS)


async def metrics_of(databases: Databases, tenant: MadeTenant) -> int:
    async with databases.app.reading(tenant.id) as work:
        return int((await work.execute(text("SELECT count(*) FROM metric"))).scalar_one())


def test_every_tier_has_a_limit() -> None:
    assert set(METRIC_LIMITS) == set(Tier)


async def test_names_past_the_limit_are_refused_and_known_ones_go_on(
    databases: Databases, free_tenant: MadeTenant
) -> None:
    names = [("PUMP-1", f"made-{number:04}", "") for number in range(1_000)]
    verdicts = await cache(databases).resolve(free_tenant.id, [*names, ("PUMP-1", "known", "mm/s")])

    made = [name for name in names if isinstance(verdicts[name], int)]
    refused = {verdicts[name] for name in names if isinstance(verdicts[name], str)}
    assert len(made) == LIMITS[Tier.FREE] - 1
    assert refused == {"The tenant has 12 metrics, the most its tier allows: no new metric is made"}
    assert isinstance(verdicts["PUMP-1", "known", "mm/s"], int)
    assert await metrics_of(databases, free_tenant) == LIMITS[Tier.FREE]

    elsewhere = await cache(databases).resolve(free_tenant.id, [*made, names[-1]])
    assert {name: elsewhere[name] for name in made} == {name: verdicts[name] for name in made}
    assert isinstance(elsewhere[names[-1]], str)


async def test_the_limit_is_exact_when_many_processes_make_metrics_at_once(
    databases: Databases, free_tenant: MadeTenant
) -> None:
    caches = [cache(databases) for _ in range(6)]
    names = [[("PUMP-1", f"{sender}-{number}", "") for number in range(5)] for sender in range(6)]
    answers = await asyncio.gather(
        *(one.resolve(free_tenant.id, wanted) for one, wanted in zip(caches, names, strict=True))
    )

    made = [verdict for answer in answers for verdict in answer.values() if isinstance(verdict, int)]
    assert len(made) == LIMITS[Tier.FREE] - 1
    assert await metrics_of(databases, free_tenant) == LIMITS[Tier.FREE]


async def test_a_refused_name_costs_no_query_until_there_may_be_room(
    databases: Databases, free_tenant: MadeTenant
) -> None:
    names = [("PUMP-1", f"made-{number:02}", "") for number in range(20)]
    limits = dict(LIMITS)
    lasting, forgetful = (
        SeriesCache(databases.app, limits=limits),
        SeriesCache(databases.app, limits=limits, no_room_seconds=0),
    )
    await lasting.resolve(free_tenant.id, names)
    await forgetful.resolve(free_tenant.id, names)
    statements: list[str] = []
    event.listen(databases.app.engine.sync_engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    limits[Tier.FREE] = 100

    assert isinstance((await lasting.resolve(free_tenant.id, names))[names[-1]], str)
    assert statements == []
    assert isinstance((await forgetful.resolve(free_tenant.id, names))[names[-1]], int)
    assert statements


async def test_a_tenant_above_its_limit_keeps_what_it_has(databases: Databases, free_tenant: MadeTenant) -> None:
    names = [("PUMP-1", f"made-{number}", "") for number in range(11)]
    await cache(databases).resolve(free_tenant.id, names)
    smaller = SeriesCache(databases.app, limits=LIMITS | {Tier.FREE: 5})

    verdicts = await smaller.resolve(free_tenant.id, [*names, ("PUMP-1", "one more", "")])

    assert all(isinstance(verdicts[name], int) for name in names)
    assert verdicts["PUMP-1", "one more", ""] == (
        "The tenant has 12 metrics, the most its tier allows: no new metric is made"
    )


async def test_a_machine_is_known_once_it_is_registered(
    databases: Databases, free_tenant: MadeTenant, make_machine: MachineFactory
) -> None:
    one = SeriesCache(databases.app, unknown_seconds=0)
    name = ("PUMP-2", "vibration_rms", "mm/s")
    assert await one.resolve(free_tenant.id, [name]) == {name: "Machine not found"}

    await make_machine(free_tenant, "PUMP-2")

    assert isinstance((await one.resolve(free_tenant.id, [name]))[name], int)
