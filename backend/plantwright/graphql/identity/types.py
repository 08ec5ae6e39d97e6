"""Tenants, users and API keys as the API shows them."""

from datetime import datetime
from typing import Self

import strawberry

from plantwright.identity import models
from plantwright.identity.models import Role, Tier

strawberry.enum(Role, description="What a person may do: admins everything, operators the plant, viewers look.")
strawberry.enum(Tier, description="The subscription.")


@strawberry.type(description="An organisation; nothing of it is visible to another.")
class Tenant:
    id: strawberry.ID
    name: str
    tier: Tier

    @classmethod
    def of(cls, row: models.Tenant) -> Self:
        return cls(id=strawberry.ID(str(row.id)), name=row.name, tier=Tier(row.tier))


@strawberry.type(description="A person of the tenant.")
class User:
    id: strawberry.ID
    email: str
    full_name: str
    role: Role
    is_active: bool

    @classmethod
    def of(cls, row: models.User) -> Self:
        return cls(
            id=strawberry.ID(str(row.id)),
            email=row.email,
            full_name=row.full_name,
            role=Role(row.role),
            is_active=row.is_active,
        )


@strawberry.type(description="The person who asks.")
class Viewer:
    user: User
    tenant: Tenant


@strawberry.type(description="A program's key; its secret is shown once, when it is made.")
class ApiKey:
    id: strawberry.ID
    name: str
    prefix: str = strawberry.field(description="The first characters of the secret, to tell keys apart.")
    scopes: list[str]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None

    @classmethod
    def of(cls, row: models.ApiKey) -> Self:
        return cls(
            id=strawberry.ID(str(row.id)),
            name=row.name,
            prefix=row.prefix,
            scopes=row.scopes,
            created_at=row.created_at,
            expires_at=row.expires_at,
            revoked_at=row.revoked_at,
            last_used_at=row.last_used_at,
        )
