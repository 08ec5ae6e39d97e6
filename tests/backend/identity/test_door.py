from uuid import uuid4

import pytest
from plantwright.core.errors import Conflict, PermissionDenied, TooManyAttempts, ValidationFailed
from plantwright.identity import repository
from plantwright.identity.authentication import Authenticator
from plantwright.identity.door import IdentityDoor
from plantwright.identity.models import Role
from plantwright.identity.sessions import MAX_VISITS, SessionStore
from plantwright.journal.service import Journal

from tests.backend.identity.looking import records
from tests.conftest import Databases
from tests.factories import PASSWORD, MadeTenant


@pytest.fixture
def open_door(databases: Databases, journal: Journal, sessions: SessionStore) -> IdentityDoor:
    return IdentityDoor(databases.app, journal, sessions, "https://plant.example", is_registration_open=True)


def someone() -> dict[str, str]:
    name = uuid4().hex[:10]
    return {
        "tenant_name": f"Works {name}",
        "email": f"first@{name}.example",
        "full_name": "Erika Muster",
        "password": PASSWORD,
    }


async def test_a_registration_makes_a_free_tenant_and_its_admin(
    databases: Databases, open_door: IdentityDoor, authenticator: Authenticator
) -> None:
    person = someone()
    admin = await open_door.register(person["email"], **person)
    session = await authenticator.login(person["email"], PASSWORD, person["email"])
    assert (session.principal.role, session.tenant.tier) == (Role.ADMIN, "free")
    assert session.tenant.name == person["tenant_name"]
    actions = [row.action for row in await records(databases.app, admin.tenant_id, "")]
    assert actions == ["tenant.created", "user.created", "user.logged_in"]


async def test_a_closed_server_registers_nobody(databases: Databases, door: IdentityDoor) -> None:
    person = someone()
    with pytest.raises(PermissionDenied, match="invitation"):
        await door.register(person["email"], **person)
    async with databases.app.transaction() as work:
        assert await repository.find_tenant_of(work, repository.lookup_hash("email", person["email"])) is None


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"tenant_name": " "}, "tenantName"),
        ({"tenant_name": "x" * 201}, "tenantName"),
        ({"full_name": ""}, "fullName"),
        ({"email": "nobody"}, "email"),
        ({"password": "short"}, "password"),
        ({"password": "Password1!"}, "password"),
    ],
)
async def test_bad_input_makes_nothing(open_door: IdentityDoor, change: dict[str, str], path: str) -> None:
    person = someone()
    with pytest.raises(ValidationFailed) as refusal:
        await open_door.register(person["email"], **(person | change))
    assert refusal.value.path == (path,)
    await open_door.register(person["email"], **person)


async def test_an_address_with_an_account_founds_no_tenant(open_door: IdentityDoor, tenant: MadeTenant) -> None:
    person = someone()
    with pytest.raises(Conflict):
        await open_door.register(person["email"], **(person | {"email": tenant.email(Role.VIEWER)}))


async def test_registrations_of_one_address_are_counted(open_door: IdentityDoor) -> None:
    person = someone()
    for _ in range(MAX_VISITS):
        with pytest.raises(ValidationFailed):
            await open_door.register(person["email"], **(person | {"tenant_name": ""}))
    with pytest.raises(TooManyAttempts):
        await open_door.register(person["email"], **person)
