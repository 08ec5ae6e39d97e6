"""The compose file, checked without a container engine."""

import importlib.util
import os
import re
import runpy
import socket
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from plantwright.core.settings import Settings

ROOT = Path(__file__).parents[3]
DEPLOY = ROOT / "deploy"
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
ONE_SHOT = {"migrate"}
each_service = pytest.mark.parametrize("name", SERVICES)


def entry_points() -> set[str]:
    projects = [tomllib.loads((ROOT / part / "pyproject.toml").read_text()) for part in ("backend", "agent")]
    return {name for project in projects for name in project["project"]["scripts"]}


@each_service
def test_health_is_checked_or_it_ends_by_itself(name: str) -> None:
    service = SERVICES[name]
    assert ("healthcheck" in service) != (name in ONE_SHOT)
    assert service["restart"] == ("no" if name in ONE_SHOT else "unless-stopped")


@each_service
def test_it_runs_without_privileges(name: str) -> None:
    service = SERVICES[name]
    assert int(service["user"].partition(":")[0]) > 0
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]


@each_service
def test_its_image_is_pinned(name: str) -> None:
    assert re.search(r":v?\d+\.\d+\.\d+", SERVICES[name]["image"])


@pytest.mark.parametrize("file", ["Dockerfile", "proxy.Dockerfile"])
def test_base_images_are_pinned(file: str) -> None:
    lines = (DEPLOY / file).read_text().splitlines()
    froms = [line.split() for line in lines if line.startswith("FROM ")]
    stages = {words[3] for words in froms if len(words) > 3}
    assert froms
    for words in froms:
        assert words[1] in stages or re.search(r":\d+\.\d+\.\d+", words[1])


@each_service
def test_what_it_depends_on_exists(name: str) -> None:
    service = SERVICES[name]
    for other, condition in service.get("depends_on", {}).items():
        expected = "service_completed_successfully" if other in ONE_SHOT else "service_healthy"
        assert condition == {"condition": expected}
        assert other in SERVICES
    assert set(service.get("networks", ())) <= set(COMPOSE["networks"])
    named = {volume.partition(":")[0] for volume in service.get("volumes", ())}
    assert {volume for volume in named if not volume.startswith(".")} <= set(COMPOSE["volumes"])


@each_service
def test_secrets_come_from_files_it_was_given(name: str) -> None:
    service = SERVICES[name]
    granted = set(service.get("secrets", ()))
    assert granted <= set(COMPOSE["secrets"])
    for variable, value in service.get("environment", {}).items():
        if variable.endswith("_FILE"):
            assert value.removeprefix("/run/secrets/") in granted
        else:
            assert not re.search("PASSWORD|SECRET|KEY|TOKEN|URL$", variable) or variable == "PLANTWRIGHT_PUBLIC_URL"


def test_no_secret_has_a_default() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    assert not re.search(r"\$\{[A-Z_]*(PASSWORD|SECRET|KEY|TOKEN)[A-Z_]*:?-", text)
    assert not re.search(r"://[^\s/@]+:[^\s/@]+@", text)


@pytest.mark.parametrize("name", ["migrate", "api", "worker", "sources", "agent"])
def test_commands_refer_to_what_is_there(name: str) -> None:
    program, *arguments = SERVICES[name]["command"]
    assert program in entry_points() | {"uvicorn"}
    if program == "uvicorn":
        assert importlib.util.find_spec(arguments[0].partition(":")[0])


def test_only_the_migration_knows_the_owner() -> None:
    holders = {name for name, service in SERVICES.items() if "owner_database_url" in service.get("secrets", ())}
    assert holders == {"migrate"}
    assert set(SERVICES["worker"]["secrets"]).isdisjoint({"app_database_url", "ingest_database_url"})


def test_what_speaks_with_devices_can_neither_write_the_journal_nor_act_as_a_person() -> None:
    held = set(SERVICES["sources"]["secrets"])
    assert held.isdisjoint({"app_database_url", "audit_hmac_key"})
    assert not any("AUDIT" in variable for variable in SERVICES["sources"]["environment"])


def test_database_and_bus_cannot_be_reached_from_outside() -> None:
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    for name in ("database", "bus"):
        assert SERVICES[name]["networks"] == ["inside"]
        assert "ports" not in SERVICES[name]


def test_the_proxy_speaks_tls_1_3_only() -> None:
    assert "protocols tls1.3 tls1.3" in (DEPLOY / "Caddyfile").read_text()


def test_made_secrets_are_complete_random_and_open_the_roles() -> None:
    make = runpy.run_path(str(DEPLOY / "make_secrets.py"))["make"]
    made, again = make(), make()
    assert set(made) == set(COMPOSE["secrets"]) - {"agent_api_key"}
    assert all(made[name] != again[name] for name in made)
    settings = Settings.model_validate(
        {"DATABASE_URL": made["owner_database_url"], "PLANTWRIGHT_SECRET_KEY": made["secret_key"]}
    )
    for role in ("app", "worker", "ingest"):
        assert settings.role_url(role) == made[f"{role}_database_url"]


def test_settings_read_secrets_from_files(tmp_path: Path) -> None:
    (tmp_path / "url").write_text("postgresql://a:b'$(id)@db/x\n")
    environment = {"PATH": os.environ["PATH"], "DATABASE_URL_FILE": str(tmp_path / "url")}
    done = subprocess.run([DEPLOY / "with-secrets", "env"], env=environment, capture_output=True, text=True, check=True)
    told = dict(line.split("=", 1) for line in done.stdout.splitlines())
    assert told["DATABASE_URL"] == "postgresql://a:b'$(id)@db/x"
    assert "DATABASE_URL_FILE" not in told


def test_a_missing_secret_file_is_named(tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "DATABASE_URL_FILE": str(tmp_path / "none")}
    done = subprocess.run(
        [DEPLOY / "with-secrets", "env"], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "DATABASE_URL_FILE" in done.stderr


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="the health check reads Linux's table of connections")
def test_worker_health_sees_a_lost_connection() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        check = [sys.executable, str(DEPLOY / "talks-to"), str(port)]
        with socket.create_connection(("127.0.0.1", port)):
            assert subprocess.run(check, check=False).returncode == 0
    lost = subprocess.run(check, capture_output=True, text=True, check=False)
    assert lost.returncode == 1
    assert f"no connection to port {port}" in lost.stderr
