"""What a resolver has at hand: the services of the process, and who is asking."""

from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from strawberry.types import Info as StrawberryInfo

from plantwright.core.bus import Bus
from plantwright.core.database import Database, UnitOfWork
from plantwright.core.errors import DomainError, NotFound, Unauthenticated
from plantwright.core.ids import parse_id
from plantwright.core.jobs import JobQueue
from plantwright.graphql.loaders import Loaders
from plantwright.identity.authentication import Authenticator
from plantwright.identity.door import IdentityDoor
from plantwright.identity.keys import KeyAuthenticator
from plantwright.identity.models import Role
from plantwright.identity.principal import Principal
from plantwright.identity.sessions import SessionStore
from plantwright.journal.service import Journal
from plantwright.notifications.door import NotificationDoor
from plantwright.sources.door import SourceDoor

SIGN_IN = "Sign in first: this needs a valid access token."
READ_AGAIN_SECONDS = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Everything a process opens once and shares between requests."""

    database: Database
    bus: Bus
    queue: JobQueue
    journal: Journal
    sessions: SessionStore
    authenticator: Authenticator
    keys: KeyAuthenticator
    identity: IdentityDoor
    checkpoint_file: Path
    sources: SourceDoor
    notifications: NotificationDoor


class Context:
    """Of one HTTP request, or of one WebSocket connection."""

    def __init__(self, services: Services, address: str) -> None:
        self.services = services
        self.address = address
        self.device = ""
        self.refresh_token = ""
        self.answer_headers = MutableHeaders()
        self.connection_params: dict[str, object] | None = None
        self._principal: Principal | None = None
        self._refusal: DomainError = Unauthenticated(SIGN_IN)
        self._loaders: Loaders | None = None

    def remember_browser(self, connection: HTTPConnection) -> None:
        self.device = connection.headers.get("user-agent", "")
        self.refresh_token = connection.cookies.get("refresh_token", "")

    async def authenticate(self, authorization: str | None) -> None:
        """Keep who it is, or why not; anonymous operations such as login go on either way."""
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            return
        try:
            self._principal = await self.services.authenticator.authenticate(token.strip())
        except DomainError as error:
            self._refusal = error

    @property
    def principal(self) -> Principal:
        """
        Raises:
            Unauthenticated: nobody is signed in; says why.
        """
        if self._principal is None:
            raise self._refusal
        return self._principal

    def require(self, *roles: Role) -> Principal:
        self.principal.require(*roles)
        return self.principal

    @property
    def loaders(self) -> Loaders:
        if self._loaders is None:
            self._loaders = Loaders(self.services.database, self.principal.tenant_id)
        return self._loaders

    def forget_loaded(self) -> None:
        """Before each event of a subscription: what was loaded for the last one may have changed."""
        self._loaders = None

    def reading(self) -> AbstractAsyncContextManager[UnitOfWork]:
        return self.services.database.reading(self.principal.tenant_id)

    def snapshot(self) -> AbstractAsyncContextManager[UnitOfWork]:
        """As `reading`, and every statement sees the same moment."""
        return self.services.database.snapshot(self.principal.tenant_id)

    @asynccontextmanager
    async def writing(self) -> AsyncGenerator[UnitOfWork]:
        async with self.services.database.transaction(self.principal.tenant_id) as work:
            yield work

    async def token_is_valid(self) -> bool:
        """Whether the token that opened this connection would still be taken."""
        token = bearer_token(self.connection_params)
        try:
            self._principal = await self.services.authenticator.authenticate(token)
        except DomainError:
            return False
        return True


def bearer_token(connection_params: dict[str, object] | None) -> str:
    value = (connection_params or {}).get("authorization")
    scheme, _, token = (value if isinstance(value, str) else "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


_NOTHING = UUID(int=0)

Info = StrawberryInfo[Context, None]


def require_id(text: str, message: str, path: str) -> UUID:
    """
    Raises:
        NotFound: text that is no id names nothing.
    """
    parsed = parse_id(text)
    if parsed is None:
        raise NotFound(message, [path])
    return parsed


def filter_id(text: str | None) -> UUID | None:
    """The id that a list is narrowed by, None when it is not; text that is no id narrows to nothing."""
    return None if text is None else parse_id(text) or _NOTHING
