from datetime import timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio
from plantwright.core.clock import iso_utc, utc_now
from plantwright.identity.models import Role
from plantwright.journal.service import Journal

from tests.backend.rest.caller import Caller
from tests.conftest import Databases
from tests.factories import PASSWORD, MadeTenant, TenantFactory

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def login(client: httpx.AsyncClient, email: str, password: str = PASSWORD) -> httpx.Response:
    return await client.post("/api/v1/auth/login", json={"email": email, "password": password})


@pytest_asyncio.fixture(loop_scope="session")
async def registered(databases: Databases, journal: Journal) -> MadeTenant:
    """Its people have passwords."""
    return await TenantFactory(databases.app, journal)()


async def test_from_login_to_logout(client: httpx.AsyncClient, registered: MadeTenant) -> None:
    tenant = registered
    answer = await login(client, tenant.email(Role.OPERATOR))
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    body = answer.json()
    caller = Caller(client, body.pop("access_token"))
    assert body.pop("expires_at").endswith("Z")
    assert body == {"token_type": "bearer", "mfa_required": False}

    assert await caller.get("/auth/me") == {
        "id": str(tenant.operator_id),
        "email": tenant.email(Role.OPERATOR),
        "full_name": f"Operator of {tenant.slug}",
        "role": "operator",
        "is_active": True,
        "tenant_id": str(tenant.id),
        "tenant_name": tenant.slug,
        "subscription_tier": "enterprise",
    }

    ended = await caller.send("POST", "/auth/logout")
    assert (ended.status_code, ended.content) == (204, b"")
    again = await caller.send("GET", "/auth/me")
    assert (again.status_code, again.json()) == (401, {"detail": "Invalid authentication token."})
    assert again.headers["www-authenticate"] == "Bearer"


async def test_wrong_credentials_and_then_too_many(client: httpx.AsyncClient, registered: MadeTenant) -> None:
    email = registered.email(Role.VIEWER)
    for _ in range(10):
        answer = await login(client, email, "wrong")
        assert (answer.status_code, answer.json()) == (401, {"detail": "Invalid email or password."})
    answer = await login(client, email)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= 300


async def test_login_without_a_password(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/v1/auth/login", json={"email": "a@b.example"})
    assert answer.status_code == 422
    assert answer.json() == {"detail": [{"loc": ["body", "password"], "msg": "Field required", "type": "missing"}]}


async def test_people_of_the_tenant(admin: Caller, tenant: MadeTenant) -> None:
    listed = await admin.get("/users", page_size=2)
    assert listed["total"] == 3
    assert listed["total_pages"] == 2
    assert [user["role"] for user in listed["items"]] == ["admin", "operator"]
    rest = await admin.get("/users", page_size=2, page=2)
    assert [user["email"] for user in rest["items"]] == [tenant.email(Role.VIEWER)]
    assert (await admin.get("/users", page=3))["items"] == []


async def test_the_life_of_a_key(admin: Caller, viewer: Caller) -> None:
    expires_at = utc_now() + timedelta(days=1)
    made = await admin.write(
        "POST", "/settings/api-keys", {"name": "Gate", "scopes": "read_only", "expires_at": iso_utc(expires_at)}, 201
    )
    assert made["plaintext_key"].startswith(made["key_prefix"])
    assert made["scopes"] == ["read:machines", "read:sensors"]

    [listed] = (await viewer.get("/settings/api-keys"))["items"]
    assert listed["id"] == made["id"]
    assert listed["revoked_at"] is None
    assert "plaintext_key" not in listed

    revoked = await admin.send("DELETE", f"/settings/api-keys/{made['id']}")
    assert (revoked.status_code, revoked.content) == (204, b"")
    [listed] = (await viewer.get("/settings/api-keys"))["items"]
    assert listed["revoked_at"] is not None


async def test_keys_made_without_scopes_are_for_agents(admin: Caller) -> None:
    made = await admin.write("POST", "/settings/api-keys", {"name": "Agent"}, 201)
    assert sorted(made["scopes"]) == ["agent", "ingest"]
    made = await admin.write("POST", "/settings/api-keys", {"name": "Door", "scopes": ["ingest"]}, 201)
    assert made["scopes"] == ["ingest"]


@pytest.mark.parametrize(
    "change", [{"scopes": "everything"}, {"scopes": ["admin"]}, {"scopes": []}, {"expires_at": "2020-01-01T00:00:00Z"}]
)
async def test_wrong_keys_are_not_made(admin: Caller, change: dict[str, Any]) -> None:
    status, _ = await admin.refused("POST", "/settings/api-keys", json={"name": "Key"} | change)
    assert status == 422
    assert (await admin.get("/settings/api-keys"))["total"] == 0


async def test_a_key_opens_no_route_of_the_shim(client: httpx.AsyncClient, admin: Caller) -> None:
    made = await admin.write("POST", "/settings/api-keys", {"name": "Reader", "scopes": "read_only"}, 201)
    for headers in (
        {"x-api-key": made["plaintext_key"]},
        {"authorization": f"Bearer {made['plaintext_key']}"},
    ):
        answer = await client.get("/api/v1/machines", headers=headers)
        assert answer.status_code == 401
