"""Both servers, for real: started, used, stopped, started again."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
import redis
from plantwright.embedded.errors import AlreadyRunningError, LocalStartError
from plantwright.embedded.place import find_place, remove_elsewhere
from plantwright.embedded.processes import started_at
from plantwright.embedded.secrets import load_or_create
from plantwright.embedded.services import Services, start_services


def query(url: str, statement: str) -> object:
    async def ask() -> object:
        connection = await asyncpg.connect(url)
        try:
            return await connection.fetchval(statement)
        finally:
            await connection.close()

    return asyncio.run(ask())


def bus(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, decode_responses=True, single_connection_client=True)


def pids(services: Services) -> list[int]:
    assert services.postgres.child is not None
    assert services.valkey.child is not None
    return [services.postgres.child.process.pid, services.valkey.child.process.pid]


def test_throw_away_servers_answer_and_leave_nothing() -> None:
    with start_services() as services:
        running = pids(services)
        assert query(services.database_url, "select upper('é')") == "É"
        with bus(services.redis_url) as client:
            assert client.set("key", "value")
        assert all(started_at(pid) for pid in running)
    assert not any(started_at(pid) for pid in running)
    assert not services.data_dir.exists()


def test_data_survives_a_second_start(data_dir: Path) -> None:
    with start_services(data_dir) as first:
        query(first.database_url, "create table kept as select 42 as answer")
        with bus(first.redis_url) as client:
            client.set("kept", "42")
    with start_services(data_dir, ports=(first.postgres.port, first.valkey.port)) as second:
        assert (second.database_url, second.redis_url) == (first.database_url, first.redis_url)
        assert query(second.database_url, "select answer from kept") == 42
        with bus(second.redis_url) as client:
            assert client.get("kept") == "42"
        with pytest.raises(AlreadyRunningError, match="already running"):
            start_services(data_dir)
        assert query(second.database_url, "select answer from kept") == 42


def test_two_run_side_by_side() -> None:
    with start_services() as one, start_services() as other:
        assert one.postgres.port != other.postgres.port
        query(one.database_url, "create table mine (i int)")
        assert query(other.database_url, "select to_regclass('mine') is null") is True


def test_wrong_password_is_refused_by_both() -> None:
    with start_services() as services:
        scheme, _, rest = services.database_url.partition("://plantwright:")
        with pytest.raises(asyncpg.InvalidPasswordError):
            query(f"{scheme}://plantwright:guess@{rest.partition('@')[2]}", "select 1")
        with pytest.raises(redis.AuthenticationError):
            bus(services.redis_url.replace("redis://:", "redis://:not"))


def test_password_is_on_no_command_line() -> None:
    with start_services() as services:
        secrets = json.loads((services.data_dir / "secrets.json").read_text())
        shown = b"".join(Path(f"/proc/{pid}/cmdline").read_bytes() for pid in pids(services))
        assert secrets["database_password"].encode() not in shown
        assert secrets["redis_password"].encode() not in shown
        assert (services.data_dir / "secrets.json").stat().st_mode & 0o077 == 0


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An installation that has run and was stopped."""
    folder = tmp_path_factory.mktemp("installation")
    start_services(folder).stop()
    yield folder
    remove_elsewhere(folder)


def test_secrets_of_another_installation_are_explained(stopped: Path) -> None:
    secrets = (stopped / "secrets.json").rename(stopped / "secrets.kept")
    with pytest.raises(LocalStartError, match="do not belong together"):
        start_services(stopped)
    secrets.rename(stopped / "secrets.json")


def test_damaged_secrets_are_explained(tmp_path: Path) -> None:
    (tmp_path / "secrets.json").write_text("{")
    with pytest.raises(LocalStartError, match="is damaged"):
        load_or_create(tmp_path)


def test_a_foreign_pid_in_the_lock_file_does_not_block(stopped: Path) -> None:
    with start_services(stopped) as services:
        lock_file = services.postgres._data / "postmaster.pid"
        content = lock_file.read_text().split("\n", 1)[1]
    lock_file.write_text(f"1\n{content}")
    with start_services(stopped) as again:
        assert query(again.database_url, "select 1") == 1


def test_programs_of_another_version_are_refused(stopped: Path) -> None:
    version = find_place(stopped).server_folder("postgres") / "data" / "PG_VERSION"
    kept = version.read_text()
    version.write_text("14\n")
    with pytest.raises(LocalStartError, match=r"made by PostgreSQL 14[\s\S]*PG_BIN"):
        start_services(stopped)
    version.write_text(kept)


def test_pg_bin_without_programs_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PG_BIN", str(tmp_path))
    with pytest.raises(LocalStartError, match=r"PG_BIN names .* no initdb, postgres, psql"):
        start_services()
