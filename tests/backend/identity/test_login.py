import asyncio

import pytest
from plantwright.core.errors import InvalidCredentials, TooManyAttempts, Unauthenticated, Unavailable
from plantwright.core.settings import Settings
from plantwright.identity.authentication import WRONG_CREDENTIALS, Authenticator
from plantwright.identity.models import Role
from plantwright.identity.sessions import (
    MAX_FAILURES,
    MAX_FAILURES_OF_ACCOUNT,
    MAX_FAILURES_OF_ADDRESS,
    SessionStore,
)
from plantwright.identity.tokens import TokenIssuer
from plantwright.journal.service import Journal
from redis.asyncio import Redis
from structlog.testing import capture_logs

from tests.backend.identity.looking import change_user, everything_recorded, records
from tests.backend.relay import relayed
from tests.conftest import Databases
from tests.factories import PASSWORD, MadeTenant

ADDRESS = "192.0.2.7"
WRONG = "Wrong-Horse-8"


async def test_a_login_opens_a_session_and_is_journaled(
    authenticator: Authenticator, databases: Databases, tenant: MadeTenant
) -> None:
    email = tenant.email(Role.OPERATOR)
    session = await authenticator.login(f"  {email.upper()} ", PASSWORD, ADDRESS)
    assert (session.user.id, session.tenant.id) == (tenant.operator_id, tenant.id)
    principal = await authenticator.authenticate(session.access_token)
    assert principal == session.principal
    assert (principal.tenant_id, principal.user_id, principal.role) == (tenant.id, tenant.operator_id, Role.OPERATOR)
    (row,) = await records(databases.app, tenant.id, "user.logged_in")
    assert (row.actor_id, row.resource_id) == (tenant.operator_id, str(tenant.operator_id))
    assert row.payload == {"address": ADDRESS}


async def test_wrong_unknown_and_inactive_are_told_the_same(
    authenticator: Authenticator, databases: Databases, tenant: MadeTenant
) -> None:
    await change_user(databases.app, tenant.id, tenant.viewer_id, is_active=False)
    attempts = [
        (tenant.email(Role.ADMIN), WRONG),
        (tenant.email(Role.VIEWER), PASSWORD),
        ("nobody@nowhere.example", PASSWORD),
        ("", ""),
        ("half a pair \ud83d", "\ud83d" + PASSWORD),
        (tenant.email(Role.OPERATOR), "\ud83d" + PASSWORD),
    ]
    for email, password in attempts:
        with pytest.raises(InvalidCredentials) as refusal:
            await authenticator.login(email, password, ADDRESS)
        assert refusal.value.message == WRONG_CREDENTIALS
        assert refusal.value.path == ()
    failed = await records(databases.app, tenant.id, "user.login_failed")
    assert [row.resource_id for row in failed] == [
        str(user_id) for user_id in (tenant.admin_id, tenant.viewer_id, tenant.operator_id)
    ]
    assert all(row.actor_id is None for row in failed), "who it was is not known"


async def test_the_password_of_another_user_does_not_open_an_account(
    authenticator: Authenticator, databases: Databases, tenant: MadeTenant
) -> None:
    for password in (PASSWORD.lower(), PASSWORD + " ", "", "x" * 10_000):
        with pytest.raises(InvalidCredentials):
            await authenticator.login(tenant.email(Role.ADMIN), password, ADDRESS)


async def test_the_eleventh_attempt_is_slowed_down(
    authenticator: Authenticator, settings: Settings, tenant: MadeTenant
) -> None:
    email = tenant.email(Role.ADMIN)
    for _ in range(MAX_FAILURES):
        with pytest.raises(InvalidCredentials):
            await authenticator.login(email, WRONG, ADDRESS)
    for password in (WRONG, PASSWORD):
        with pytest.raises(TooManyAttempts, match="Try again in") as refusal:
            await authenticator.login(email, password, ADDRESS)
        assert 290 <= refusal.value.retry_after_seconds <= 300
    await authenticator.login(email, PASSWORD, "192.0.2.8")
    await authenticator.login(tenant.email(Role.VIEWER), PASSWORD, ADDRESS)
    async with Redis.from_url(settings.redis_url.get_secret_value()) as redis:
        keys = [key.decode() async for key in redis.scan_iter("login-*")]
    assert keys
    assert not any(tenant.slug in key or ADDRESS in key for key in keys), "addresses do not stand in Redis"


async def test_an_account_is_guarded_from_many_addresses(
    authenticator: Authenticator, sessions: SessionStore, tenant: MadeTenant
) -> None:
    email = tenant.email(Role.ADMIN)
    for number in range(MAX_FAILURES_OF_ACCOUNT):
        await sessions.count_login_attempt(email, f"{tenant.slug}-{number}")
    with pytest.raises(TooManyAttempts):
        await authenticator.login(email, PASSWORD, f"{tenant.slug}-x")
    await authenticator.login(tenant.email(Role.VIEWER), PASSWORD, f"{tenant.slug}-x")


