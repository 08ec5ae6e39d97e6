from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from plantwright.core.settings import Settings
from plantwright.identity.authentication import Authenticator
from plantwright.identity.door import IdentityDoor
from plantwright.identity.sessions import SessionStore
from plantwright.identity.tokens import TokenIssuer
from plantwright.journal.service import Journal

from tests.conftest import Databases


@pytest.fixture
def tokens(settings: Settings) -> TokenIssuer:
    return TokenIssuer(settings.key_material(), timedelta(hours=8))


@pytest.fixture
async def sessions(settings: Settings) -> AsyncIterator[SessionStore]:
    store = SessionStore(settings.redis_url.get_secret_value())
    yield store
    await store.close()


@pytest.fixture
def authenticator(databases: Databases, journal: Journal, tokens: TokenIssuer, sessions: SessionStore) -> Authenticator:
    return Authenticator(databases.app, journal, tokens, sessions)


@pytest.fixture
def door(databases: Databases, journal: Journal, sessions: SessionStore) -> IdentityDoor:
    return IdentityDoor(databases.app, journal, sessions, "https://plant.example/")
