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
from plantwright.notifications.models import ChannelRuntime, NotificationChannel
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


def personal_channel(tenant_id: UUID, user_id: UUID, channel_type: str, name: str) -> NotificationChannel:
    return NotificationChannel(
        tenant_id=tenant_id, name=name[:100] or channel_type, type=channel_type, config={}, user_id=user_id
    )


def new_runtime(channel: NotificationChannel) -> ChannelRuntime:
    return ChannelRuntime(
        tenant_id=channel.tenant_id, channel_id=channel.id, tokens=most_tokens(channel.rate_per_minute)
    )
