"""A legacy system's view of the API: paths below /api/v1, as one of a tenant's people."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
from plantwright.core.settings import Settings
from plantwright.identity.models import Role, Tier
from plantwright.identity.tokens import TokenIssuer

from tests.factories import MadeTenant

PeopledTenant = Callable[[], Awaitable[MadeTenant]]


@dataclass(frozen=True)
class Caller:
    client: httpx.AsyncClient
    token: str

    @classmethod
    def of(cls, client: httpx.AsyncClient, settings: Settings, tenant: MadeTenant, role: Role = Role.ADMIN) -> "Caller":
        users: dict[Role, UUID] = {
            Role.ADMIN: tenant.admin_id,
            Role.OPERATOR: tenant.operator_id,
            Role.VIEWER: tenant.viewer_id,
        }
        issuer = TokenIssuer(settings.key_material(), timedelta(minutes=5))
        token, _ = issuer.issue(user_id=users[role], tenant_id=tenant.id, tier=Tier.ENTERPRISE, role=role)
        return cls(client, token)

    async def send(self, method: str, path: str, **request: Any) -> httpx.Response:
        headers = {"authorization": f"Bearer {self.token}", **request.pop("headers", {})}
        return await self.client.request(method, f"/api/v1{path}", headers=headers, **request)

    async def get(self, path: str, **params: Any) -> Any:
        """The body of a request that must succeed."""
        answer = await self.send("GET", path, params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def write(self, method: str, path: str, body: Any, status: int = 200) -> Any:
        """The body of a request that must be answered so."""
        answer = await self.send(method, path, json=body)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def refused(self, method: str, path: str, **request: Any) -> tuple[int, Any]:
        answer = await self.send(method, path, **request)
        return answer.status_code, answer.json()["detail"]
