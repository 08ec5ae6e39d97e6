import asyncio
import hashlib
from datetime import timedelta
from uuid import UUID

import pytest
from plantwright.core.clock import utc_now
from plantwright.core.errors import DomainError, NotFound, PermissionDenied, Unauthenticated, ValidationFailed
from plantwright.identity import repository
from plantwright.identity.keys import INVALID_KEY, KeyAuthenticator, create_key, revoke_key
from plantwright.identity.models import ApiKey, Role
from plantwright.identity.principal import Principal
from plantwright.journal.service import Journal
from sqlalchemy import text
from structlog.testing import capture_logs

from tests.backend.identity.looking import everything_recorded, records
from tests.conftest import Databases
from tests.factories import MadeTenant, TenantFactory


class Keys:
    """Makes and revokes keys as the admin of a tenant."""

    def __init__(self, databases: Databases, journal: Journal) -> None:
        self._databases = databases
        self._journal = journal

    async def make(
        self, tenant: MadeTenant, scopes: list[str] | None = None, lifetime: timedelta | None = None, name: str = "edge"
    ) -> tuple[ApiKey, str]:
        async with self._databases.app.transaction(tenant.id) as work:
            return await create_key(
                work,
                self._journal,
                admin_of(tenant),
                name=name,
                scopes=["ingest"] if scopes is None else scopes,
                expires_at=None if lifetime is None else utc_now() + lifetime,
            )

    async def revoke(self, tenant: MadeTenant, key_id: UUID) -> None:
        async with self._databases.app.transaction(tenant.id) as work:
            await revoke_key(work, self._journal, admin_of(tenant), key_id)


def admin_of(tenant: MadeTenant) -> Principal:
    return Principal(tenant.id, tenant.admin_id, Role.ADMIN, "t", utc_now() + timedelta(hours=1))


@pytest.fixture
def keys(databases: Databases, journal: Journal) -> Keys:
    return Keys(databases, journal)


async def test_the_secret_is_shown_once_and_only_its_hash_is_kept(
    keys: Keys, databases: Databases, tenant: MadeTenant
) -> None:
    with capture_logs() as logs:
        key, secret = await keys.make(tenant)
        await KeyAuthenticator(databases.app).authenticate(secret, "ingest")
    assert secret.startswith("hk_")
    assert len(secret) >= 43
    assert key.prefix == secret[:8]
    async with databases.app.reading(tenant.id) as work:
        found = await work.execute(text("SELECT row_to_json(k)::text AS row, key_hash FROM api_key k"))
        stored = found.mappings().one()
    assert bytes(stored["key_hash"]) == hashlib.sha256(secret.encode()).digest()
    said = f"{stored['row']} {logs} {await everything_recorded(databases.app, tenant.id)}"
    assert secret[8:] not in said
    assert bytes(stored["key_hash"]).hex() not in await everything_recorded(databases.app, tenant.id)


async def test_a_key_speaks_for_its_tenant_with_its_scopes(
    keys: Keys, databases: Databases, tenant: MadeTenant
) -> None:
    key, secret = await keys.make(tenant, ["ingest", "agent", "ingest"])
    door = KeyAuthenticator(databases.app)
    principal = await door.authenticate(secret, "ingest")
    assert (principal.tenant_id, principal.tenant_no, principal.key_id) == (tenant.id, tenant.number, key.id)
    assert principal.scopes == {"agent", "ingest"}
    with pytest.raises(PermissionDenied, match="read:machines"):
        await door.authenticate(secret, "read:machines")
    async with databases.app.reading(tenant.id) as work:
        used = await repository.get_key(work, key.id)
    assert used is not None
    assert used.last_used_at is not None


@pytest.mark.parametrize("secret", ["", "hk_", "hk_" + "a" * 43, "\x00", "hk_\ud83d\ude00"])
async def test_unknown_keys_are_refused(databases: Databases, secret: str) -> None:
    with pytest.raises(Unauthenticated, match=INVALID_KEY):
        await KeyAuthenticator(databases.app).authenticate(secret, "ingest")


@pytest.mark.parametrize(
    ("name", "scopes", "lifetime", "path"),
    [
        ("", ["ingest"], None, "name"),
        ("   ", ["ingest"], None, "name"),
        ("x" * 101, ["ingest"], None, "name"),
        ("edge", [], None, "scopes"),
        ("edge", ["ingest", "admin"], None, "scopes"),
        ("edge", ["ingest"], timedelta(seconds=-1), "expiresAt"),
    ],
)
async def test_a_bad_request_names_the_field_and_makes_nothing(
    *,
    keys: Keys,
    databases: Databases,
    tenant: MadeTenant,
    name: str,
    scopes: list[str],
    lifetime: timedelta | None,
    path: str,
) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        await keys.make(tenant, scopes, lifetime, name)
    assert refusal.value.path == (path,)
    async with databases.app.reading(tenant.id) as work:
        assert await repository.list_keys(work) == []
    assert await records(databases.app, tenant.id, "api_key") == []


async def test_an_expired_key_is_refused(keys: Keys, databases: Databases, tenant: MadeTenant) -> None:
    _, secret = await keys.make(tenant, lifetime=timedelta(seconds=0.4))
    door = KeyAuthenticator(databases.app)
    await door.authenticate(secret, "ingest")
    await asyncio.sleep(1.1)
    for authenticator in (door, KeyAuthenticator(databases.app)):
        with pytest.raises(Unauthenticated, match=INVALID_KEY):
            await authenticator.authenticate(secret, "ingest")


async def test_a_revoked_key_is_refused_within_a_second(keys: Keys, databases: Databases, tenant: MadeTenant) -> None:
    key, secret = await keys.make(tenant)
    door = KeyAuthenticator(databases.app)
    await door.authenticate(secret, "ingest")
    await keys.revoke(tenant, key.id)
    await asyncio.sleep(1.0)
    for authenticator in (door, KeyAuthenticator(databases.app)):
        with pytest.raises(Unauthenticated, match=INVALID_KEY):
            await authenticator.authenticate(secret, "ingest")


async def test_revoking_twice_is_journaled_once(keys: Keys, databases: Databases, tenant: MadeTenant) -> None:
    key, _ = await keys.make(tenant)
    for _ in range(2):
        await keys.revoke(tenant, key.id)
    assert [row.action for row in await records(databases.app, tenant.id, "api_key")] == [
        "api_key.created",
        "api_key.revoked",
    ]


async def test_another_tenant_cannot_revoke_or_see_a_key(
    keys: Keys, databases: Databases, tenant: MadeTenant, make_tenant: TenantFactory
) -> None:
    other = await make_tenant()
    key, secret = await keys.make(tenant)
    with pytest.raises(NotFound):
        await keys.revoke(other, key.id)
    async with databases.app.reading(other.id) as work:
        assert await repository.list_keys(work) == []
    assert (await KeyAuthenticator(databases.app).authenticate(secret, "ingest")).tenant_id == tenant.id
    assert await records(databases.app, other.id, "api_key") == []


async def test_answers_are_remembered_for_a_second_and_no_more_than_some(
    keys: Keys, databases: Databases, tenant: MadeTenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("plantwright.identity.keys._CACHE_SIZE", 10)
    door = KeyAuthenticator(databases.app)
    _, secret = await keys.make(tenant)
    await door.authenticate(secret, "ingest")
    for number in range(30):
        with pytest.raises(DomainError):
            await door.authenticate(f"hk_guess_{number}", "ingest")
    assert len(door._cache) == 10
    assert (await door.authenticate(secret, "ingest")).tenant_id == tenant.id
