"""What the tests of this folder share: a sender's view of the ingest door, and readings to send."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
from plantwright.core.clock import iso_utc
from plantwright.core.errors import Unauthenticated
from plantwright.identity.principal import KeyPrincipal
from plantwright.readings.ingest.writer import GroupCommitWriter
from plantwright.rest.ingest import IngestEndpoint
from sqlalchemy import text

from tests.conftest import Databases
from tests.factories import MadeTenant

PlainTenant = Callable[[], Awaitable[MadeTenant]]
NOW = datetime.now(UTC).replace(microsecond=0)


class KeyRing:
    """Keys of the test's tenants by their secret."""

    def __init__(self) -> None:
        self.principals: dict[str, KeyPrincipal] = {}

    def add(self, tenant: MadeTenant) -> str:
        secret = f"hk_{tenant.slug}"
        self.principals[secret] = KeyPrincipal(tenant.id, tenant.number, tenant.id, frozenset({"ingest"}))
        return secret

    async def authenticate(self, secret: str, scope: str) -> KeyPrincipal:
        principal = self.principals.get(secret)
        if principal is None or scope not in principal.scopes:
            raise Unauthenticated("Invalid or revoked API key.")
        return principal


@dataclass
class Door:
    """What a sender sees of ingest, and what the tests see behind it."""

    client: httpx.AsyncClient
    writer: GroupCommitWriter
    endpoint: IngestEndpoint
    databases: Databases
    tenant: MadeTenant
    key: str
    stored_for: list[UUID] = field(default_factory=list)

    async def post(self, readings: list[Any], **more: Any) -> httpx.Response:
        return await self.send(json.dumps({"readings": readings, **more}).encode())

    async def send(self, body: bytes, **headers: str) -> httpx.Response:
        return await self.client.post("/api/v1/ingest", content=body, headers={"X-API-Key": self.key} | headers)

    async def rows(self, tenant: MadeTenant | None = None) -> list[tuple[str, datetime, float, int]]:
        """Metric, time, value and quality of every reading of a tenant, through the SQL view."""
        async with self.databases.app.reading((tenant or self.tenant).id) as work:
            result = await work.execute(
                text(
                    "SELECT m.name, r.time, r.value, r.quality FROM reading r JOIN metric m USING (series_id) "
                    "ORDER BY m.name, r.time, r.flush_id, r.value"
                )
            )
            return [(row.name, row.time, row.value, row.quality) for row in result]


def reading(value: Any = 1.5, *, seconds: float = 0, **fields: Any) -> dict[str, Any]:
    """A reading of PUMP-1, `seconds` before now."""
    return {
        "machine_identifier": "PUMP-1",
        "timestamp": iso_utc(NOW - timedelta(seconds=seconds)),
        "metric_name": "vibration_rms",
        "value": value,
        "unit": "mm/s",
    } | fields
