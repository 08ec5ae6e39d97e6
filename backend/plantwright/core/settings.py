"""Settings from the environment; nothing else reads it."""

import hashlib
import hmac
from functools import cache
from pathlib import Path
from typing import Literal
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from plantwright.core.errors import ConfigurationError

DatabaseRole = Literal["app", "worker", "ingest"]
_LONGEST_IDENTIFIER = 63
DATABASE_ROLES: tuple[DatabaseRole, ...] = ("app", "worker", "ingest")


class Settings(BaseSettings):
    """Each field is the environment variable of its alias; see docs/getting-started.md."""

    model_config = SettingsConfigDict(extra="ignore", populate_by_name=True)

    owner_database_url: SecretStr | None = Field(default=None, alias="DATABASE_URL")
    app_database_url: SecretStr | None = Field(default=None, alias="PLANTWRIGHT_APP_DATABASE_URL")
    worker_database_url: SecretStr | None = Field(default=None, alias="PLANTWRIGHT_WORKER_DATABASE_URL")
    ingest_database_url: SecretStr | None = Field(default=None, alias="PLANTWRIGHT_INGEST_DATABASE_URL")
    redis_url: SecretStr = Field(default=SecretStr("redis://127.0.0.1:6379/0"), alias="REDIS_URL")
    secret_key: SecretStr = Field(default=SecretStr(""), alias="PLANTWRIGHT_SECRET_KEY")
    audit_hmac_key: SecretStr = Field(default=SecretStr(""), alias="PLANTWRIGHT_AUDIT_HMAC_KEY")
    data_dir: Path = Field(default=Path(".plantwright"), alias="PLANTWRIGHT_DATA_DIR")
    spa_dir: Path | None = Field(default=None, alias="PLANTWRIGHT_SPA_DIR")
    public_url: str = Field(default="http://localhost:8000", alias="PLANTWRIGHT_PUBLIC_URL")
    access_token_minutes: int = Field(default=480, alias="PLANTWRIGHT_ACCESS_TOKEN_MINUTES", ge=1, le=1440)
    is_registration_open: bool = Field(default=False, alias="PLANTWRIGHT_REGISTRATION")
    session_days: int = Field(default=30, alias="PLANTWRIGHT_SESSION_DAYS", ge=1, le=365)
    session_idle_days: int = Field(default=7, alias="PLANTWRIGHT_SESSION_IDLE_DAYS", ge=1, le=365)
    source_networks: str = Field(default="", alias="PLANTWRIGHT_SOURCE_NETWORKS")
    previous_secret_keys: SecretStr = Field(default=SecretStr(""), alias="PLANTWRIGHT_PREVIOUS_SECRET_KEYS")
    outbound_networks: str = Field(default="", alias="PLANTWRIGHT_OUTBOUND_NETWORKS")
    outbound_ports: str = Field(default="", alias="PLANTWRIGHT_OUTBOUND_PORTS")
    outbound_proxy: SecretStr | None = Field(default=None, alias="PLANTWRIGHT_OUTBOUND_PROXY")
    outbound_ca_file: Path | None = Field(default=None, alias="PLANTWRIGHT_OUTBOUND_CA_FILE")
    smtp_url: SecretStr | None = Field(default=None, alias="PLANTWRIGHT_SMTP_URL")
    smtp_from: str = Field(default="", alias="PLANTWRIGHT_SMTP_FROM")
    is_apprise_allowed: bool = Field(default=False, alias="PLANTWRIGHT_APPRISE")
    log_level: str = Field(default="info", alias="PLANTWRIGHT_LOG_LEVEL")

    def owner_url(self) -> str:
        """The URL migrations run with.

        Raises:
            ConfigurationError: DATABASE_URL is not set.
        """
        if self.owner_database_url is None:
            raise ConfigurationError("DATABASE_URL is not set. Set it to the URL of the database owner.")
        return self.owner_database_url.get_secret_value()

    def role_url(self, role: DatabaseRole) -> str:
        """The URL of one least-privilege role: as set, else derived from DATABASE_URL and the secret key."""
        explicit: SecretStr | None = getattr(self, f"{role}_database_url")
        if explicit is not None:
            return explicit.get_secret_value()
        owner = urlsplit(self.owner_url())
        user = role_name(unquote(owner.path.lstrip("/")), role)
        host = owner.netloc.rpartition("@")[2]
        netloc = f"{quote(user, safe='')}:{quote(self.role_password(user))}@{host}"
        return urlunsplit(owner._replace(netloc=netloc))

    def role_password(self, role: str) -> str:
        return hmac.new(self.key_material(), f"role:{role}".encode(), hashlib.sha256).hexdigest()

    def key_material(self) -> bytes:
        return _strong_key(self.secret_key, "PLANTWRIGHT_SECRET_KEY")

    def previous_key_material(self) -> list[bytes]:
        """Secret keys that were used before, newest first: what they encrypted can still be read."""
        keys = (key.strip() for key in self.previous_secret_keys.get_secret_value().split(","))
        return [key.encode() for key in keys if key]

    def audit_key_material(self) -> bytes:
        return _strong_key(self.audit_hmac_key, "PLANTWRIGHT_AUDIT_HMAC_KEY")


def role_name(database: str, role: DatabaseRole) -> str:
    """Roles are global to a PostgreSQL server, so each database brings its own three.

    Raises:
        ConfigurationError: PostgreSQL would cut the name, and the roles of two databases could become one.
    """
    name = f"{database}_{role}"
    if len(name.encode()) > _LONGEST_IDENTIFIER or '"' in name:
        raise ConfigurationError(
            f"The database name {database!r} cannot be used: take one of at most 56 bytes without quotation marks."
        )
    return name


def _strong_key(value: SecretStr, variable: str) -> bytes:
    key = value.get_secret_value().encode()
    if len(key) < 32:  # noqa: PLR2004 - RFC 2104 advises keys no shorter than the hash output
        raise ConfigurationError(f"{variable} must be set to at least 32 random characters.")
    return key


@cache
def load_settings() -> Settings:
    return Settings()
