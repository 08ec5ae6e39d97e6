# ruff: noqa: INP001 - a script, run by path
"""Write the secrets of a deployment into deploy/secrets/, once; standard library only.

The roles' passwords follow from the secret key, as migrations give them out, so no process but the migration needs
the owner's login.
"""

import hashlib
import hmac
import secrets
import sys
from collections.abc import Callable
from pathlib import Path

DATABASE = "plantwright"
ROLES = ("app", "ingest", "worker")
FOLDER = Path(__file__).parent / "secrets"


def random_text() -> str:
    return secrets.token_urlsafe(32)


def make(random: Callable[[], str] = random_text) -> dict[str, str]:
    """File names and contents."""
    owner_password, redis_password, secret_key = random(), random(), random()
    made = {
        "postgres_password": owner_password,
        "owner_database_url": database_url(DATABASE, owner_password),
        "redis_password": redis_password,
        "redis_url": f"redis://:{redis_password}@bus:6379/0",
        "valkey_conf": valkey_configuration(redis_password),
        "secret_key": secret_key,
        "audit_hmac_key": random(),
    }
    for role in ROLES:
        user = f"{DATABASE}_{role}"
        password = hmac.new(secret_key.encode(), f"role:{user}".encode(), hashlib.sha256).hexdigest()
        made[f"{role}_database_url"] = database_url(user, password)
    return made


def database_url(user: str, password: str) -> str:
    return f"postgresql://{user}:{password}@database:5432/{DATABASE}"


def valkey_configuration(password: str) -> str:
    return f"dir /data\nappendonly yes\nappendfsync everysec\nrequirepass {password}"


def main() -> None:
    if FOLDER.exists():
        sys.exit(f"{FOLDER} exists already. Its secrets open the data that was written with them; nothing was changed.")
    # Containers run as other users and see single files, so the folder is what keeps others on this machine out.
    FOLDER.mkdir(mode=0o700)
    for name, content in make().items():
        path = FOLDER / name
        path.write_text(content, encoding="utf-8")
        path.chmod(0o644)
    sys.stdout.write(f"Wrote {FOLDER}. Keep a copy of it where backups cannot be read by others.\n")


if __name__ == "__main__":
    main()
