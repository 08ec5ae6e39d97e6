from pathlib import Path

import pytest

from tests.backend.notifications.channels.receiving import House, make_house


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    folder: Path = tmp_path_factory.mktemp("receivers")
    return make_house(folder)
