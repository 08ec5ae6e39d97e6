"""Numbered pages cut out of keyset connections."""

import pytest
from plantwright.core.database import Database
from plantwright.journal.service import Fact, Journal

from tests.backend.rest.caller import Caller
from tests.conftest import Databases
from tests.factories import MadeTenant

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def fill(database: Database, journal: Journal, tenant: MadeTenant, up_to: int) -> None:
    """Journal rows until there are `up_to`; number n is `note.n`."""
    async with database.transaction(tenant.id) as work:
        facts = [
            Fact(action="note.made", resource_type="note", resource_id=str(number), payload={})
            for number in range(up_to)
        ]
        await journal.append(work, *facts)


async def test_every_item_is_on_one_page(
    viewer: Caller, databases: Databases, journal: Journal, tenant: MadeTenant
) -> None:
    await fill(databases.app, journal, tenant, 230)
    seen: list[str] = []
    for page in range(1, 5):
        listed = await viewer.get("/audit-records", resource_type="note", page=page, page_size=70)
        assert (listed["total"], listed["total_pages"]) == (230, 4)
        assert (listed["page"], listed["page_size"]) == (page, 70)
        seen += [record["resource_id"] for record in listed["items"]]
    assert seen == [str(number) for number in reversed(range(230))]


@pytest.mark.parametrize("page", [4, 9, 100])
async def test_a_page_behind_the_last_is_empty(
    viewer: Caller, databases: Databases, journal: Journal, tenant: MadeTenant, page: int
) -> None:
    await fill(databases.app, journal, tenant, 150)
    listed = await viewer.get("/audit-records", resource_type="note", page=page, page_size=50)
    assert listed == {"items": [], "total": 150, "page": page, "page_size": 50, "total_pages": 3}


async def test_an_empty_list_has_no_pages(viewer: Caller) -> None:
    for page in (1, 2):
        listed = await viewer.get("/machines", page=page)
        assert listed == {"items": [], "total": 0, "page": page, "page_size": 20, "total_pages": 0}


@pytest.mark.parametrize("params", [{"page": 501}, {"page": 101, "page_size": 100}, {"page": 2**31 - 1}])
async def test_a_page_too_deep_is_refused(viewer: Caller, params: dict[str, int]) -> None:
    status, detail = await viewer.refused("GET", "/audit-records", params=params)
    assert (status, detail) == (400, "Pages reach as far as item 10,000: narrow the list with its filters.")


async def test_the_deepest_page_is_answered(viewer: Caller) -> None:
    listed = await viewer.get("/audit-records", page=100, page_size=100)
    assert listed["items"] == []
