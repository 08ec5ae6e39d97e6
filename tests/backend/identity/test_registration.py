import pytest
from plantwright.core.errors import Conflict, ValidationFailed
from plantwright.identity import passwords, repository
from plantwright.identity.models import Role, Tier, User
from plantwright.identity.passwords import hash_password, require_strong, verify_password
from plantwright.identity.registration import create_tenant, create_user
from plantwright.identity.settings import change_settings, read_setting
from plantwright.journal.service import Journal

from tests.backend.identity.looking import everything_recorded, records
from tests.conftest import Databases
from tests.factories import PASSWORD, MadeTenant, TenantFactory


async def make_user(databases: Databases, journal: Journal, tenant: MadeTenant, email: str) -> User:
    async with databases.app.transaction(tenant.id) as work:
        return await create_user(work, journal, email=email, full_name="A Person", password=PASSWORD, role=Role.VIEWER)


async def test_a_tenant_begins_its_journal_with_itself(databases: Databases, journal: Journal) -> None:
    tenant = await create_tenant(databases.app, journal, name="North works", tier=Tier.PRO)
    first, *_ = await records(databases.app, tenant.id, "")
    assert (first.sequence, first.action, first.resource_id) == (1, "tenant.created", str(tenant.id))
    assert first.payload == {"name": "North works", "tier": "pro"}


async def test_a_user_is_stored_with_a_hash_and_journaled_without(
    databases: Databases, journal: Journal, tenant: MadeTenant
) -> None:
    user = await make_user(databases, journal, tenant, " Someone@Example.COM ")
    assert user.email == "someone@example.com"
    assert user.password_hash.startswith("$argon2id$")
    said = await everything_recorded(databases.app, tenant.id)
    assert str(user.id) in said
    assert PASSWORD not in said
    assert user.password_hash not in said


async def test_an_address_has_one_account_whatever_the_tenant(
    databases: Databases, journal: Journal, tenant: MadeTenant, make_tenant: TenantFactory
) -> None:
    other = await make_tenant()
    for place in (tenant, other):
        with pytest.raises(Conflict, match="already exists") as refusal:
            await make_user(databases, journal, place, tenant.email(Role.ADMIN).upper())
        assert refusal.value.path == ("email",)
    async with databases.app.reading(other.id) as work:
        assert await repository.find_user_by_email(work, tenant.email(Role.ADMIN)) is None
    assert len(await records(databases.app, other.id, "user.created")) == 3


@pytest.mark.parametrize(
    "email",
    ["", "plain", "@example.com", "a@b", "a b@example.com", "a@example..com", "a@-x.example", "a" * 250 + "@b.cd"],
)
async def test_what_is_no_address_is_refused(
    databases: Databases, journal: Journal, tenant: MadeTenant, email: str
) -> None:
    with pytest.raises(ValidationFailed):
        await make_user(databases, journal, tenant, email)


@pytest.mark.parametrize(
    "password", ["tK7!mQzp", "kno-rzt-4", "RVKWQ38!", "Passwort ohne Not", "Ünder-Kleid", "Correct-Horse-7" * 8]
)
def test_strong_passwords_pass(password: str) -> None:
    require_strong(password)


@pytest.mark.parametrize(
    ("password", "rule"),
    [
        ("", "8 to 128"),
        ("Ab1!xyz", "8 to 128"),
        ("Ab1!" * 33, "8 to 128"),
        ("alllowercase", "three of"),
        ("lower1234", "three of"),
        ("UPPER----", "three of"),
        ("12345678", "three of"),
        ("Abcdef1!\ud83d", "valid Unicode"),
    ],
)
def test_weak_passwords_are_told_which_rule(password: str, rule: str) -> None:
    with pytest.raises(ValidationFailed, match=rule) as refusal:
        require_strong(password)
    assert refusal.value.path == ("password",)
    assert password not in refusal.value.message or not password


@pytest.mark.parametrize(
    "password", ["Password1!", "P@ssw0rd123", "Qwertz123!", "Summer2026!", "aB3" * 40, "Northfield-1"]
)
def test_passwords_that_are_soon_guessed_are_refused(password: str) -> None:
    with pytest.raises(ValidationFailed, match="easy to guess") as refusal:
        require_strong(password, ["erika@northfield.example", "Erika Muster"], "newPassword")
    assert refusal.value.path == ("newPassword",)
    assert password not in refusal.value.message


def test_what_is_personal_to_one_is_not_to_another() -> None:
    with pytest.raises(ValidationFailed):
        require_strong("Vulkanier-99", ["x@vulkanier.example"])
    require_strong("Vulkanier-99")


async def test_passwords_are_verified() -> None:
    stored = await hash_password(PASSWORD)
    assert stored != await hash_password(PASSWORD), "salted"
    assert await verify_password(stored, PASSWORD)
    assert not await verify_password(stored, PASSWORD + "x")
    assert not await verify_password(None, "no user has this password")
    assert not await verify_password("damaged", PASSWORD)


async def test_a_change_of_settings_is_journaled_with_old_and_new(
    databases: Databases, journal: Journal, tenant: MadeTenant
) -> None:
    for values in ({"a.x": 1, "a.y": [1.5]}, {"a.x": 2, "a.y": [1.5]}, {"a.x": 2}):
        async with databases.app.transaction(tenant.id) as work:
            await change_settings(work, journal, tenant.admin_id, values)
    first, second = await records(databases.app, tenant.id, "settings.changed")
    assert first.payload["changes"] == {"a.x": {"old": None, "new": 1}, "a.y": {"old": None, "new": ["1.5"]}}
    assert second.payload["changes"] == {"a.x": {"old": 1, "new": 2}}
    async with databases.app.reading(tenant.id) as work:
        assert await read_setting(work, "a.x", 9) == 2
        assert await read_setting(work, "a", 9) == 9


def test_the_product_hashes_at_the_cost_that_rfc_9106_recommends() -> None:
    assert passwords._DECOY.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
