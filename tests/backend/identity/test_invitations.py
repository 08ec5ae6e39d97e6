import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest
from plantwright.core.clock import utc_now
from plantwright.core.errors import Conflict, NotFound, TooManyAttempts, ValidationFailed
from plantwright.identity import repository
from plantwright.identity.authentication import Authenticator
from plantwright.identity.door import IdentityDoor
from plantwright.identity.invitations import invite, withdraw
from plantwright.identity.models import Invitation, Role
from plantwright.identity.principal import Principal
from plantwright.identity.sessions import MAX_VISITS
from plantwright.journal.service import Journal

from tests.backend.identity.looking import everything_recorded, records
from tests.conftest import Databases
from tests.factories import PASSWORD, MadeTenant, TenantFactory

ADDRESS = "192.0.2.9"


def admin_of(tenant: MadeTenant) -> Principal:
    return Principal(tenant.id, tenant.admin_id, Role.ADMIN, "t", utc_now())


async def invited(
    databases: Databases, journal: Journal, tenant: MadeTenant, email: str, role: Role = Role.OPERATOR
) -> tuple[Invitation, str]:
    async with databases.app.transaction(tenant.id) as work:
        return await invite(work, journal, admin_of(tenant), email=email, role=role)


def new_email() -> str:
    return f"new-{uuid4().hex[:10]}@example.com"


def new_address() -> str:
    """Attempts are counted by address; each test has one of its own."""
    return f"2001:db8::{uuid4().hex[:4]}:{uuid4().hex[:4]}"


async def test_whoever_holds_the_link_makes_the_account(
    databases: Databases, journal: Journal, tenant: MadeTenant, door: IdentityDoor, authenticator: Authenticator
) -> None:
    email = new_email()
    invitation, token = await invited(databases, journal, tenant, f" {email.upper()} ")
    user = await door.accept_invitation(token, new_address(), full_name="Erika Muster", password=PASSWORD)
    assert (user.tenant_id, user.email, user.role, user.full_name) == (tenant.id, email, "operator", "Erika Muster")
    session = await authenticator.login(email, PASSWORD, ADDRESS)
    assert session.principal.role is Role.OPERATOR
    (made,) = await records(databases.app, tenant.id, "invitation.created")
    assert (made.actor_id, made.resource_id) == (tenant.admin_id, str(invitation.id))
    (taken,) = await records(databases.app, tenant.id, "invitation.accepted")
    assert taken.actor_id == user.id
    assert token not in await everything_recorded(databases.app, tenant.id)


async def test_a_link_works_once_even_for_two_at_once(
    databases: Databases, journal: Journal, tenant: MadeTenant, door: IdentityDoor
) -> None:
    _, token = await invited(databases, journal, tenant, new_email())
    address = new_address()
    outcomes = await asyncio.gather(
        *(door.accept_invitation(token, address, full_name="A Person", password=PASSWORD) for _ in range(3)),
        return_exceptions=True,
    )
    assert [type(outcome) for outcome in outcomes].count(NotFound) == 2


async def test_what_cannot_be_used_is_told_the_same(
    databases: Databases, journal: Journal, tenant: MadeTenant, door: IdentityDoor
) -> None:
    gone, withdrawn = await invited(databases, journal, tenant, new_email())
    over, late = await invited(databases, journal, tenant, new_email())
    async with databases.app.transaction(tenant.id) as work:
        await withdraw(work, journal, admin_of(tenant), gone.id)
        row = await repository.lock_invitation(work, over.id)
        assert row is not None
        row.expires_at = utc_now() - timedelta(seconds=1)
        work.session.add(row)
    address = new_address()
    messages = set()
    for token in (withdrawn, late, "unknown", "", "half \ud83d"):
        with pytest.raises(NotFound) as refusal:
            await door.accept_invitation(token, address, full_name="A Person", password=PASSWORD)
        messages.add(refusal.value.message)
    assert len(messages) == 1


async def test_bad_input_leaves_the_invitation_open(
    databases: Databases, journal: Journal, tenant: MadeTenant, door: IdentityDoor
) -> None:
    _, token = await invited(databases, journal, tenant, new_email())
    address = new_address()
    for name, password in (("", PASSWORD), ("A Person", "short")):
        with pytest.raises(ValidationFailed):
            await door.accept_invitation(token, address, full_name=name, password=password)
    await door.accept_invitation(token, address, full_name="A Person", password=PASSWORD)


async def test_a_second_invitation_withdraws_the_first(
    databases: Databases, journal: Journal, tenant: MadeTenant, door: IdentityDoor
) -> None:
    email, address = new_email(), new_address()
    first, old = await invited(databases, journal, tenant, email, Role.ADMIN)
    _, new = await invited(databases, journal, tenant, email, Role.VIEWER)
    with pytest.raises(NotFound):
        await door.accept_invitation(old, address, full_name="A Person", password=PASSWORD)
    user = await door.accept_invitation(new, address, full_name="A Person", password=PASSWORD)
    assert user.role == "viewer"
    (row,) = await records(databases.app, tenant.id, "invitation.withdrawn")
    assert row.resource_id == str(first.id)


async def test_who_has_an_account_anywhere_is_not_invited(
    databases: Databases, journal: Journal, tenant: MadeTenant, make_tenant: TenantFactory, door: IdentityDoor
) -> None:
    other = await make_tenant()
    for email in (tenant.email(Role.VIEWER), other.email(Role.VIEWER)):
        with pytest.raises(Conflict) as refusal:
            await invited(databases, journal, tenant, email)
        assert refusal.value.path == ("email",)
    # Both invite somebody; the first link that is used makes the account.
    email, address = new_email(), new_address()
    tokens = [(await invited(databases, journal, place, email))[1] for place in (tenant, other)]
    await door.accept_invitation(tokens[0], address, full_name="A Person", password=PASSWORD)
    with pytest.raises(Conflict):
        await door.accept_invitation(tokens[1], address, full_name="A Person", password=PASSWORD)


async def test_an_accepted_invitation_is_not_withdrawn(
    databases: Databases, journal: Journal, tenant: MadeTenant, door: IdentityDoor
) -> None:
    invitation, token = await invited(databases, journal, tenant, new_email())
    await door.accept_invitation(token, new_address(), full_name="A Person", password=PASSWORD)
    with pytest.raises(Conflict):
        async with databases.app.transaction(tenant.id) as work:
            await withdraw(work, journal, admin_of(tenant), invitation.id)


async def test_attempts_of_one_address_are_counted(door: IdentityDoor) -> None:
    address = new_address()
    for _ in range(MAX_VISITS):
        with pytest.raises(NotFound):
            await door.accept_invitation("unknown", address, full_name="A Person", password=PASSWORD)
    with pytest.raises(TooManyAttempts) as refusal:
        await door.accept_invitation("unknown", address, full_name="A Person", password=PASSWORD)
    assert 0 < refusal.value.retry_after_seconds <= 300


def test_the_token_stands_where_servers_do_not_see_it(door: IdentityDoor) -> None:
    assert door.invitation_link("abc") == "https://plant.example/invitation#abc"
