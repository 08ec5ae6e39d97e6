from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.agent.peer import Peer, free_port


@pytest.fixture
def peer() -> Iterator[Peer]:
    server = Peer(free_port())
    server.up()
    yield server
    server.down()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "buffer"
