"""Tables of tenants, users and API keys."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Identity, Integer, LargeBinary, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

from plantwright.core.columns import id_field, json_field, tenant_field, text_field, time_field


class Role(StrEnum):
    ADMIN = "admin"
    OPERATOR = "operator"
    VIEWER = "viewer"


class Tier(StrEnum):
    FREE = "free"
    PRO = "pro"
    ENTERPRISE = "enterprise"


class Tenant(SQLModel, table=True):
    """`number` is the short form of the id that bulk tables carry."""

    __tablename__ = "tenant"

    id: UUID = id_field()
    number: int | None = Field(
        default=None, sa_column=Column(Integer, Identity(always=True), nullable=False, unique=True)
    )
    name: str = text_field()
    tier: str = text_field(default=Tier.FREE)
    created_at: datetime = time_field()


class User(SQLModel, table=True):
    __tablename__ = "user_account"

    tenant_id: UUID = tenant_field()
    id: UUID = id_field()
    email: str = text_field()
    full_name: str = text_field()
    password_hash: str = text_field()
    role: str = text_field()
    is_active: bool = True
    created_at: datetime = time_field()


class ApiKey(SQLModel, table=True):
    """`key_hash` is the SHA-256 of a 256-bit random secret, which needs no slow hash."""

    __tablename__ = "api_key"

    tenant_id: UUID = tenant_field()
    id: UUID = id_field()
    name: str = text_field()
    prefix: str = text_field()
    key_hash: bytes = Field(sa_type=LargeBinary)
    scopes: list[str] = Field(sa_type=ARRAY(Text))
    created_by: UUID | None = None
    created_at: datetime = time_field()
    expires_at: datetime | None = time_field(nullable=True)
    revoked_at: datetime | None = time_field(nullable=True)
    last_used_at: datetime | None = time_field(nullable=True)


class Invitation(SQLModel, table=True):
    """`token_hash` is the SHA-256 of a 256-bit random secret, which needs no slow hash."""

    __tablename__ = "invitation"

    tenant_id: UUID = tenant_field()
    id: UUID = id_field()
    email: str = text_field()
    role: str = text_field()
    token_hash: bytes = Field(sa_type=LargeBinary)
    invited_by: UUID
    created_at: datetime = time_field()
    expires_at: datetime = time_field()
    accepted_at: datetime | None = time_field(nullable=True)
    withdrawn_at: datetime | None = time_field(nullable=True)


class UserSession(SQLModel, table=True):
    """A sign-in of a person on a device. Its refresh token is `locator.secret`: the locator stays, the secret is
    replaced at each refresh, and hashes alone are stored, of 128 and 256 random bits.
    """

    __tablename__ = "user_session"

    tenant_id: UUID = tenant_field()
    id: UUID = id_field()
    user_id: UUID
    locator_hash: bytes = Field(sa_type=LargeBinary)
    secret_hash: bytes = Field(sa_type=LargeBinary)
    previous_hash: bytes | None = Field(default=None, sa_type=LargeBinary)
    address: str = text_field()
    device: str = text_field()
    created_at: datetime = time_field()
    refreshed_at: datetime = time_field()
    expires_at: datetime = time_field()
    ended_at: datetime | None = time_field(nullable=True)


class CredentialDirectory(SQLModel, table=True):
    """Which tenant a credential belongs to, found by its hash alone, before any tenant is known."""

    __tablename__ = "credential_directory"

    lookup_hash: bytes = Field(primary_key=True, sa_type=LargeBinary)
    tenant_id: UUID


class TenantSetting(SQLModel, table=True):
    """One setting of one tenant; the room that owns the name gives the value its type."""

    __tablename__ = "tenant_setting"

    tenant_id: UUID = tenant_field()
    name: str = text_field(primary_key=True)
    value: Any = json_field(nullable=False)
