from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from plantwright.core.settings import Settings
from plantwright.identity.authentication import Authenticator
from plantwright.identity.sessions import SessionStore
from plantwright.identity.tokens import TokenIssuer
from plantwright.journal.service import Journal

from tests.conftest import Databases


@pytest.fixture
def tokens(settings: Settings) -> TokenIssuer:
    return TokenIssuer(settings.key_material(), timedelta(hours=8))


@pytest.fixture
async def authenticator(
    settings: Settings, databases: Databases, journal: Journal, tokens: TokenIssuer
) -> AsyncIterator[Authenticator]:
    sessions = SessionStore(settings.redis_url.get_secret_value())
    yield Authenticator(databases.app, journal, tokens, sessions)
    await sessions.close()