async def test_an_address_cannot_try_many_accounts(
    authenticator: Authenticator, sessions: SessionStore, tenant: MadeTenant
) -> None:
    """Signing in to an own account in between does not help."""
    address = f"{tenant.slug}-address"
    for number in range(MAX_FAILURES_OF_ADDRESS):
        await sessions.count_login_attempt(f"{number}@{tenant.slug}.example", address)
        if number % 40 == 0:
            await authenticator.login(tenant.email(Role.VIEWER), PASSWORD, address)
    with pytest.raises(TooManyAttempts):
        await authenticator.login(tenant.email(Role.VIEWER), PASSWORD, address)
    await authenticator.login(tenant.email(Role.VIEWER), PASSWORD, f"{address}-2")


async def test_attempts_side_by_side_do_not_pass_together(authenticator: Authenticator, tenant: MadeTenant) -> None:
    attempts = (authenticator.login(tenant.email(Role.ADMIN), WRONG, ADDRESS) for _ in range(MAX_FAILURES + 8))
    outcomes = await asyncio.gather(*attempts, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes].count(InvalidCredentials) == MAX_FAILURES
    assert [type(outcome) for outcome in outcomes].count(TooManyAttempts) == 8


async def test_a_login_that_works_forgets_the_failures(authenticator: Authenticator, tenant: MadeTenant) -> None:
    email = tenant.email(Role.ADMIN)
    for _ in range(2):
        for _ in range(MAX_FAILURES - 1):
            with pytest.raises(InvalidCredentials):
                await authenticator.login(email, WRONG, ADDRESS)
        await authenticator.login(email, PASSWORD, ADDRESS)


async def test_a_logout_revokes_the_token_and_no_other(
    authenticator: Authenticator, databases: Databases, settings: Settings, tenant: MadeTenant
) -> None:
    email = tenant.email(Role.ADMIN)
    one, other = [await authenticator.login(email, PASSWORD, ADDRESS) for _ in range(2)]
    await authenticator.logout(one.principal)
    with pytest.raises(Unauthenticated):
        await authenticator.authenticate(one.access_token)
    await authenticator.authenticate(other.access_token)
    (row,) = await records(databases.app, tenant.id, "user.logged_out")
    assert row.actor_id == tenant.admin_id
    async with Redis.from_url(settings.redis_url.get_secret_value()) as redis:
        remaining = await redis.ttl(f"revoked:{one.principal.token_id}")
    assert 8 * 3600 - 60 < remaining <= 8 * 3600 + 2, "remembered for as long as the token would live"


async def test_a_new_role_counts_at_the_next_request(
    authenticator: Authenticator, databases: Databases, tenant: MadeTenant
) -> None:
    session = await authenticator.login(tenant.email(Role.ADMIN), PASSWORD, ADDRESS)
    await change_user(databases.app, tenant.id, tenant.admin_id, role=Role.VIEWER.value)
    assert (await authenticator.authenticate(session.access_token)).role is Role.VIEWER


async def test_a_deactivated_user_is_refused_at_the_next_request(
    authenticator: Authenticator, databases: Databases, tenant: MadeTenant
) -> None:
    session = await authenticator.login(tenant.email(Role.ADMIN), PASSWORD, ADDRESS)
    await change_user(databases.app, tenant.id, tenant.admin_id, is_active=False)
    with pytest.raises(Unauthenticated, match="inactive"):
        await authenticator.authenticate(session.access_token)


async def test_without_redis_every_door_is_shut(
    settings: Settings, databases: Databases, journal: Journal, tokens: TokenIssuer, tenant: MadeTenant
) -> None:
    async with relayed(settings.redis_url.get_secret_value()) as (relay, url):
        sessions = SessionStore(url)
        authenticator = Authenticator(databases.app, journal, tokens, sessions)
        session = await authenticator.login(tenant.email(Role.ADMIN), PASSWORD, ADDRESS)
        await relay.cut()
        with pytest.raises(Unavailable):
            await authenticator.login(tenant.email(Role.ADMIN), PASSWORD, ADDRESS)
        with pytest.raises(Unavailable):
            await authenticator.authenticate(session.access_token)
        with pytest.raises(Unavailable):
            await authenticator.logout(session.principal)
        assert await records(databases.app, tenant.id, "user.logged_out") == []
        await relay.join()
        assert await authenticator.authenticate(session.access_token) == session.principal
        await sessions.close()


async def test_no_secret_is_logged_or_journaled(
    authenticator: Authenticator, databases: Databases, tenant: MadeTenant
) -> None:
    email = tenant.email(Role.ADMIN)
    with capture_logs() as logs:
        session = await authenticator.login(email, PASSWORD, ADDRESS)
        for wrong_email in (email, "nobody@nowhere.example"):
            with pytest.raises(InvalidCredentials):
                await authenticator.login(wrong_email, WRONG, ADDRESS)
        await authenticator.logout(session.principal)
    assert [line["event"] for line in logs] == ["login_unknown_account"]
    said = f"{logs}\n{await everything_recorded(databases.app, tenant.id)}"
    for secret in (PASSWORD, WRONG, session.access_token, session.user.password_hash, "nobody@nowhere.example"):
        assert secret not in said
