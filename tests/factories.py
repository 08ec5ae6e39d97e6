"""Tenants and machines for tests, made through the services that the product uses."""

from dataclasses import dataclass
from itertools import count
from uuid import UUID, uuid4

from plantwright.assets.models import Machine, MachineKind, Metric, Protocol
from plantwright.assets.service import create_machine
from plantwright.core.database import Database
from plantwright.identity.models import Role, Tier
from plantwright.identity.registration import create_tenant, create_user
from plantwright.journal.service import Journal

PASSWORD = "Correct-Horse-7"
_numbers = count(1)


@dataclass(frozen=True)
class MadeTenant:
    """A tenant with one user of each role; e-mails are `<role>@<slug>.example`."""

    id: UUID
    number: int
    slug: str
    admin_id: UUID
    operator_id: UUID
    viewer_id: UUID

    def email(self, role: Role) -> str:
        return f"{role.value}@{self.slug}.example"


class TenantFactory:
    def __init__(self, database: Database, journal: Journal) -> None:
        self._database = database
        self._journal = journal

    async def __call__(self, tier: Tier = Tier.ENTERPRISE) -> MadeTenant:
        slug = f"plant-{uuid4().hex[:10]}"
        tenant = await create_tenant(self._database, self._journal, name=slug, tier=tier)
        users = {}
        async with self._database.transaction(tenant.id) as work:
            for role in Role:
                user = await create_user(
                    work,
                    self._journal,
                    email=f"{role.value}@{slug}.example",
                    full_name=f"{role.value.title()} of {slug}",
                    password=PASSWORD,
                    role=role,
                )
                users[role] = user.id
        return MadeTenant(
            tenant.id, int(tenant.number or 0), slug, users[Role.ADMIN], users[Role.OPERATOR], users[Role.VIEWER]
        )


class MachineFactory:
    def __init__(self, database: Database, journal: Journal) -> None:
        self._database = database
        self._journal = journal

    async def __call__(
        self, tenant: MadeTenant, identifier: str | None = None, metrics: dict[str, str] | None = None
    ) -> tuple[Machine, dict[str, Metric]]:
        """A machine and its metrics by name; `metrics` maps names to units."""
        identifier = identifier or f"PUMP-{next(_numbers):04}"
        async with self._database.transaction(tenant.id) as work:
            machine = await create_machine(
                work,
                self._journal,
                tenant.admin_id,
                name=f"Machine {identifier}",
                identifier=identifier,
                kind=MachineKind.PUMP,
                protocol=Protocol.OPC_UA,
                location="Hall 1",
            )
            made = {
                name: Metric(tenant_id=tenant.id, machine_id=machine.id, name=name, unit=unit)
                for name, unit in (metrics or {"vibration_rms": "mm/s"}).items()
            }
            work.session.add_all(made.values())
            await work.session.flush()
            for metric in made.values():
                # The database numbers the series.
                await work.session.refresh(metric)
        return machine, made
