"""A data folder whose servers' data goes with it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from plantwright.embedded.place import remove_elsewhere


@pytest.fixture
def data_dir(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "data"
    yield folder
    remove_elsewhere(folder)
