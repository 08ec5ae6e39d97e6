"""Users and invitations, administered over REST; what the rows run is GraphQL."""

from typing import Any
from uuid import uuid4

import httpx
import pytest
from plantwright.app import create_app
from plantwright.core.settings import Settings

from tests.backend.rest.caller import Caller
from tests.backend.rest.test_identity import login
from tests.factories import PASSWORD, MadeTenant

pytestmark = pytest.mark.asyncio(loop_scope="session")


def new_email() -> str:
    return f"new-{uuid4().hex[:10]}@example.com"


async def test_the_life_of_a_user(client: httpx.AsyncClient, admin: Caller) -> None:
    email = new_email()
    body = {"email": email, "full_name": "Erika Muster", "role": "viewer", "password": PASSWORD}
    made = await admin.write("POST", "/users", body, 201)
    assert made == {
        "id": made["id"],
        "email": email,
        "full_name": "Erika Muster",
        "role": "viewer",
        "is_active": True,
    }
    assert await admin.refused("POST", "/users", json=body) == (409, "A user with this email already exists.")
    token = (await login(client, email)).json()["access_token"]
    changed = await admin.write("PATCH", f"/users/{made['id']}", {"role": "operator"})
    assert changed["role"] == "operator"
    assert (await Caller(client, token).get("/auth/me"))["role"] == "operator"
    await admin.write("PATCH", f"/users/{made['id']}", {"is_active": False})
    assert await Caller(client, token).refused("GET", "/auth/me") == (401, "User account is inactive.")
    assert (await login(client, email)).status_code == 401


async def test_the_life_of_an_invitation(client: httpx.AsyncClient, admin: Caller) -> None:
    email = new_email()
    made = await admin.write("POST", "/invitations", {"email": email, "role": "operator"}, 201)
    assert made["link"].endswith(f"#{made['token']}")
    [listed] = (await admin.get("/invitations"))["items"]
    assert (listed["email"], listed["role"], listed["is_open"]) == (email, "operator", True)
    assert made["token"] not in str(listed)
    body = {"token": made["token"], "full_name": "Erika Muster", "password": PASSWORD}
    accepted = await client.post("/api/v1/auth/invitations/accept", json=body)
    assert (accepted.status_code, accepted.json()["email"]) == (201, email)
    again = await client.post("/api/v1/auth/invitations/accept", json=body)
    assert again.status_code == 404
    assert (await login(client, email)).status_code == 200
    assert (await admin.get("/invitations"))["items"][0]["is_open"] is False
    refused, _ = await admin.refused("DELETE", f"/invitations/{listed['id']}")
    assert refused == 409


async def test_a_withdrawn_invitation_opens_nothing(client: httpx.AsyncClient, admin: Caller) -> None:
    made = await admin.write("POST", "/invitations", {"email": new_email(), "role": "viewer"}, 201)
    for _ in range(2):
        gone = await admin.send("DELETE", f"/invitations/{made['invitation']['id']}")
        assert (gone.status_code, gone.content) == (204, b"")
    body = {"token": made["token"], "full_name": "Erika Muster", "password": PASSWORD}
    assert (await client.post("/api/v1/auth/invitations/accept", json=body)).status_code == 404


@pytest.mark.parametrize(
    "change",
    [{"email": "nobody"}, {"full_name": ""}, {"role": "owner"}, {"password": "short"}, {"password": None}, {"x": 1}],
)
async def test_wrong_users_are_not_made(admin: Caller, change: dict[str, Any]) -> None:
    body = {"email": new_email(), "full_name": "Erika Muster", "role": "viewer", "password": PASSWORD}
    status, _ = await admin.refused("POST", "/users", json=body | change)
    assert status == 422
    assert (await admin.get("/users"))["total"] == 3


async def test_the_last_admin_stays(admin: Caller, tenant: MadeTenant) -> None:
    for change in ({"role": "viewer"}, {"is_active": False}):
        status, detail = await admin.refused("PATCH", f"/users/{tenant.admin_id}", json=change)
        assert (status, detail) == (409, "This is the last active admin. Make somebody else an admin first.")


async def test_only_admins_administer(operator: Caller, viewer: Caller, tenant: MadeTenant) -> None:
    body = {"email": new_email(), "full_name": "x", "role": "admin", "password": PASSWORD}
    for caller in (operator, viewer):
        for method, path, sent in (
            ("POST", "/users", body),
            ("PATCH", f"/users/{tenant.viewer_id}", {"role": "admin"}),
            ("GET", "/invitations", None),
            ("POST", "/invitations", {"email": new_email(), "role": "admin"}),
            ("DELETE", f"/invitations/{uuid4()}", None),
        ):
            status, _ = await caller.refused(method, path, json=sent)
            assert status == 403, path
    assert (await viewer.get("/users"))["total"] == 3


async def test_a_closed_server_lets_nobody_register(client: httpx.AsyncClient) -> None:
    body = {"tenant_name": "Works", "email": new_email(), "full_name": "Erika Muster", "password": PASSWORD}
    answer = await client.post("/api/v1/auth/register", json=body)
    assert answer.status_code == 403
    assert "invitation" in answer.json()["detail"]


async def test_an_open_server_signs_the_first_admin_in(settings: Settings) -> None:
    app = create_app(settings.model_copy(update={"is_registration_open": True}))
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app, client=("127.0.0.1", 50_000))
        async with httpx.AsyncClient(transport=transport, base_url="http://plantwright.test") as client:
            body = {"tenant_name": "Works", "email": new_email(), "full_name": "Erika Muster", "password": PASSWORD}
            answer = await client.post("/api/v1/auth/register", json=body)
            assert answer.status_code == 201, answer.text
            assert answer.headers["set-cookie"].startswith("refresh_token=")
            me = await Caller(client, answer.json()["access_token"]).get("/auth/me")
    assert (me["role"], me["tenant_name"], me["subscription_tier"]) == ("admin", "Works", "free")
