from typing import Any

import pytest
from plantwright.core.errors import ConfigurationError
from plantwright.core.settings import Settings, role_name

KEY = "k" * 32


def make(**changes: Any) -> Settings:
    values = {
        "DATABASE_URL": "postgresql://owner:secret@db.example:5433/plant?application_name=x",
        "PLANTWRIGHT_SECRET_KEY": KEY,
        "PLANTWRIGHT_AUDIT_HMAC_KEY": KEY,
    }
    return Settings.model_validate(values | changes)


def test_each_role_gets_its_own_url_on_the_same_server() -> None:
    settings = make()
    urls = {role: settings.role_url(role) for role in ("app", "worker", "ingest")}
    assert len(set(urls.values())) == 3
    for role, url in urls.items():
        password = settings.role_password(f"plant_{role}")
        assert url == f"postgresql://plant_{role}:{password}@db.example:5433/plant?application_name=x"
        assert "secret" not in url


def test_the_passwords_depend_on_the_key_and_the_role() -> None:
    one, another = make(), make(PLANTWRIGHT_SECRET_KEY="l" * 32)
    passwords = {settings.role_password(role) for settings in (one, another) for role in ("a_app", "b_app")}
    assert len(passwords) == 4
    assert all(set(password) <= set("0123456789abcdef") for password in passwords)


def test_an_explicit_url_wins() -> None:
    settings = make(PLANTWRIGHT_WORKER_DATABASE_URL="postgresql://w:p@else/where")
    assert settings.role_url("worker") == "postgresql://w:p@else/where"


def test_a_database_name_is_decoded_before_the_role_is_named() -> None:
    url = make(DATABASE_URL="postgresql://o:s@h/my%20plant").role_url("app")
    assert url.startswith("postgresql://my%20plant_app:")
    assert url.endswith("@h/my%20plant")


@pytest.mark.parametrize("name", ["x" * 57, 'pl"ant', "ü" * 29])
def test_a_name_that_postgresql_would_cut_is_refused(name: str) -> None:
    with pytest.raises(ConfigurationError, match="cannot be used"):
        role_name(name, "worker")


@pytest.mark.parametrize("key", ["", "short", "k" * 31])
def test_weak_keys_are_refused_by_name(key: str) -> None:
    settings = make(PLANTWRIGHT_SECRET_KEY=key, PLANTWRIGHT_AUDIT_HMAC_KEY=key)
    with pytest.raises(ConfigurationError, match="PLANTWRIGHT_SECRET_KEY must be set to at least 32"):
        settings.role_url("app")
    with pytest.raises(ConfigurationError, match="PLANTWRIGHT_AUDIT_HMAC_KEY must be set to at least 32"):
        settings.audit_key_material()


def test_a_missing_database_is_named() -> None:
    with pytest.raises(ConfigurationError, match="DATABASE_URL is not set"):
        make(DATABASE_URL=None).role_url("app")


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://e:s@h/env")
    monkeypatch.setenv("PLANTWRIGHT_AUDIT_HMAC_KEY", "a" * 40)
    settings = Settings()
    assert settings.owner_url().endswith("/env")
    assert settings.audit_key_material() == b"a" * 40


def test_nothing_secret_is_printed() -> None:
    assert KEY not in repr(make())
    assert "secret@" not in repr(make())
