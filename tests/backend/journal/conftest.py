from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from plantwright.core.settings import Settings
from plantwright.identity.models import Tier
from plantwright.identity.registration import create_tenant
from plantwright.journal.service import Journal

from tests.backend.journal.tampering import ROWS, Chain, intruding
from tests.conftest import Databases


@pytest.fixture
async def chain(settings: Settings, databases: Databases, journal: Journal) -> AsyncIterator[Chain]:
    mine, other = [await _tenant(databases, journal, name) for name in ("mine", "other")]
    async with intruding(settings.owner_url(), mine) as intruder:
        made = Chain(databases, journal, mine, intruder, other)
        for _ in range(ROWS - 1):
            await made.append()
            head = await intruder.head()
            made.old_heads[head["sequence"]] = head
        yield made


async def _tenant(databases: Databases, journal: Journal, name: str) -> UUID:
    return (await create_tenant(databases.app, journal, name=name, tier=Tier.PRO)).id
