"""People, sessions and API keys."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AliasPath, Field, field_validator

from plantwright.identity.models import Role, Tier
from plantwright.rest.documents import TOO_MANY_ATTEMPTS, USER_ERROR, mutation, query
from plantwright.rest.route import RestRoute, body_as_input
from plantwright.rest.routes import sessions, users
from plantwright.rest.routes.users import USER
from plantwright.rest.shapes import FROM_NAME, Body, Moment, PageParameters, Payload

PRESETS = {"edge_agent": ["ingest", "agent"], "read_only": ["read:machines", "read:sensors"]}

API_KEY = "fragment ApiKeyFields on ApiKey { id name prefix scopes createdAt expiresAt revokedAt lastUsedAt }"


class Credentials(Payload):
    email: str
    password: str


class Registration(Payload):
    tenant_name: str
    email: str
    full_name: str
    password: str


class AccessToken(Body):
    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - the word of OAuth 2
    mfa_required: Literal[False] = False
    expires_at: datetime


class Me(Body):
    id: UUID = Field(validation_alias=AliasPath("user", "id"))
    email: str = Field(validation_alias=AliasPath("user", "email"))
    full_name: str = Field(validation_alias=AliasPath("user", "fullName"))
    role: Annotated[Role, FROM_NAME] = Field(validation_alias=AliasPath("user", "role"))
    is_active: bool = Field(validation_alias=AliasPath("user", "isActive"))
    tenant_id: UUID = Field(validation_alias=AliasPath("tenant", "id"))
    tenant_name: str = Field(validation_alias=AliasPath("tenant", "name"))
    subscription_tier: Annotated[Tier, FROM_NAME] = Field(validation_alias=AliasPath("tenant", "tier"))


class ApiKeyCreate(Payload):
    name: str
    scopes: list[str] | Literal["edge_agent", "read_only"] = Field(
        default="edge_agent",
        description="Of ingest, agent, read:machines and read:sensors; or the name of a preset.",
    )
    expires_at: Moment | None = None

    @field_validator("scopes")
    @classmethod
    def _spell_out(cls, scopes: list[str] | str) -> list[str]:
        return PRESETS[scopes] if isinstance(scopes, str) else scopes


class ApiKey(Body):
    id: UUID
    name: str
    key_prefix: str = Field(validation_alias="prefix")
    scopes: list[str]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None


class CreatedApiKey(Body):
    id: UUID = Field(validation_alias=AliasPath("apiKey", "id"))
    name: str = Field(validation_alias=AliasPath("apiKey", "name"))
    key_prefix: str = Field(validation_alias=AliasPath("apiKey", "prefix"))
    plaintext_key: str = Field(description="The secret; it is not kept and cannot be shown again.")
    scopes: list[str] = Field(validation_alias=AliasPath("apiKey", "scopes"))
    created_at: datetime = Field(validation_alias=AliasPath("apiKey", "createdAt"))
    expires_at: datetime | None = Field(validation_alias=AliasPath("apiKey", "expiresAt"))


ROUTES = (
    RestRoute(
        method="POST",
        path="/auth/register",
        summary="Make a tenant and its first admin, who is signed in at once. Only where the server allows it.",
        document=mutation("register", "accessToken expiresAt", errors=f"{USER_ERROR} {TOO_MANY_ATTEMPTS}"),
        body=Registration,
        answer=AccessToken,
        variables=body_as_input(),
        status=201,
        is_public=True,
    ),
    *sessions.ROUTES,
    *users.ROUTES,
    RestRoute(
        method="POST",
        path="/auth/login",
        summary="Exchange e-mail and password for an access token and a refresh cookie.",
        document=mutation("login", "accessToken expiresAt", errors=f"{USER_ERROR} {TOO_MANY_ATTEMPTS}"),
        body=Credentials,
        answer=AccessToken,
        variables=body_as_input(),
        is_public=True,
    ),
    RestRoute(
        method="POST",
        path="/auth/logout",
        summary="End the session: its tokens are refused from now on.",
        document="mutation Logout { logout { ... on LogoutSuccess { loggedOut } } }",
        answer=None,
        status=204,
    ),
    RestRoute(
        method="POST",
        path="/auth/refresh",
        summary="Exchange the refresh cookie for a new access token and a new cookie; the old one is refused.",
        document="mutation Refresh { sessionRefresh { ... on SessionRefreshSuccess { accessToken expiresAt } } }",
        answer=AccessToken,
        is_public=True,
    ),
    RestRoute(
        method="GET",
        path="/auth/me",
        summary="The person who asks, and their tenant.",
        document=query("{ viewer { user { ...UserFields } tenant { id name tier } } }", USER),
        answer=Me,
    ),
    RestRoute(
        method="GET",
        path="/settings/api-keys",
        summary="All keys, newest first, revoked ones too; never their secrets.",
        document=query("{ apiKeys { ...ApiKeyFields } }", API_KEY),
        query=PageParameters,
        answer=ApiKey,
    ),
    RestRoute(
        method="POST",
        path="/settings/api-keys",
        summary="Make a key for a program. Admins only.",
        document=mutation("apiKeyCreate", "plaintextKey apiKey { ...ApiKeyFields }", API_KEY),
        body=ApiKeyCreate,
        answer=CreatedApiKey,
        variables=body_as_input(),
        status=201,
    ),
    RestRoute(
        method="DELETE",
        path="/settings/api-keys/{key_id}",
        summary="Refuse a key from now on. Admins only.",
        document=mutation("apiKeyRevoke", "apiKey { id }"),
        answer=None,
        variables=body_as_input(id="key_id"),
        status=204,
    ),
)
