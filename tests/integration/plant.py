"""A machine with a key that sends readings over HTTP."""

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, Self
from uuid import uuid4

import httpx
import msgspec
import numpy as np
from plantwright.assets.models import Machine, Metric
from plantwright.core.clock import from_milliseconds, iso_utc, utc_now
from plantwright.identity.keys import create_key
from plantwright.identity.models import Role
from plantwright.identity.principal import Principal
from plantwright.journal.service import Journal
from plantwright_agent.samples import Reading
from plantwright_agent.uplink.wire import CONTENT_TYPE, encode_readings

from tests.conftest import Databases
from tests.factories import MachineFactory, MadeTenant

METRIC = "vibration_rms"
# Loading the certificates takes longer than a request.
_TLS = httpx.create_ssl_context()


async def make_ingest_key(databases: Databases, journal: Journal, tenant: MadeTenant) -> str:
    principal = Principal(tenant.id, tenant.admin_id, Role.ADMIN, "test", utc_now())
    async with databases.app.transaction(tenant.id) as work:
        _, secret = await create_key(work, journal, principal, name="test", scopes=["ingest", "agent"], expires_at=None)
    return secret


@dataclass
class Sender:
    """Sends to one machine; `sequence` numbers its batches."""

    url: str
    key: str
    machine: Machine
    metrics: dict[str, Metric]
    agent: str
    sequence: int = 0
    newest_ms: int = 0

    @classmethod
    async def make(
        cls,
        url: str,
        databases: Databases,
        journal: Journal,
        tenant: MadeTenant,
        make_machine: MachineFactory,
        metrics: Sequence[str] = (METRIC,),
    ) -> Self:
        machine, made = await make_machine(tenant, metrics=dict.fromkeys(metrics, "mm/s"))
        return cls(url, await make_ingest_key(databases, journal, tenant), machine, made, str(uuid4()))

    def readings(self, times_ms: Sequence[int], values: Sequence[float], metric: str = METRIC) -> list[dict[str, Any]]:
        return [
            {
                "machine_identifier": self.machine.identifier,
                "timestamp": iso_utc(from_milliseconds(at)),
                "metric_name": metric,
                "value": value,
                "unit": "mm/s",
            }
            for at, value in zip(times_ms, values, strict=True)
        ]

    async def post(self, readings: list[dict[str, Any]], sequence: int) -> httpx.Response:
        content_type, body = self.encode(readings, sequence)
        headers = {"X-API-Key": self.key, "Content-Type": content_type}
        async with httpx.AsyncClient(timeout=10, verify=_TLS) as client:
            return await client.post(f"{self.url}/api/v1/ingest", content=body, headers=headers)

    def encode(self, readings: list[dict[str, Any]], sequence: int) -> tuple[str, bytes]:
        """Content type and body of a batch."""
        batch = {"agent": self.agent, "stream": "test", "sequence": sequence, "readings": readings}
        return "application/json", json.dumps(batch).encode()

    async def send(self, times_ms: Sequence[int], values: Sequence[float]) -> httpx.Response:
        self.sequence += 1
        return await self.post(self.readings(times_ms, values), self.sequence)

    async def deliver(self, readings: list[dict[str, Any]]) -> int:
        """A new batch, repeated under its key until it is acknowledged; returns how often it was sent."""
        self.sequence += 1
        return await self.deliver_as(self.sequence, readings)

    async def deliver_as(self, sequence: int, readings: list[dict[str, Any]]) -> int:
        """A batch of this number, repeated until it is acknowledged; returns how often it was sent."""
        for attempt in count(1):
            try:
                answer = await self.post(readings, sequence)
            except httpx.TransportError:
                await asyncio.sleep(0.05)
                continue
            if answer.status_code == 207:
                expected = {"accepted_count": len(readings), "rejected_count": 0, "errors": []}
                assert answer.json() == expected
                return attempt
            assert answer.status_code in {429, 503}, answer.text
            await asyncio.sleep(0.05)
        raise AssertionError

    async def send_normal(self, count: int = 600) -> None:
        """A quiet history at 1 Hz that ends five seconds ago."""
        end = time.time_ns() // 1_000_000 - 5_000
        self.newest_ms = end - 1_000
        values = np.random.default_rng(7).normal(2.0, 0.1, count)
        answer = await self.send([end - (count - i) * 1000 for i in range(count)], values.tolist())
        assert answer.status_code == 207, answer.text

    async def send_spike(self, value: float = 9.0) -> httpx.Response:
        """Two seconds after the last reading by the plant's own time, however long ago that was sent."""
        self.newest_ms += 2_000
        return await self.send([self.newest_ms], [value])


class ColumnSender(Sender):
    """Sends the columnar form, as the agent does."""

    def encode(self, readings: list[dict[str, Any]], sequence: int) -> tuple[str, bytes]:
        batch = [msgspec.convert({"raw_tag": "", "quality": "good"} | reading, Reading) for reading in readings]
        return CONTENT_TYPE, encode_readings(self.agent, "test", sequence, batch)
