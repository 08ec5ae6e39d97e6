"""Users' own addresses, as channels that nobody sees in a list."""

from collections.abc import Collection
from uuid import UUID

from plantwright.core.clock import utc_now
from plantwright.core.database import UnitOfWork
from plantwright.core.vault import Vault
from plantwright.identity import repository as identity
from plantwright.identity.models import User
from plantwright.notifications import repository
from plantwright.notifications.channels.registry import Channels
from plantwright.notifications.models import ChannelRuntime, Language, NotificationChannel
from plantwright.notifications.schedule import most_tokens
from plantwright.notifications.sealing import checked_config, put_config

EMAIL = "email"


class Addresses:
    def __init__(self, channels: Channels, vault: Vault) -> None:
        self._channels = channels
        self._vault = vault

    async def ensure(self, work: UnitOfWork, user_ids: Collection[UUID]) -> None:
        """Each active user can be told by e-mail; one whose address has changed is told at the new one."""
        for user in await identity.get_users(work, list(user_ids)):
            if user.is_active:
                await self._ensure_email(work, user)
        await work.session.flush()

    async def set_language(self, work: UnitOfWork, user_id: UUID, language: Language) -> bool:
        """Of everything that the user is told, by mail and in browsers; whether it was another one."""
        await self.ensure(work, [user_id])
        rows = [row for row in await repository.addresses_of(work, user_id) if row.language != language]
        for row in rows:
            row.language, row.updated_at = language.value, utc_now()
        work.session.add_all(rows)
        await work.session.flush()
        return bool(rows)

    async def _ensure_email(self, work: UnitOfWork, user: User) -> None:
        known = await repository.channels_of_user(work, user.id, EMAIL)
        row = known[0] if known else personal_channel(work.tenant_id, user.id, EMAIL, user.full_name)
        if known and row.config.get("email") == user.email:
            return
        channel = self._channels.get(EMAIL)
        put_config(row, channel, checked_config(channel, {"email": user.email}), self._vault)
        row.is_active, row.updated_at = True, utc_now()
        work.session.add(row)
        await work.session.flush()
        if not known:
            work.session.add(new_runtime(row))


async def language_of(work: UnitOfWork, user_id: UUID) -> Language:
    """In which the user is told; English as long as nobody has said otherwise."""
    rows = await repository.channels_of_user(work, user_id, EMAIL)
    return Language(rows[0].language) if rows else Language.EN


def personal_channel(tenant_id: UUID, user_id: UUID, channel_type: str, name: str) -> NotificationChannel:
    return NotificationChannel(
        tenant_id=tenant_id, name=name[:100] or channel_type, type=channel_type, config={}, user_id=user_id
    )


def new_runtime(channel: NotificationChannel) -> ChannelRuntime:
    return ChannelRuntime(
        tenant_id=channel.tenant_id, channel_id=channel.id, tokens=most_tokens(channel.rate_per_minute)
    )
