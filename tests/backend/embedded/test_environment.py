"""Each process is told what it needs and no more."""

import json
from pathlib import Path

import pytest
from plantwright.embedded.environment import Addresses, Environments, publish
from plantwright.embedded.secrets import LocalSecrets

OWNER = "postgresql://plantwright:ownerpassword@127.0.0.1:5999/plantwright"


@pytest.fixture
def addresses(tmp_path: Path) -> Addresses:
    return Addresses(OWNER, "redis://:r@127.0.0.1:6999/0", "http://localhost:8000", tmp_path, tmp_path / "dist")


def test_only_the_operator_gets_the_owner(addresses: Addresses) -> None:
    environments = Environments(addresses, LocalSecrets(), {"PATH": "/bin", "DATABASE_URL": OWNER})
    api, worker = environments.with_roles("app", "ingest"), environments.with_roles("worker")
    assert "ownerpassword" not in json.dumps([api, worker, environments.without_database()])
    assert environments.for_operator()["DATABASE_URL"] == OWNER
    assert "PLANTWRIGHT_WORKER_DATABASE_URL" not in api
    assert set(worker) & {"PLANTWRIGHT_APP_DATABASE_URL", "PLANTWRIGHT_INGEST_DATABASE_URL"} == set()
    sources = environments.for_sources()
    assert "PLANTWRIGHT_INGEST_DATABASE_URL" in sources
    assert not {"PLANTWRIGHT_APP_DATABASE_URL", "PLANTWRIGHT_AUDIT_HMAC_KEY", "DATABASE_URL"} & set(sources)
    assert "plantwright_app:" in api["PLANTWRIGHT_APP_DATABASE_URL"]


def test_agent_and_plant_get_no_secret(addresses: Addresses) -> None:
    secrets = LocalSecrets()
    given = {"PLANTWRIGHT_SECRET_KEY": "k" * 40, "REDIS_URL": "redis://elsewhere"}
    bare = Environments(addresses, secrets, given).without_database()
    assert not {"DATABASE_URL", "REDIS_URL", "PLANTWRIGHT_SECRET_KEY", "PLANTWRIGHT_AUDIT_HMAC_KEY"} & set(bare)


def test_what_the_operator_sets_wins(addresses: Addresses) -> None:
    given = {"PLANTWRIGHT_SECRET_KEY": "k" * 40, "PLANTWRIGHT_APP_DATABASE_URL": "postgresql://mine@db/x"}
    api = Environments(addresses, LocalSecrets(), given).with_roles("app")
    assert api["PLANTWRIGHT_SECRET_KEY"] == "k" * 40
    assert api["PLANTWRIGHT_APP_DATABASE_URL"] == "postgresql://mine@db/x"


def test_the_published_file_is_private_and_holds_only_ours(addresses: Addresses, tmp_path: Path) -> None:
    path = publish(Environments(addresses, LocalSecrets(), {"HOME": "/root", "PATH": "/bin"}), tmp_path)
    assert path.stat().st_mode & 0o077 == 0
    told = json.loads(path.read_text())
    assert told["DATABASE_URL"] == OWNER
    assert not {"HOME", "PATH"} & set(told)
