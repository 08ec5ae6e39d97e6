"""What each process of a local installation is told, and no more.

The owner of the database runs migrations; the API gets the app and ingest roles, the worker its own, and what polls
devices the worker and ingest roles; the agent and the demo plant get no database at all.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from plantwright.core.settings import DATABASE_ROLES, DatabaseRole, Settings
from plantwright.embedded.secrets import LocalSecrets

FILE_NAME = "environment.json"
ROLE_VARIABLES: Mapping[DatabaseRole, str] = {
    role: f"PLANTWRIGHT_{role.upper()}_DATABASE_URL" for role in DATABASE_ROLES
}
CONFIDENTIAL = ("DATABASE_URL", "REDIS_URL", "PLANTWRIGHT_SECRET_KEY", "PLANTWRIGHT_AUDIT_HMAC_KEY", "PG_BIN")


@dataclass(frozen=True)
class Addresses:
    """Where things are; the URLs carry passwords."""

    database_url: str
    redis_url: str
    public_url: str
    data_dir: Path
    spa_dir: Path


class Environments:
    """Environment variables per kind of process. What the operator has set wins over what was made up."""

    def __init__(self, addresses: Addresses, secrets: LocalSecrets, given: Mapping[str, str] = os.environ) -> None:
        self._addresses = addresses
        self._bare = {
            name: value for name, value in given.items() if name not in (*CONFIDENTIAL, *ROLE_VARIABLES.values())
        } | {
            "PLANTWRIGHT_DATA_DIR": str(addresses.data_dir),
            "PLANTWRIGHT_PUBLIC_URL": addresses.public_url,
            "PLANTWRIGHT_SPA_DIR": str(addresses.spa_dir),
            "PYTHONUNBUFFERED": "1",
        }
        self._shared = {
            "REDIS_URL": addresses.redis_url,
            "PLANTWRIGHT_SECRET_KEY": given.get("PLANTWRIGHT_SECRET_KEY") or secrets.secret_key,
            "PLANTWRIGHT_AUDIT_HMAC_KEY": given.get("PLANTWRIGHT_AUDIT_HMAC_KEY") or secrets.audit_hmac_key,
        }
        # The demo plant runs on this computer, so its devices may be read directly too.
        self._shared["PLANTWRIGHT_SOURCE_NETWORKS"] = given.get("PLANTWRIGHT_SOURCE_NETWORKS", "127.0.0.0/8, ::1/128")
        # So may receivers of messages, such as a mail catcher.
        listed = given.get("PLANTWRIGHT_OUTBOUND_NETWORKS", "127.0.0.0/8, ::1/128")
        self._shared["PLANTWRIGHT_OUTBOUND_NETWORKS"] = listed
        self._roles = self._role_urls(given)

    def without_database(self) -> dict[str, str]:
        return dict(self._bare)

    def with_roles(self, *roles: DatabaseRole) -> dict[str, str]:
        return self._bare | self._shared | {ROLE_VARIABLES[role]: self._roles[role] for role in roles}

    def for_sources(self) -> dict[str, str]:
        """It speaks with devices, so it gets no key that would let it write the journal."""
        roles = self.with_roles("worker", "ingest")
        return {name: value for name, value in roles.items() if name != "PLANTWRIGHT_AUDIT_HMAC_KEY"}

    def for_operator(self) -> dict[str, str]:
        """Everything: migrations, and commands a person runs beside a running installation."""
        return self.with_roles(*DATABASE_ROLES) | {"DATABASE_URL": self._addresses.database_url}

    def _role_urls(self, given: Mapping[str, str]) -> dict[DatabaseRole, str]:
        explicit = {name: given[name] for name in ROLE_VARIABLES.values() if given.get(name)}
        settings = Settings.model_validate({"DATABASE_URL": self._addresses.database_url, **self._shared, **explicit})
        return {role: settings.role_url(role) for role in DATABASE_ROLES}


def publish(environments: Environments, data_dir: Path) -> Path:
    """Leave what `./justw run` needs to reach the running installation, readable by its owner only."""
    path = data_dir / FILE_NAME
    path.unlink(missing_ok=True)
    names = (*CONFIDENTIAL, *ROLE_VARIABLES.values(), "PLANTWRIGHT_DATA_DIR", "PLANTWRIGHT_PUBLIC_URL")
    told = {name: value for name, value in environments.for_operator().items() if name in names}
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(told, file)
    return path
