import asyncio
from uuid import uuid4

import pytest
from plantwright.core.clock import utc_now
from plantwright.core.errors import Conflict, InvalidCredentials, NotFound, Unauthenticated, ValidationFailed
from plantwright.identity.authentication import Authenticator
from plantwright.identity.models import Role, User
from plantwright.identity.principal import Principal
from plantwright.identity.users import LAST_ADMIN, UserChange, update_user
from plantwright.journal.service import Journal

from tests.backend.identity.looking import change_user, records
from tests.conftest import Databases
from tests.factories import PASSWORD, MadeTenant, TenantFactory

ADDRESS = "192.0.2.7"


async def change(databases: Databases, journal: Journal, tenant: MadeTenant, user: object, **values: object) -> User:
    principal = Principal(tenant.id, tenant.admin_id, Role.ADMIN, "t", utc_now())
    async with databases.app.transaction(tenant.id) as work:
        return await update_user(work, journal, principal, user, UserChange(**values))  # type: ignore[arg-type]


async def test_a_change_is_journaled_with_old_and_new(
    databases: Databases, journal: Journal, tenant: MadeTenant
) -> None:
    await change(databases, journal, tenant, tenant.viewer_id, role=Role.OPERATOR, full_name=" Erika Muster ")
    await change(databases, journal, tenant, tenant.viewer_id, role=Role.OPERATOR)
    (row,) = await records(databases.app, tenant.id, "user.updated")
    assert (row.actor_id, row.resource_id) == (tenant.admin_id, str(tenant.viewer_id))
    assert row.payload["changes"] == {
        "full_name": {"old": f"Viewer of {tenant.slug}", "new": "Erika Muster"},
        "role": {"old": "viewer", "new": "operator"},
    }


async def test_a_new_role_and_a_lost_access_hold_at_the_next_request(
    databases: Databases, journal: Journal, authenticator: Authenticator, tenant: MadeTenant
) -> None:
    session = await authenticator.login(tenant.email(Role.VIEWER), PASSWORD, ADDRESS)
    await change(databases, journal, tenant, tenant.viewer_id, role=Role.OPERATOR)
    assert (await authenticator.authenticate(session.access_token)).role is Role.OPERATOR
    await change(databases, journal, tenant, tenant.viewer_id, is_active=False)
    with pytest.raises(Unauthenticated, match="inactive"):
        await authenticator.authenticate(session.access_token)
    with pytest.raises(InvalidCredentials):
        await authenticator.login(tenant.email(Role.VIEWER), PASSWORD, ADDRESS)


@pytest.mark.parametrize("loss", [{"role": Role.OPERATOR}, {"is_active": False}])
async def test_the_last_active_admin_stays(
    databases: Databases, journal: Journal, tenant: MadeTenant, loss: dict[str, object]
) -> None:
    await change(databases, journal, tenant, tenant.operator_id, role=Role.ADMIN)
    await change_user(databases.app, tenant.id, tenant.operator_id, is_active=False)
    with pytest.raises(Conflict, match=LAST_ADMIN):
        await change(databases, journal, tenant, tenant.admin_id, **loss)
    await change(databases, journal, tenant, tenant.admin_id, full_name="Still here")
    await change(databases, journal, tenant, tenant.operator_id, is_active=True)
    await change(databases, journal, tenant, tenant.admin_id, **loss)


async def test_two_admins_cannot_dismiss_each_other_at_once(
    databases: Databases, journal: Journal, tenant: MadeTenant
) -> None:
    await change(databases, journal, tenant, tenant.operator_id, role=Role.ADMIN)
    outcomes = await asyncio.gather(
        *(change(databases, journal, tenant, one, is_active=False) for one in (tenant.admin_id, tenant.operator_id)),
        return_exceptions=True,
    )
    assert [type(outcome) for outcome in outcomes if not isinstance(outcome, User)] == [Conflict]


async def test_nobody_of_another_tenant_is_found(
    databases: Databases, journal: Journal, tenant: MadeTenant, make_tenant: TenantFactory
) -> None:
    other = await make_tenant()
    for user_id in (other.viewer_id, uuid4()):
        with pytest.raises(NotFound):
            await change(databases, journal, tenant, user_id, role=Role.ADMIN)
    assert await records(databases.app, other.id, "user.updated") == []


@pytest.mark.parametrize("name", ["", "  ", "x" * 201, "two\nlines", "half \ud83d"])
async def test_what_is_no_name_is_refused(
    databases: Databases, journal: Journal, tenant: MadeTenant, name: str
) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        await change(databases, journal, tenant, tenant.viewer_id, full_name=name)
    assert refusal.value.path == ("fullName",)
