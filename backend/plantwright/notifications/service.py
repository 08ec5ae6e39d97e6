"""Making, changing and deleting channels.

Lock order: the list when one is added, then the runtime row of a channel, the channel, the head of the journal.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from plantwright.core.clock import utc_now
from plantwright.core.database import UnitOfWork
from plantwright.core.errors import Conflict, NotFound, ValidationFailed
from plantwright.core.outbound import Outbound
from plantwright.core.text import bounded_text
from plantwright.core.vault import Vault
from plantwright.journal.service import Journal
from plantwright.notifications import facts, repository
from plantwright.notifications.addresses import new_runtime
from plantwright.notifications.channels.registry import Channels
from plantwright.notifications.channels.webhook import SigningSecret, WebhookChannel, new_secret, rotated
from plantwright.notifications.facts import channel_fact
from plantwright.notifications.models import ChannelRuntime, Language, NotificationChannel
from plantwright.notifications.outcomes import SWITCHED_OFF
from plantwright.notifications.repository import ChannelFilter
from plantwright.notifications.sealing import (
    changed_values,
    checked_config,
    convert,
    put_config,
    refuse_generated,
    stored_values,
)

LONGEST_NAME: Final = 100
MAX_CHANNELS: Final = 200
MOST_PER_MINUTE: Final = 600
LONGEST_HOLD: Final = 1_440
CHANNEL_NOT_FOUND: Final = "Notification channel not found."


@dataclass(frozen=True, slots=True)
class Tools:
    """What the verbs need besides a unit of work."""

    journal: Journal
    channels: Channels
    vault: Vault
    outbound: Outbound


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelChange:
    """What people set besides type and config; None leaves it as it is."""

    name: str | None = None
    is_active: bool | None = None
    language: Language | None = None
    rate_per_minute: int | None = None
    keeps_order: bool | None = None
    max_hold_minutes: int | None = None


async def create(
    work: UnitOfWork,
    tools: Tools,
    actor_id: UUID,
    kind: tuple[str, Mapping[str, Any]],
    change: ChannelChange,
) -> tuple[NotificationChannel, str | None]:
    """Of `kind`, type and config: the channel and, for a webhook, its signing secret, which is never shown again.

    Raises:
        ValidationFailed: a field of the config or a setting breaks a rule, or there are too many channels.
        Conflict: the name is taken.
    """
    channel_type, config = kind
    channel = tools.channels.get(channel_type)
    checked = checked_config(channel, config)
    await channel.check(checked, tools.outbound)
    await repository.lock_list(work)
    if await repository.count(work, ChannelFilter()) >= MAX_CHANNELS:
        raise ValidationFailed(f"There are {MAX_CHANNELS} channels already, the most there may be.", ["name"])
    row = NotificationChannel(tenant_id=work.tenant_id, name="", type=channel_type, config={})
    for name, value in _checked(change).items():
        setattr(row, name, value)
    if not row.name:
        raise ValidationFailed("name must have 1 to 100 characters.", ["name"])
    secret = new_secret() if isinstance(channel, WebhookChannel) else None
    values = dict(config) if secret is None else {**config, "signing_secrets": [{"secret": secret}]}
    put_config(row, channel, convert(channel, values), tools.vault)
    work.session.add(row)
    await _flush(work)
    work.session.add(new_runtime(row))
    await tools.journal.append(work, channel_fact(facts.CREATED, row, actor_id, **_settings(row)))
    return row, secret


async def update(
    work: UnitOfWork,
    tools: Tools,
    actor_id: UUID,
    channel_id: UUID,
    change: ChannelChange,
    *,
    config: Mapping[str, Any] | None = None,
) -> NotificationChannel:
    """Nothing is written when nothing differs. Switching on forgets past failures; switching off cancels what waits.

    Raises:
        ValidationFailed: a rule is broken, or a secret would go to another place than it was given for.
        NotFound: no such channel in this tenant.
        Conflict: the name is taken.
    """
    row = await require(work, channel_id, lock=True)
    before = {**_settings(row), "name": row.name, "config": row.config}
    new_secrets = False
    if config is not None:
        new_secrets = await _put_changed(tools, row, config)
    for name, value in _checked(change).items():
        setattr(row, name, value)
    after = {**_settings(row), "name": row.name, "config": row.config}
    differing = {name: {"old": before[name], "new": value} for name, value in after.items() if before[name] != value}
    if not differing and not new_secrets:
        return row
    row.updated_at = utc_now()
    work.session.add(row)
    await _flush(work)
    if "is_active" in differing:
        await _switched(work, row)
    details = {"changes": differing, "secrets_changed": new_secrets}
    await tools.journal.append(work, channel_fact(facts.UPDATED, row, actor_id, **details))
    return row


async def delete(work: UnitOfWork, tools: Tools, actor_id: UUID, channel_id: UUID) -> NotificationChannel:
    """With its deliveries.

    Raises:
        NotFound: no such channel in this tenant.
        Conflict: an escalation policy still names it.
    """
    row = await require(work, channel_id, lock=True)
    work.session.expunge(row)
    try:
        await repository.remove_channel(work, channel_id)
    except IntegrityError as error:
        raise Conflict("Something still uses this channel: change the escalation policy first.", ["id"]) from error
    await tools.journal.append(work, channel_fact(facts.DELETED, row, actor_id))
    return row


async def rotate_secret(
    work: UnitOfWork, tools: Tools, actor_id: UUID, channel_id: UUID
) -> tuple[NotificationChannel, str]:
    """A new signing secret, never shown again; the one before stays valid for a day.

    Raises:
        NotFound: no such channel in this tenant.
        ValidationFailed: messages of this type are not signed.
    """
    row = await require(work, channel_id, lock=True)
    channel = tools.channels.get(row.type)
    if not isinstance(channel, WebhookChannel):
        raise ValidationFailed("Only webhooks are signed; enter the new secret of this channel in its config.", ["id"])
    values = stored_values(row, tools.vault)
    before = convert(channel, values)
    secret = new_secret()
    kept: tuple[SigningSecret, ...] = rotated(before.signing_secrets, secret, utc_now())
    put_config(row, channel, convert(channel, {**values, "signing_secrets": _plain(kept)}), tools.vault)
    row.updated_at = utc_now()
    work.session.add(row)
    await tools.journal.append(work, channel_fact(facts.SECRET_ROTATED, row, actor_id))
    return row, secret


async def require(
    work: UnitOfWork, channel_id: UUID, *, lock: bool = False, of_user: UUID | None = None
) -> NotificationChannel:
    """A channel of all, or an address of the given user.

    Raises:
        NotFound: no such channel in this tenant, or it is an address of another user.
    """
    row = await repository.get_channel(work, channel_id, lock=lock)
    if row is None or row.user_id != of_user:
        raise NotFound(CHANNEL_NOT_FOUND, ["id"])
    return row


async def require_any(work: UnitOfWork, channel_id: UUID) -> NotificationChannel:
    """Also an address of a user, locked.

    Raises:
        NotFound: no such channel in this tenant.
    """
    row = await repository.get_channel(work, channel_id, lock=True)
    if row is None:
        raise NotFound(CHANNEL_NOT_FOUND, ["id"])
    return row


async def _put_changed(tools: Tools, row: NotificationChannel, config: Mapping[str, Any]) -> bool:
    """Whether a secret is another one now."""
    channel = tools.channels.get(row.type)
    refuse_generated(channel, config)
    before = stored_values(row, tools.vault)
    changed = convert(channel, changed_values(row, channel, config, tools.vault))
    await channel.check(changed, tools.outbound)
    put_config(row, channel, changed, tools.vault)
    after = stored_values(row, tools.vault)
    return any(before.get(name) != after.get(name) for name in channel.secret_fields)


async def _switched(work: UnitOfWork, row: NotificationChannel) -> None:
    runtime = await work.session.get(ChannelRuntime, (row.tenant_id, row.id))
    if not row.is_active:
        await repository.cancel_pending(work, row.id, SWITCHED_OFF, utc_now())
    elif runtime is not None:
        runtime.failures, runtime.failing_since, runtime.paused_until = 0, None, None
        runtime.disabled_reason = None
        work.session.add(runtime)


def _checked(change: ChannelChange) -> dict[str, Any]:
    wanted: dict[str, Any] = {}
    if change.name is not None:
        wanted["name"] = bounded_text(change.name, "name", shortest=1, longest=LONGEST_NAME)
    if change.rate_per_minute is not None:
        if not 1 <= change.rate_per_minute <= MOST_PER_MINUTE:
            raise ValidationFailed(f"ratePerMinute is between 1 and {MOST_PER_MINUTE}.", ["ratePerMinute"])
        wanted["rate_per_minute"] = change.rate_per_minute
    if change.max_hold_minutes is not None:
        if not 1 <= change.max_hold_minutes <= LONGEST_HOLD:
            raise ValidationFailed(f"maxHoldMinutes is between 1 and {LONGEST_HOLD:,}.", ["maxHoldMinutes"])
        wanted["max_hold_minutes"] = change.max_hold_minutes
    if change.language is not None:
        wanted["language"] = change.language.value
    if change.is_active is not None:
        wanted["is_active"] = change.is_active
    if change.keeps_order is not None:
        wanted["keeps_order"] = change.keeps_order
    return wanted


def _settings(row: NotificationChannel) -> dict[str, Any]:
    return {
        "is_active": row.is_active,
        "language": row.language,
        "rate_per_minute": row.rate_per_minute,
        "keeps_order": row.keeps_order,
        "max_hold_minutes": row.max_hold_minutes,
    }


def _plain(secrets: tuple[SigningSecret, ...]) -> list[dict[str, Any]]:
    return [{"secret": one.secret, "until": None if one.until is None else one.until.isoformat()} for one in secrets]


async def _flush(work: UnitOfWork) -> None:
    try:
        await work.session.flush()
    except IntegrityError as error:
        raise Conflict("A notification channel with this name already exists.", ["name"]) from error
