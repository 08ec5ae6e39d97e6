import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest
from plantwright.core.clock import utc_now
from plantwright.core.errors import NotFound, Unauthenticated
from plantwright.identity import repository
from plantwright.identity.authentication import Authenticator, Session, end_session_of
from plantwright.identity.models import CredentialDirectory, Role
from plantwright.identity.principal import Principal
from plantwright.identity.refresh import GRACE
from plantwright.identity.users import UserChange, update_user
from plantwright.journal.service import Journal
from sqlmodel import select

from tests.backend.identity.looking import change_user, everything_recorded, records
from tests.conftest import Databases
from tests.factories import PASSWORD, MadeTenant

ADDRESS = "192.0.2.21"


async def signed_in(authenticator: Authenticator, tenant: MadeTenant, role: Role = Role.OPERATOR) -> Session:
    return await authenticator.login(tenant.email(role), PASSWORD, f"{tenant.slug}", "Panel 4")


def token_of(session: Session) -> str:
    assert session.refresh_token is not None
    return session.refresh_token


async def age(databases: Databases, session: Session, **earlier: timedelta) -> None:
    """Move times of the stored session into the past."""
    async with databases.app.transaction(session.tenant.id) as work:
        assert session.principal.session_id is not None
        row = await repository.lock_session(work, session.principal.session_id)
        assert row is not None
        for name, by in earlier.items():
            setattr(row, name, getattr(row, name) - by)
        work.session.add(row)


async def test_a_refresh_gives_new_tokens_and_keeps_the_session(
    authenticator: Authenticator, databases: Databases, tenant: MadeTenant
) -> None:
    first = await signed_in(authenticator, tenant)
    second = await authenticator.refresh(token_of(first), ADDRESS, "Panel 5")
    assert len({first.access_token, second.access_token}) == 2
    assert token_of(first) != token_of(second)
    assert first.principal.session_id == second.principal.session_id
    principal = await authenticator.authenticate(second.access_token)
    assert (principal.user_id, principal.role) == (tenant.operator_id, Role.OPERATOR)
    async with databases.app.reading(tenant.id) as work:
        now = utc_now()
        [row] = await repository.list_open_sessions(work, tenant.operator_id, now, now - timedelta(days=1))
    assert (row.address, row.device) == (ADDRESS, "Panel 5")
    secret = token_of(second).partition(".")[2]
    assert secret.encode() not in row.secret_hash


async def test_a_copied_token_ends_the_session_for_both(
    authenticator: Authenticator, databases: Databases, tenant: MadeTenant
) -> None:
    first = await signed_in(authenticator, tenant)
    other = await signed_in(authenticator, tenant)
    second = await authenticator.refresh(token_of(first), ADDRESS, "")
    await age(databases, first, refreshed_at=GRACE + timedelta(seconds=1))
    with pytest.raises(Unauthenticated):
        await authenticator.refresh(token_of(first), "198.51.100.1", "thief")
    for token in (token_of(first), token_of(second)):
        with pytest.raises(Unauthenticated):
            await authenticator.refresh(token, ADDRESS, "")
    for session in (first, second):
        with pytest.raises(Unauthenticated):
            await authenticator.authenticate(session.access_token)
    await authenticator.authenticate(other.access_token)
    (row,) = await records(databases.app, tenant.id, "session.token_reused")
    assert (row.resource_id, row.actor_id) == (str(first.principal.session_id), None)
    assert row.payload == {"user_id": str(tenant.operator_id), "address": "198.51.100.1"}


async def test_a_token_two_steps_old_has_no_grace(authenticator: Authenticator, tenant: MadeTenant) -> None:
    first = await signed_in(authenticator, tenant)
    second = await authenticator.refresh(token_of(first), ADDRESS, "")
    third = await authenticator.refresh(token_of(second), ADDRESS, "")
    with pytest.raises(Unauthenticated):
        await authenticator.refresh(token_of(first), ADDRESS, "")
    with pytest.raises(Unauthenticated):
        await authenticator.refresh(token_of(third), ADDRESS, "")


async def test_two_tabs_refresh_at_once(authenticator: Authenticator, tenant: MadeTenant) -> None:
    first = await signed_in(authenticator, tenant)
    answers = await asyncio.gather(*(authenticator.refresh(token_of(first), ADDRESS, "") for _ in range(3)))
    [next_token] = [answer.refresh_token for answer in answers if answer.refresh_token is not None]
    for answer in answers:
        await authenticator.authenticate(answer.access_token)
    await authenticator.refresh(next_token, ADDRESS, "")


@pytest.mark.parametrize(
    "earlier",
    [
        {"expires_at": timedelta(days=31)},
        {"refreshed_at": timedelta(days=7, seconds=1)},
    ],
)
async def test_a_session_ends_by_itself(
    authenticator: Authenticator, databases: Databases, tenant: MadeTenant, earlier: dict[str, timedelta]
) -> None:
    session = await signed_in(authenticator, tenant)
    await age(databases, session, **earlier)
    with pytest.raises(Unauthenticated, match="over"):
        await authenticator.refresh(token_of(session), ADDRESS, "")


