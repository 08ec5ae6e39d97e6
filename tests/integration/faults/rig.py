"""The API, the worker and their servers, to be killed and started again at the same address."""

import asyncio
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import asyncpg
from plantwright.core.settings import Settings
from plantwright.embedded.errors import LocalStartError
from plantwright.embedded.ports import free_port
from plantwright.embedded.services import Services

from tests.stack import START_SECONDS, STOP_SECONDS, Stack, is_ready, start_api, start_worker, wait_until_ready

_SESSIONS = """
    SELECT pid, usename LIKE '%\\_worker' AND xact_start IS NOT NULL AS is_at_work FROM pg_stat_activity
    WHERE backend_type = 'client backend' AND usename <> current_user ORDER BY pid"""
_HOLD_CURSOR = "SELECT consumer FROM consumer_cursor WHERE tenant_id = $1 AND consumer = $2 FOR UPDATE"
# Not from pg_stat_activity: within one transaction that never changes.
_IS_HELD_UP = (
    "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid)))"
)


class Rig:
    def __init__(self, services: Services, settings: Settings) -> None:
        self.services = services
        self.settings = settings
        self._port = free_port()
        log = settings.data_dir / "rig.log"
        self.stack = Stack(
            url=f"http://127.0.0.1:{self._port}",
            api=start_api(settings, self._port, log),
            worker=start_worker(settings, log),
            log=log,
        )
        self._api_was_ready = False
        self._worker_log_begins = 0

    @property
    def url(self) -> str:
        return self.stack.url

    def start_api(self) -> None:
        self._api_was_ready = False
        self.stack.api = start_api(self.settings, self._port, self.stack.log)

    def start_worker(self) -> None:
        self._worker_log_begins = self.stack.log.stat().st_size
        self.stack.worker = start_worker(self.settings, self.stack.log)

    async def settle(self) -> None:
        """Until API and worker are ready. A process that did not find its servers when it began is started again."""
        async with asyncio.timeout(START_SECONDS):
            while not (await asyncio.to_thread(is_ready, self.stack) and self._worker_has_started()):
                self._tend()
                await asyncio.sleep(0.1)
        self._api_was_ready = True
        self._tend()

    def _tend(self) -> None:
        if self.stack.api.poll() is not None:
            assert not self._api_was_ready, "the API ended although nobody killed it"
            self.start_api()
        if self.stack.worker.poll() is not None:
            assert not self._worker_has_started(), "the worker ended although nobody killed it"
            self.start_worker()

    def _worker_has_started(self) -> bool:
        with self.stack.log.open("rb") as log:
            log.seek(self._worker_log_begins)
            return b"worker_started" in log.read()

    def kill_api(self) -> None:
        _kill(self.stack.api)

    def kill_worker(self) -> None:
        _kill(self.stack.worker)

    def kill_postgres(self) -> None:
        """The postmaster; its sessions find out by themselves and end."""
        child = self.services.postgres.child
        assert child is not None
        _kill(child.process)

    def restart_postgres(self) -> None:
        """As a supervisor does: again and again, since no server starts while a session of the old one is left."""
        deadline = time.monotonic() + STOP_SECONDS
        while True:
            try:
                self.services.postgres.restart()
            except LocalStartError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)
            else:
                return

    def freeze_api(self) -> None:
        """Connections stay open, and the kernel takes requests that nobody answers in time."""
        self.stack.api.send_signal(signal.SIGSTOP)

    def thaw_api(self) -> None:
        self.stack.api.send_signal(signal.SIGCONT)

    def wait_until_ready(self) -> None:
        wait_until_ready(self.stack)

    async def sessions(self) -> list[asyncpg.Record]:
        """Database sessions of the product: pid, and whether it is one of the worker in a transaction."""
        connection = await asyncpg.connect(self.services.database_url)
        try:
            return list(await connection.fetch(_SESSIONS))
        finally:
            await connection.close()

    async def kill_worker_before_it_moves(self, tenant_id: UUID, consumer: str) -> None:
        """Start the worker, let the consumer have its effect, and kill it while it wants to move its cursor."""
        connection = await asyncpg.connect(self.services.database_url)
        try:
            async with connection.transaction(), asyncio.timeout(60):
                assert await connection.fetchval(_HOLD_CURSOR, tenant_id, consumer) == consumer
                self.start_worker()
                while not await connection.fetchval(_IS_HELD_UP):
                    assert self.stack.worker.poll() is None
                    await asyncio.sleep(0.02)
                self.kill_worker()
        finally:
            await connection.close()

    @contextmanager
    def frozen_redis(self) -> Iterator[None]:
        """It keeps its connections and answers nobody."""
        child = self.services.valkey.child
        assert child is not None
        child.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            child.process.send_signal(signal.SIGCONT)

    def restore(self) -> None:
        if self.services.valkey.child is None:
            self.services.valkey.restart()
        self.thaw_api()
        if self.stack.api.poll() is not None:
            self.start_api()
        if self.stack.worker.poll() is not None:
            self.start_worker()
        self.wait_until_ready()

    def stop(self) -> None:
        for process in (self.stack.api, self.stack.worker):
            process.terminate()
        for process in (self.stack.api, self.stack.worker):
            process.wait(STOP_SECONDS)


def _kill(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
