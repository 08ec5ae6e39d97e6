import subprocess
import sys

from plantwright.core.settings import Settings
from plantwright.identity.models import Role

from tests.factories import PASSWORD, MadeTenant
from tests.stack import environment


def run(settings: Settings, *arguments: str, password: str = PASSWORD) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "plantwright.cli", "tenant", "create", *arguments],
        env={**environment(settings), "PLANTWRIGHT_ADMIN_PASSWORD": password},
        capture_output=True,
        text=True,
        check=False,
    )


async def test_the_first_admin_of_a_new_tenant_can_sign_in_once(settings: Settings, tenant: MadeTenant) -> None:
    email = f"first@{tenant.slug}.example"
    made = run(settings, "New works", "--email", email)
    assert made.returncode == 0, made.stderr
    assert email in made.stdout
    again = run(settings, "New works", "--email", email)
    assert again.returncode == 2
    assert "already exists" in again.stderr


async def test_a_weak_password_makes_nothing(settings: Settings, tenant: MadeTenant) -> None:
    refused = run(settings, "New works", "--email", f"weak@{tenant.slug}.example", password="short")
    assert refused.returncode == 2
    assert "8 to 128 characters" in refused.stderr
    taken = run(settings, "New works", "--email", tenant.email(Role.ADMIN))
    assert taken.returncode == 2