async def test_an_access_token_ends_with_its_session(
    authenticator: Authenticator, databases: Databases, tenant: MadeTenant
) -> None:
    session = await signed_in(authenticator, tenant)
    await age(databases, session, expires_at=timedelta(days=30) - timedelta(minutes=5))
    refreshed = await authenticator.refresh(token_of(session), ADDRESS, "")
    assert refreshed.expires_at <= refreshed.ends_at < utc_now() + timedelta(minutes=6)


async def test_a_logout_ends_the_session(authenticator: Authenticator, tenant: MadeTenant) -> None:
    session = await signed_in(authenticator, tenant)
    refreshed = await authenticator.refresh(token_of(session), ADDRESS, "")
    await authenticator.logout(refreshed.principal)
    for one in (session, refreshed):
        with pytest.raises(Unauthenticated):
            await authenticator.authenticate(one.access_token)
    with pytest.raises(Unauthenticated):
        await authenticator.refresh(token_of(refreshed), ADDRESS, "")


async def test_a_deactivated_person_stays_out_when_active_again(
    authenticator: Authenticator, databases: Databases, journal: Journal, tenant: MadeTenant
) -> None:
    session = await signed_in(authenticator, tenant)
    admin = Principal(tenant.id, tenant.admin_id, Role.ADMIN, "t", utc_now())
    for is_active in (False, True):
        async with databases.app.transaction(tenant.id) as work:
            await update_user(work, journal, admin, tenant.operator_id, UserChange(is_active=is_active))
        with pytest.raises(Unauthenticated):
            await authenticator.refresh(token_of(session), ADDRESS, "")
        with pytest.raises(Unauthenticated):
            await authenticator.authenticate(session.access_token)
    await signed_in(authenticator, tenant)


async def test_an_inactive_person_refreshes_nothing(
    authenticator: Authenticator, databases: Databases, tenant: MadeTenant
) -> None:
    session = await signed_in(authenticator, tenant)
    await change_user(databases.app, tenant.id, tenant.operator_id, is_active=False)
    with pytest.raises(Unauthenticated):
        await authenticator.refresh(token_of(session), ADDRESS, "")


@pytest.mark.parametrize("token", ["", ".", "a.b", "no dot", "half \ud83d.x", "x" * 10_000])
async def test_what_names_no_session_is_refused(authenticator: Authenticator, token: str) -> None:
    with pytest.raises(Unauthenticated):
        await authenticator.refresh(token, ADDRESS, "")


async def test_who_may_end_a_session(
    authenticator: Authenticator, databases: Databases, journal: Journal, tenant: MadeTenant
) -> None:
    session = await signed_in(authenticator, tenant, Role.ADMIN)
    session_id = session.principal.session_id
    assert session_id is not None
    people = {Role.VIEWER: tenant.viewer_id, Role.OPERATOR: tenant.operator_id, Role.ADMIN: tenant.admin_id}
    for role in (Role.VIEWER, Role.OPERATOR):
        principal = Principal(tenant.id, people[role], role, "t", utc_now())
        for named in (session_id, uuid4()):
            async with databases.app.transaction(tenant.id) as work:
                with pytest.raises(NotFound):
                    await end_session_of(work, journal, principal, named)
    await authenticator.authenticate(session.access_token)
    for _ in range(2):
        async with databases.app.transaction(tenant.id) as work:
            principal = Principal(tenant.id, people[Role.ADMIN], Role.ADMIN, "t", utc_now())
            await end_session_of(work, journal, principal, session_id)
    with pytest.raises(Unauthenticated):
        await authenticator.authenticate(session.access_token)
    assert len(await records(databases.app, tenant.id, "session.revoked")) == 1


async def test_long_gone_sessions_are_forgotten_at_the_next_login(
    authenticator: Authenticator, databases: Databases, tenant: MadeTenant
) -> None:
    session = await signed_in(authenticator, tenant)
    await age(databases, session, expires_at=timedelta(days=61))
    other = await signed_in(authenticator, tenant)
    assert session.principal.session_id is not None
    async with databases.app.transaction(tenant.id) as work:
        assert await repository.lock_session(work, session.principal.session_id) is None
        known = (await work.session.exec(select(CredentialDirectory.lookup_hash))).all()
    locators = [repository.lookup_hash("session", token_of(one).partition(".")[0]) for one in (session, other)]
    assert [locator in known for locator in locators] == [False, True]


async def test_no_refresh_token_is_journaled(
    authenticator: Authenticator, databases: Databases, tenant: MadeTenant
) -> None:
    session = await signed_in(authenticator, tenant)
    refreshed = await authenticator.refresh(token_of(session), ADDRESS, "")
    said = await everything_recorded(databases.app, tenant.id)
    for token in (token_of(session), token_of(refreshed)):
        assert not any(part in said for part in token.split("."))
