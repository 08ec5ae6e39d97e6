"""Drop the data of a local installation."""

import shutil
from pathlib import Path

from plantwright.embedded.errors import AlreadyRunningError
from plantwright.embedded.lock import InstanceLock
from plantwright.embedded.place import POINTER, remove_elsewhere
from plantwright.embedded.secrets import FILE_NAME as SECRETS_FILE
from plantwright.embedded.services import LOCK_FILE as SERVERS_LOCK
from plantwright.embedded.up import LOCK_FILE as UP_LOCK

# Only what Plantwright makes: PLANTWRIGHT_DATA_DIR may name a folder that holds other things too.
FOLDERS = ("postgres", "valkey", "programs", "agent", "demo", "logs", "run")
FILES = (SECRETS_FILE, POINTER, "environment.json", "checkpoints.jsonl")


def contents(data_dir: Path) -> list[Path]:
    return [path for name in (*FOLDERS, *FILES) if (path := data_dir / name).exists()]


def reset(data_dir: Path) -> None:
    """Remove database, queue, agent buffer, demo configuration, logs and secrets.

    Raises:
        AlreadyRunningError: the installation runs.
    """
    require_stopped(data_dir)
    remove_elsewhere(data_dir)
    for path in contents(data_dir):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def require_stopped(data_dir: Path) -> None:
    """
    Raises:
        AlreadyRunningError: the installation runs.
    """
    for name in (UP_LOCK, SERVERS_LOCK):
        if InstanceLock(data_dir / name).is_held():
            raise AlreadyRunningError(f"Plantwright is running over {data_dir}. Stop it with Ctrl-C first.")
