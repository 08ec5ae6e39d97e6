import pytest
from plantwright.core.errors import Conflict, InvalidCredentials, TooManyAttempts, Unauthenticated, ValidationFailed
from plantwright.identity.authentication import Authenticator, Session
from plantwright.identity.door import IdentityDoor
from plantwright.identity.models import Role
from plantwright.identity.sessions import MAX_FAILURES

from tests.backend.identity.looking import everything_recorded, records
from tests.conftest import Databases
from tests.factories import PASSWORD, MadeTenant, TenantFactory

NEW = "Another-Horse-8"
WRONG = "Wrong-Horse-8"


async def signed_in(authenticator: Authenticator, tenant: MadeTenant) -> Session:
    return await authenticator.login(tenant.email(Role.OPERATOR), PASSWORD, tenant.slug)


async def test_a_new_password_ends_the_other_sessions(
    authenticator: Authenticator, databases: Databases, door: IdentityDoor, tenant: MadeTenant
) -> None:
    mine, other = [await signed_in(authenticator, tenant) for _ in range(2)]
    await door.profiles.change_password(mine.principal, PASSWORD, NEW, tenant.slug)
    await authenticator.authenticate(mine.access_token)
    with pytest.raises(Unauthenticated):
        await authenticator.authenticate(other.access_token)
    with pytest.raises(Unauthenticated):
        await authenticator.refresh(other.refresh_token or "", tenant.slug, "")
    with pytest.raises(InvalidCredentials):
        await signed_in(authenticator, tenant)
    await authenticator.login(tenant.email(Role.OPERATOR), NEW, tenant.slug)
    (row,) = await records(databases.app, tenant.id, "user.password_changed")
    assert (row.actor_id, row.payload) == (tenant.operator_id, {"sessions_ended": 1})
    said = await everything_recorded(databases.app, tenant.id)
    assert not any(secret in said for secret in (PASSWORD, NEW))


@pytest.mark.parametrize(
    ("current", "new", "path"),
    [
        (WRONG, NEW, "currentPassword"),
        ("", NEW, "currentPassword"),
        ("\ud83d", NEW, "currentPassword"),
        (PASSWORD, "short", "newPassword"),
        (PASSWORD, "Password1!", "newPassword"),
        (PASSWORD, PASSWORD, "newPassword"),
    ],
)
async def test_a_password_stays_when_the_change_is_refused(
    authenticator: Authenticator, door: IdentityDoor, tenant: MadeTenant, current: str, new: str, path: str
) -> None:
    mine, other = [await signed_in(authenticator, tenant) for _ in range(2)]
    with pytest.raises(ValidationFailed) as refusal:
        await door.profiles.change_password(mine.principal, current, new, tenant.slug)
    assert refusal.value.path == (path,)
    await authenticator.authenticate(other.access_token)
    await signed_in(authenticator, tenant)


async def test_a_stolen_session_cannot_try_passwords(
    authenticator: Authenticator, door: IdentityDoor, tenant: MadeTenant
) -> None:
    mine = await signed_in(authenticator, tenant)
    for _ in range(MAX_FAILURES):
        with pytest.raises(ValidationFailed):
            await door.profiles.change_password(mine.principal, WRONG, NEW, tenant.slug)
    with pytest.raises(TooManyAttempts):
        await door.profiles.change_password(mine.principal, PASSWORD, NEW, tenant.slug)


async def test_a_new_email_needs_the_password_and_then_opens_the_account(
    authenticator: Authenticator, databases: Databases, door: IdentityDoor, tenant: MadeTenant
) -> None:
    mine = await signed_in(authenticator, tenant)
    email = f"new@{tenant.slug}.example"
    for password in (None, WRONG):
        with pytest.raises(ValidationFailed) as refusal:
            await door.profiles.update(mine.principal, tenant.slug, full_name=None, email=email, password=password)
        assert refusal.value.path == ("currentPassword",)
    changed = await door.profiles.update(
        mine.principal, tenant.slug, full_name="New Name", email=f" {email.upper()}", password=PASSWORD
    )
    assert (changed.email, changed.full_name) == (email, "New Name")
    await authenticator.login(email, PASSWORD, tenant.slug)
    with pytest.raises(InvalidCredentials):
        await signed_in(authenticator, tenant)
    (row,) = await records(databases.app, tenant.id, "user.updated")
    assert row.payload["changes"]["email"] == {"old": tenant.email(Role.OPERATOR), "new": email}


async def test_a_name_needs_no_password(authenticator: Authenticator, door: IdentityDoor, tenant: MadeTenant) -> None:
    mine = await signed_in(authenticator, tenant)
    changed = await door.profiles.update(
        mine.principal, tenant.slug, full_name="New Name", email=tenant.email(Role.OPERATOR), password=None
    )
    assert changed.full_name == "New Name"


async def test_an_address_that_is_taken_stays_with_its_owner(
    authenticator: Authenticator,
    door: IdentityDoor,
    tenant: MadeTenant,
    make_tenant: TenantFactory,
) -> None:
    mine, other = await signed_in(authenticator, tenant), await make_tenant()
    for email in (tenant.email(Role.ADMIN), other.email(Role.ADMIN)):
        with pytest.raises(Conflict):
            await door.profiles.update(mine.principal, tenant.slug, full_name=None, email=email, password=PASSWORD)
    with pytest.raises(ValidationFailed):
        await door.profiles.update(mine.principal, tenant.slug, full_name=None, email="nobody", password=PASSWORD)
    await signed_in(authenticator, tenant)
    await authenticator.login(other.email(Role.ADMIN), PASSWORD, tenant.slug)
