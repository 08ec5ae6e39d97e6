"""The refresh cookie, sessions and the own profile over REST; what the rows run is GraphQL."""

from uuid import uuid4

import httpx
import pytest
import pytest_asyncio
from plantwright.identity.models import Role
from plantwright.journal.service import Journal

from tests.backend.rest.caller import Caller
from tests.conftest import Databases
from tests.factories import PASSWORD, MadeTenant, TenantFactory
from tests.graphql_client import LOGIN, GraphQLClient

pytestmark = pytest.mark.asyncio(loop_scope="session")

NEW = "Another-Horse-8"


@pytest_asyncio.fixture(loop_scope="session")
async def registered(databases: Databases, journal: Journal) -> MadeTenant:
    """Its people have passwords."""
    return await TenantFactory(databases.app, journal)()


async def sign_in(client: httpx.AsyncClient, tenant: MadeTenant, role: Role = Role.OPERATOR) -> tuple[Caller, str]:
    """As a browser; the client of the tests keeps no cookie, so that each test says which one it sends."""
    body = {"email": tenant.email(role), "password": PASSWORD}
    answer = await client.post("/api/v1/auth/login", json=body, headers={"user-agent": "Panel 4"})
    client.cookies.clear()
    return Caller(client, answer.json()["access_token"]), cookie_of(answer)


def cookie_of(answer: httpx.Response) -> str:
    """The value, after a look at what stands around it."""
    pair, *attributes = answer.headers["set-cookie"].split("; ")
    assert {"Path=/api/v1/auth", "HttpOnly", "SameSite=Strict"} <= set(attributes)
    name, _, value = pair.partition("=")
    assert name == "refresh_token"
    return value


async def refresh(client: httpx.AsyncClient, cookie: str) -> httpx.Response:
    answer = await client.post("/api/v1/auth/refresh", headers={"cookie": f"refresh_token={cookie}"})
    client.cookies.clear()
    return answer


async def test_a_browser_refreshes_with_its_cookie(client: httpx.AsyncClient, registered: MadeTenant) -> None:
    _, cookie = await sign_in(client, registered)
    answer = await refresh(client, cookie)
    assert answer.status_code == 200
    body = answer.json()
    assert (body["token_type"], body["mfa_required"]) == ("bearer", False)
    assert (await Caller(client, body["access_token"]).get("/auth/me"))["role"] == "operator"
    assert cookie_of(answer) != cookie


async def test_without_a_cookie_nothing_is_refreshed(client: httpx.AsyncClient) -> None:
    for answer in (await client.post("/api/v1/auth/refresh"), await refresh(client, "made.up")):
        assert (answer.status_code, answer.json()) == (401, {"detail": "Your session is over. Sign in again."})
        assert "set-cookie" not in answer.headers


async def test_graphql_sets_the_same_cookie(client: httpx.AsyncClient, registered: MadeTenant) -> None:
    variables = {"input": {"email": registered.email(Role.VIEWER), "password": PASSWORD}}
    answer = await GraphQLClient(client).send(LOGIN, variables)
    client.cookies.clear()
    assert (await refresh(client, cookie_of(answer))).status_code == 200


async def test_a_logout_takes_the_cookie_back(client: httpx.AsyncClient, registered: MadeTenant) -> None:
    caller, cookie = await sign_in(client, registered)
    answer = await caller.send("POST", "/auth/logout")
    assert answer.headers["set-cookie"].startswith("refresh_token=; Path=/api/v1/auth; Max-Age=0;")
    assert (await refresh(client, cookie)).status_code == 401


async def test_people_see_and_end_their_sessions(client: httpx.AsyncClient, registered: MadeTenant) -> None:
    here, _ = await sign_in(client, registered)
    there, cookie = await sign_in(client, registered)
    listed = await here.get("/auth/sessions")
    assert listed["total"] == 2
    assert [one["is_current"] for one in listed["items"]] == [False, True]
    assert {(one["device"], one["address"]) for one in listed["items"]} == {("Panel 4", "127.0.0.1")}
    ended = await here.send("DELETE", f"/auth/sessions/{listed['items'][0]['id']}")
    assert (ended.status_code, ended.content) == (204, b"")
    assert (await there.refused("GET", "/auth/me"))[0] == 401
    assert (await refresh(client, cookie)).status_code == 401
    assert (await here.get("/auth/sessions"))["total"] == 1


async def test_sessions_of_others_are_for_admins(client: httpx.AsyncClient, registered: MadeTenant) -> None:
    theirs, _ = await sign_in(client, registered)
    admin, _ = await sign_in(client, registered, Role.ADMIN)
    viewer, _ = await sign_in(client, registered, Role.VIEWER)
    [session] = (await admin.get("/auth/sessions", user_id=str(registered.operator_id)))["items"]
    assert session["user_id"] == str(registered.operator_id)
    path = f"/auth/sessions/{session['id']}"
    assert (await viewer.refused("GET", "/auth/sessions", params={"user_id": session["user_id"]}))[0] == 403
    assert await viewer.refused("DELETE", path) == (404, "Session not found.")
    assert await viewer.refused("DELETE", f"/auth/sessions/{uuid4()}") == (404, "Session not found.")
    assert (await admin.send("DELETE", path)).status_code == 204
    assert (await theirs.refused("GET", "/auth/me"))[0] == 401


async def test_the_own_profile(client: httpx.AsyncClient, registered: MadeTenant) -> None:
    caller, _ = await sign_in(client, registered)
    changed = await caller.write("PATCH", "/settings/profile", {"full_name": "Erika Muster"})
    assert changed["full_name"] == "Erika Muster"
    new = {"email": f"new@{registered.slug}.example"}
    status, detail = await caller.refused("PATCH", "/settings/profile", json=new)
    assert (status, detail) == (422, "Changing the email needs the current password.")
    changed = await caller.write("PATCH", "/settings/profile", {**new, "current_password": PASSWORD})
    assert changed["email"] == new["email"]


async def test_the_own_password(client: httpx.AsyncClient, registered: MadeTenant) -> None:
    caller, _ = await sign_in(client, registered)
    other, _ = await sign_in(client, registered)
    body = {"current_password": PASSWORD, "new_password": NEW}
    wrong = await caller.refused("POST", "/settings/change-password", json=body | {"current_password": "wrong"})
    assert wrong == (422, "The current password is wrong.")
    weak, _ = await caller.refused("POST", "/settings/change-password", json=body | {"new_password": "Password1!"})
    assert weak == 422
    changed = await caller.send("POST", "/settings/change-password", json=body)
    assert (changed.status_code, changed.content) == (204, b"")
    assert (await other.refused("GET", "/auth/me"))[0] == 401
    assert (await caller.get("/auth/me"))["email"] == registered.email(Role.OPERATOR)
