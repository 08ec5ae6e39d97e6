"""PostgreSQL and Valkey together, for `./justw up`, for tests and for benchmarks.

    with start_services() as services:
        connect(services.database_url, services.redis_url)

Without a folder the data is thrown away at the end. Servers die with the thread that started them, so a killed
test run leaves none; start them from the main thread. Any number can run side by side.
"""

import shutil
import tempfile
import time
from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from plantwright.embedded import postgres, valkey
from plantwright.embedded.errors import AlreadyRunningError
from plantwright.embedded.lock import InstanceLock
from plantwright.embedded.place import TRAVERSE_ONLY, find_place
from plantwright.embedded.postgres import PostgresServer
from plantwright.embedded.processes import sweep
from plantwright.embedded.secrets import load_or_create
from plantwright.embedded.valkey import ValkeyServer

LOCK_FILE = "run/servers.lock"
THROW_AWAY_PREFIX = "plantwright-throwaway-"
BEING_MADE_SECONDS = 120


@dataclass
class Services:
    """Two running servers; `stop()` is safe to call twice."""

    database_url: str
    redis_url: str
    data_dir: Path
    postgres: PostgresServer
    valkey: ValkeyServer
    _cleanup: ExitStack = field(repr=False)

    def stop(self) -> None:
        self._cleanup.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()


def start_services(
    data_dir: Path | None = None,
    *,
    settings: Mapping[str, str] | None = None,
    ports: tuple[int, int] | None = None,
) -> Services:
    """Start both servers over `data_dir`, or over a folder that is thrown away by `stop()`.

    Args:
        data_dir: where data, logs and secrets stay; None for throw-away servers that skip fsync.
        settings: PostgreSQL settings over the defaults, such as {"shared_buffers": "512MB"}.
        ports: of PostgreSQL and Valkey, taken when free.

    Raises:
        AlreadyRunningError: servers already run over this folder.
        LocalStartError: a server did not come up.
    """
    with ExitStack() as undo:
        folder = data_dir or undo.enter_context(throw_away_folder())
        lock = InstanceLock(folder / LOCK_FILE).acquire(f"servers over {folder}")
        undo.callback(lock.release)
        place = find_place(folder)
        sweep(place.run_dir, names=(postgres.NAME, valkey.NAME))
        secrets = load_or_create(folder)
        durable = data_dir is not None
        database = PostgresServer(place, secrets.database_password, durable=durable, settings=settings)
        bus = ValkeyServer(place, secrets.redis_password, durable=durable)
        undo.callback(database.stop)
        database.start(ports[0] if ports else None)
        undo.callback(bus.stop)
        bus.start(ports[1] if ports else None)
        return Services(database.url, bus.url, folder, database, bus, undo.pop_all())


@contextmanager
def throw_away_folder() -> Generator[Path]:
    """A folder the servers' user can reach, removed at the end; those of killed runs go with the next one made."""
    base = Path(tempfile.gettempdir())
    _remove_abandoned(base)
    folder = Path(tempfile.mkdtemp(prefix=THROW_AWAY_PREFIX, dir=base))
    folder.chmod(TRAVERSE_ONLY)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _remove_abandoned(base: Path) -> None:
    """Folders of runs that were killed: their lock is free. A folder just being made has none yet, so it is spared."""
    for folder in base.glob(f"{THROW_AWAY_PREFIX}*"):
        lock = InstanceLock(folder / LOCK_FILE)
        with suppress(FileNotFoundError, PermissionError, AlreadyRunningError):
            if time.time() - folder.stat().st_mtime > BEING_MADE_SECONDS:
                lock.acquire("removal")
                shutil.rmtree(folder, ignore_errors=True)
                lock.release()
