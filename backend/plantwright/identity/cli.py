"""`plantwright tenant …`: the first tenant of an installation, and every further one."""

import asyncio
from typing import Annotated

import typer

from plantwright.core.database import Database
from plantwright.core.settings import Settings, load_settings
from plantwright.identity.models import Tier
from plantwright.identity.passwords import require_strong
from plantwright.identity.registration import register_tenant
from plantwright.journal.service import Journal

app = typer.Typer(help="Make tenants and their first people.", no_args_is_help=True)


@app.callback()
def tenants() -> None:
    """Make tenants and their first people."""


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="Name of the organisation.")],
    email: Annotated[str, typer.Option(help="E-mail of its first admin.")],
    *,
    full_name: Annotated[str, typer.Option(help="Name of its first admin.")] = "Administrator",
    tier: Annotated[Tier, typer.Option(help="Subscription.")] = Tier.ENTERPRISE,
    password: Annotated[
        str,
        typer.Option(
            prompt=True,
            hide_input=True,
            confirmation_prompt=True,
            envvar="PLANTWRIGHT_ADMIN_PASSWORD",
            help="Asked for.",
        ),
    ],
) -> None:
    """Make a tenant and its first admin."""
    require_strong(password)
    person = {"email": email, "full_name": full_name, "password": password}
    asyncio.run(_create(load_settings(), name, tier, person))
    typer.echo(f"{name} is ready; {email} can sign in.")


async def _create(settings: Settings, name: str, tier: Tier, person: dict[str, str]) -> None:
    database = Database(settings.role_url("app"), pool_size=1)
    try:
        await register_tenant(database, Journal(settings.audit_key_material()), name=name, tier=tier, **person)
    finally:
        await database.close()
