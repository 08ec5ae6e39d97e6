"""Random secrets of one installation, made at its first start."""

import json
import os
import secrets
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

from plantwright.embedded.errors import LocalStartError

FILE_NAME = "secrets.json"
SECRET_BYTES = 32


def _secret() -> str:
    return secrets.token_urlsafe(SECRET_BYTES)


@dataclass(frozen=True)
class LocalSecrets:
    """What a local installation keeps to itself; all URL-safe."""

    database_password: str = field(default_factory=_secret)
    redis_password: str = field(default_factory=_secret)
    secret_key: str = field(default_factory=_secret)
    audit_hmac_key: str = field(default_factory=_secret)


def load_or_create(data_dir: Path) -> LocalSecrets:
    """Read `secrets.json`; at the first start write it, readable by its owner only.

    Raises:
        LocalStartError: the file is there but cannot be understood.
    """
    path = data_dir / FILE_NAME
    if not path.exists():
        return _create(path)
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        return LocalSecrets(**{item.name: str(record[item.name]) for item in fields(LocalSecrets)})
    except (ValueError, KeyError, TypeError) as error:
        raise LocalStartError(
            f"{path} is damaged, and without it the local data cannot be opened. "
            "Restore the file, or run `./justw reset` to start anew."
        ) from error


def _create(path: Path) -> LocalSecrets:
    made = LocalSecrets()
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(asdict(made), file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    return made
