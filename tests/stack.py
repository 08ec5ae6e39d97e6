"""The API and the worker as real processes, with the rights that they have in service."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx
from plantwright.core.settings import Settings
from plantwright.embedded.launch import die_with_parent
from plantwright.embedded.ports import free_port

START_SECONDS = 120
STOP_SECONDS = 15


@dataclass
class Stack:
    url: str
    api: subprocess.Popen[bytes]
    worker: subprocess.Popen[bytes]
    log: Path

    @property
    def websocket_url(self) -> str:
        return f"{self.url.replace('http', 'ws', 1)}/graphql"


def environment(settings: Settings) -> dict[str, str]:
    return {
        **{name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}},
        "PLANTWRIGHT_APP_DATABASE_URL": settings.role_url("app"),
        "PLANTWRIGHT_INGEST_DATABASE_URL": settings.role_url("ingest"),
        "PLANTWRIGHT_WORKER_DATABASE_URL": settings.role_url("worker"),
        "REDIS_URL": settings.redis_url.get_secret_value(),
        "PLANTWRIGHT_SECRET_KEY": settings.secret_key.get_secret_value(),
        "PLANTWRIGHT_AUDIT_HMAC_KEY": settings.audit_hmac_key.get_secret_value(),
        "PLANTWRIGHT_DATA_DIR": str(settings.data_dir),
    }


def start(settings: Settings, command: list[str], log: Path) -> subprocess.Popen[bytes]:
    with log.open("ab") as output:
        return subprocess.Popen(
            [sys.executable, "-m", *command],
            env=environment(settings),
            stdout=output,
            stderr=output,
            preexec_fn=partial(die_with_parent, signal.SIGKILL),  # noqa: PLW1509 - tests start processes from one thread
        )


def start_api(settings: Settings, port: int, log: Path) -> subprocess.Popen[bytes]:
    serve = ["uvicorn", "plantwright.app:create_app", "--factory", "--port", str(port), "--log-level", "warning"]
    return start(settings, serve, log)


def start_worker(settings: Settings, log: Path) -> subprocess.Popen[bytes]:
    return start(settings, ["plantwright.cli", "worker"], log)


@contextmanager
def running_stack(settings: Settings) -> Iterator[Stack]:
    port = free_port()
    log = settings.data_dir / f"stack-{port}.log"
    stack = Stack(
        url=f"http://127.0.0.1:{port}",
        api=start_api(settings, port, log),
        worker=start_worker(settings, log),
        log=log,
    )
    try:
        wait_until_ready(stack)
        yield stack
    finally:
        for process in (stack.api, stack.worker):
            process.terminate()
        for process in (stack.api, stack.worker):
            process.wait(STOP_SECONDS)


def wait_until_ready(stack: Stack) -> None:
    _wait_until_answering(stack.url, stack.log)


def _wait_until_answering(url: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if answers(url):
            return
        time.sleep(0.1)
    raise TimeoutError(log.read_text(encoding="utf-8", errors="replace"))


def is_ready(stack: Stack) -> bool:
    return answers(stack.url)


def answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz").status_code == 200
    except httpx.TransportError:
        return False


@contextmanager
def running_api(settings: Settings) -> Iterator[str]:
    """The API without a worker; gives its URL."""
    port = free_port()
    log = settings.data_dir / f"api-{port}.log"
    api = start_api(settings, port, log)
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_until_answering(url, log)
        yield url
    finally:
        api.terminate()
        api.wait(STOP_SECONDS)
