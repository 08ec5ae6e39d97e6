"""What people do about their own accounts, but for signing in."""

from plantwright.core.database import Database
from plantwright.core.errors import PermissionDenied
from plantwright.identity import invitations
from plantwright.identity.models import Tier, User
from plantwright.identity.profile import Profiles
from plantwright.identity.registration import clean_name, register_tenant
from plantwright.identity.sessions import SessionStore
from plantwright.journal.service import Journal

INVITATION_PAGE = "/invitation"
REGISTRATION_CLOSED = "Nobody can register on this server by themselves. Ask an admin for an invitation."


class IdentityDoor:
    def __init__(
        self,
        database: Database,
        journal: Journal,
        sessions: SessionStore,
        public_url: str,
        *,
        is_registration_open: bool = False,
    ) -> None:
        self._database = database
        self._journal = journal
        self._sessions = sessions
        self._public_url = public_url.rstrip("/")
        self._is_registration_open = is_registration_open
        self.profiles = Profiles(database, journal, sessions)

    @property
    def is_tls(self) -> bool:
        """Whether browsers reach this server over TLS alone."""
        return self._public_url.startswith("https://")

    def invitation_link(self, token: str) -> str:
        """The token stands behind the #, so that no server on the way writes it into a log."""
        return f"{self._public_url}{INVITATION_PAGE}#{token}"

    async def register(self, address: str, *, tenant_name: str, email: str, full_name: str, password: str) -> User:
        """The first admin of a new tenant of the free tier.

        Raises:
            PermissionDenied: this server lets nobody register.
            ValidationFailed: a name, the address or the password breaks a rule.
            Conflict: the address has an account already.
            TooManyAttempts: too many from this address.
            Unavailable: attempts cannot be counted.
        """
        if not self._is_registration_open:
            raise PermissionDenied(REGISTRATION_CLOSED)
        await self._sessions.count_visit(address)
        _, admin = await register_tenant(
            self._database,
            self._journal,
            name=clean_name(tenant_name, "tenantName"),
            tier=Tier.FREE,
            email=email,
            full_name=full_name,
            password=password,
        )
        return admin

    async def accept_invitation(self, token: str, address: str, *, full_name: str, password: str) -> User:
        """
        Raises:
            NotFound: the token opens nothing, or no longer.
            ValidationFailed, Conflict: as when an admin makes the account.
            TooManyAttempts: too many from this address.
            Unavailable: attempts cannot be counted.
        """
        await self._sessions.count_visit(address)
        return await invitations.accept(self._database, self._journal, token, full_name=full_name, password=password)
