"""The plan of `./justw up`: what is started, in which order, and what the person is told."""

import json
import os
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from plantwright.embedded import ports
from plantwright.embedded.environment import Addresses, Environments, publish
from plantwright.embedded.errors import LocalStartError
from plantwright.embedded.lock import InstanceLock
from plantwright.embedded.processes import Program, sweep
from plantwright.embedded.secrets import LocalSecrets, load_or_create
from plantwright.embedded.services import start_services
from plantwright.embedded.supervisor import Say, StopRequested, Supervisor

LOCK_FILE = "run/up.lock"
PORTS_FILE = "run/ports.json"
READY_TIMEOUT_SECONDS = 2.0
API_GRACE_SECONDS = 5
# Said to both sides, so that plant and agent meet when another installation has the usual ports.
DEMO_PORTS = {"PLANTWRIGHT_DEMO_OPCUA_PORT": 48_400, "PLANTWRIGHT_DEMO_MODBUS_PORT": 50_200}


@dataclass(frozen=True)
class Request:
    """What the person asked for."""

    data_dir: Path
    port: int
    root: Path

    @property
    def address(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def spa_dir(self) -> Path:
        return self.root / "frontend" / "dist"


class LocalInstallation:
    """Everything of one `up`, from the lock to the last process."""

    def __init__(self, request: Request, say: Say) -> None:
        self._request = request
        self._say = say
        self._supervisor = Supervisor(say)
        self._undo = ExitStack()

    def run(self, then: Callable[[Supervisor], None]) -> None:
        """Start everything, call `then`, and stop everything whatever happens.

        Raises:
            LocalStartError: something did not come up.
        """
        with self._supervisor.listening_to_signals(), self._undo:
            try:
                self._start()
                then(self._supervisor)
            except StopRequested:
                self._say("Stopping …")

    def _start(self) -> None:
        request = self._request
        request.data_dir.mkdir(parents=True, exist_ok=True)
        lock = InstanceLock(request.data_dir / LOCK_FILE).acquire(request.address)
        self._undo.callback(lock.release)
        leftovers = sweep(request.data_dir / "run")
        if leftovers:
            self._say(f"Ended what an earlier run left behind: {', '.join(leftovers)}.")
        _require_free(request.port)
        self._say(f"Plantwright starts; its data is in {request.data_dir}.")
        secrets = load_or_create(request.data_dir)
        environments = self._servers(secrets)
        self._undo.callback(publish(environments, request.data_dir).unlink, missing_ok=True)
        self._undo.callback(self._supervisor.stop)
        self._programs(environments)

    def _servers(self, secrets: LocalSecrets) -> Environments:
        """The servers the environment names; ours for those it does not."""
        database_url, redis_url = os.environ.get("DATABASE_URL"), os.environ.get("REDIS_URL")
        if not (database_url and redis_url):
            with self._stage("PostgreSQL and Valkey"):
                services = start_services(self._request.data_dir, ports=self._remembered_ports())
            self._undo.callback(services.stop)
            self._remember_ports(services.postgres.port, services.valkey.port)
            for name, server in (("postgres", services.postgres), ("valkey", services.valkey)):
                if server.child:
                    self._supervisor.adopt(name, server.child, server.restart)
            database_url, redis_url = database_url or services.database_url, redis_url or services.redis_url
        addresses = Addresses(
            database_url, redis_url, self._request.address, self._request.data_dir, self._request.spa_dir
        )
        return Environments(addresses, secrets)

    def _programs(self, environments: Environments) -> None:
        supervisor = self._supervisor
        demo_ports = {name: str(_free_or_other(usual)) for name, usual in DEMO_PORTS.items()}
        bare = environments.without_database()
        with self._stage("database schema"):
            supervisor.run_once(self._plantwright("migrate", ["migrate"], environments.for_operator()))
        with self._stage("API, worker, demo plant"):
            supervisor.keep(self._plantwright("worker", ["worker"], environments.with_roles("worker")))
            supervisor.keep(self._plantwright("sources", ["sources"], environments.for_sources()))
            supervisor.keep(self._plantwright("plant", ["demo", "plant"], bare | demo_ports))
            supervisor.keep(self._api(environments.with_roles("app", "ingest")), ready=self._api_ready)
        with self._stage("demo data and agent"):
            seeding = environments.with_roles("app") | demo_ports
            supervisor.run_once(self._plantwright("seed", ["demo", "seed"], seeding))
            configuration = str(self._request.data_dir / "demo" / "agent.toml")
            supervisor.keep(
                self._program("agent", [_script("plantwright-agent"), "run", "--config", configuration], bare)
            )

    def _api(self, environment: dict[str, str]) -> Program:
        command = [sys.executable, "-m", "uvicorn", "plantwright.app:create_app", "--factory"]
        command += ["--host", ports.LOOPBACK, "--port", str(self._request.port)]
        command += ["--timeout-graceful-shutdown", str(API_GRACE_SECONDS)]
        return self._program("api", command, environment)

    def _api_ready(self) -> bool:
        try:
            address = f"http://{ports.LOOPBACK}:{self._request.port}/readyz"
            with urllib.request.urlopen(address, timeout=READY_TIMEOUT_SECONDS) as answer:
                return bool(answer.status == 200)  # noqa: PLR2004 - HTTP OK
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            return False

    def _plantwright(self, name: str, arguments: list[str], environment: dict[str, str]) -> Program:
        return self._program(name, [_script("plantwright"), *arguments], environment)

    def _program(self, name: str, command: list[str], environment: dict[str, str]) -> Program:
        data_dir = self._request.data_dir
        return Program(
            name=name,
            command=command,
            log=data_dir / "logs" / f"{name}.log",
            run_dir=data_dir / "run",
            environment=environment,
            folder=self._request.root,
        )

    @contextmanager
    def _stage(self, title: str) -> Generator[None]:
        began = time.monotonic()
        yield
        self._say(f"  {title:<24} ready  {time.monotonic() - began:5.1f} s")

    def _remembered_ports(self) -> tuple[int, int] | None:
        """The same ports as last time when they are free, so that other tools find the servers again."""
        try:
            record = json.loads((self._request.data_dir / PORTS_FILE).read_text(encoding="utf-8"))
            return int(record["postgres"]), int(record["valkey"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _remember_ports(self, postgres: int, valkey: int) -> None:
        path = self._request.data_dir / PORTS_FILE
        path.write_text(json.dumps({"postgres": postgres, "valkey": valkey}), encoding="utf-8")


def welcome(request: Request) -> str:
    """The last thing printed: where to go, who to be, how to stop."""
    lines = ["", f"  Open       {request.address}"]
    lines += [f"  Log in as  {login}" for login in demo_logins(request.data_dir)]
    lines += ["  Stop       Ctrl-C", f"  Logs       {request.data_dir / 'logs'}", ""]
    if not (request.spa_dir / "index.html").exists():
        lines.insert(-1, f"  The web pages are not built ({request.spa_dir} is empty); `./justw up` builds them.")
    return "\n".join(lines)


def demo_logins(data_dir: Path) -> list[str]:
    """What the demo data says about its people: e-mail, password, tenant."""
    path = data_dir / "demo" / "login.json"
    if not path.is_file():
        return []
    return [
        f"{person['email']}   password  {person['password']}   ({person['tenant']})"
        for person in json.loads(path.read_text(encoding="utf-8"))
    ]


def _require_free(port: int) -> None:
    if ports.is_free(port):
        return
    other = next((candidate for candidate in range(port + 1, port + 100) if ports.is_free(candidate)), port + 1)
    raise LocalStartError(
        f"Port {port} is in use by another program. Stop that program, or choose another port: "
        f"./justw up --port {other}"
    )


def _free_or_other(port: int) -> int:
    return port if ports.is_free(port) else ports.free_port()


def _script(name: str) -> str:
    return str(Path(sys.executable).with_name(name))
