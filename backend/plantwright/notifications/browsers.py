"""Browsers that people let show notifications: each is an address of its user, told of new trouble by Web Push."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from plantwright.core.database import UnitOfWork
from plantwright.core.errors import NotFound, ValidationFailed
from plantwright.core.text import bounded_text
from plantwright.notifications import facts, repository
from plantwright.notifications.addresses import language_of, new_runtime, personal_channel
from plantwright.notifications.channels.registry import Channels
from plantwright.notifications.channels.web_push import WebPushChannel
from plantwright.notifications.facts import channel_fact
from plantwright.notifications.models import Language, NotificationChannel
from plantwright.notifications.sealing import checked_config, put_config
from plantwright.notifications.service import LONGEST_NAME, Tools

WEB_PUSH: Final = WebPushChannel.type
MAX_BROWSERS: Final = 10
NOT_SUBSCRIBED: Final = "This browser is not subscribed."


def public_key(channels: Channels) -> str:
    """What browsers subscribe with, base64url."""
    channel = channels.get(WEB_PUSH)
    if not isinstance(channel, WebPushChannel):
        raise TypeError(channel)
    return channel.public_key


async def subscribe(
    work: UnitOfWork,
    tools: Tools,
    user_id: UUID,
    subscription: Mapping[str, Any],
    *,
    name: str = "Browser",
    language: Language | None = None,
) -> NotificationChannel:
    """The browser becomes this user's alone: on a shared computer it follows whoever subscribes.

    Args:
        work: a transaction.
        tools: what channels need.
        user_id: whose browser it is.
        subscription: `endpoint`, `p256dh` and `auth`, as the browser gives them.
        name: what the user calls it.
        language: of what it shows; without it that in which the user is told.

    Raises:
        ValidationFailed: it is no subscription, or the user has ten browsers already.
    """
    channel = tools.channels.get(WEB_PUSH)
    config = checked_config(channel, subscription)
    await channel.check(config, tools.outbound)
    await repository.lock_list(work)
    for row in await repository.browsers_at(work, config.endpoint):
        await _remove(work, tools, user_id, row)
    own = await repository.channels_of_user(work, user_id, WEB_PUSH)
    for row in own:
        if not row.is_active:
            await _remove(work, tools, user_id, row)
    if sum(row.is_active for row in own) >= MAX_BROWSERS:
        raise ValidationFailed(f"{MAX_BROWSERS} browsers are subscribed already; remove one first.", ["endpoint"])
    made = personal_channel(
        work.tenant_id, user_id, WEB_PUSH, bounded_text(name, "name", shortest=1, longest=LONGEST_NAME)
    )
    made.language = (language or await language_of(work, user_id)).value
    put_config(made, channel, config, tools.vault)
    work.session.add(made)
    await work.session.flush()
    work.session.add(new_runtime(made))
    await tools.journal.append(work, channel_fact(facts.CREATED, made, user_id))
    return made


async def unsubscribe(work: UnitOfWork, tools: Tools, user_id: UUID, endpoint: str | None) -> int:
    """The user's browser with that endpoint, or all of them; how many there were.

    Raises:
        NotFound: none of this user's has that endpoint.
    """
    own = await repository.channels_of_user(work, user_id, WEB_PUSH)
    chosen = [row for row in own if endpoint is None or row.config.get("endpoint") == endpoint]
    if endpoint is not None and not chosen:
        raise NotFound(NOT_SUBSCRIBED, ["endpoint"])
    for row in chosen:
        await _remove(work, tools, user_id, row)
    return len(chosen)


async def _remove(work: UnitOfWork, tools: Tools, user_id: UUID, row: NotificationChannel) -> None:
    work.session.expunge(row)
    await repository.remove_channel(work, row.id)
    await tools.journal.append(work, channel_fact(facts.DELETED, row, user_id))
