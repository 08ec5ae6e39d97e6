"""`reset` drops what is ours, and nothing while it is in use."""

from pathlib import Path

import pytest
from plantwright.embedded.cli import app
from plantwright.embedded.lock import InstanceLock
from plantwright.embedded.up import LOCK_FILE
from typer.testing import CliRunner


@pytest.fixture
def used(tmp_path: Path) -> Path:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "api.log").write_text("x")
    (tmp_path / "secrets.json").write_text("{}")
    (tmp_path / "notes.txt").write_text("not ours")
    return tmp_path


def test_it_refuses_while_running(used: Path) -> None:
    lock = InstanceLock(used / LOCK_FILE).acquire("http://localhost:8000")
    result = CliRunner().invoke(app, ["reset", "--yes", "--data-dir", str(used)])
    lock.release()
    assert result.exit_code == 1
    assert "is running" in result.output
    assert (used / "secrets.json").exists()


def test_a_person_who_says_no_keeps_everything(used: Path) -> None:
    result = CliRunner().invoke(app, ["reset", "--data-dir", str(used)], input="n\n")
    assert result.exit_code == 1
    assert (used / "secrets.json").exists()


def test_it_drops_ours_and_leaves_the_rest(used: Path) -> None:
    result = CliRunner().invoke(app, ["reset", "--yes", "--data-dir", str(used)])
    assert result.exit_code == 0
    assert [path.name for path in used.iterdir()] == ["notes.txt"]


def test_nothing_to_drop_is_said(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["reset", "--data-dir", str(tmp_path)])
    assert result.exit_code == 0
    assert "no local data" in result.output
