"""What people enter for a channel, taken apart into what may be shown and what is encrypted."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from plantwright.core.errors import ValidationFailed
from plantwright.core.vault import Vault
from plantwright.notifications.channels.contract import Channel
from plantwright.notifications.models import NotificationChannel

LONGEST_CONFIG: Final = 16_384


def checked_config(channel: Channel, entered: Mapping[str, Any]) -> Any:
    """What was entered, as the channel's own type.

    Raises:
        ValidationFailed: a field is missing, unknown, of the wrong type, or one that the server makes.
    """
    refuse_generated(channel, entered)
    return convert(channel, entered)


def refuse_generated(channel: Channel, entered: Mapping[str, Any]) -> None:
    """
    Raises:
        ValidationFailed: a field that the server makes was entered.
    """
    made_here = sorted(channel.generated_fields & entered.keys())
    if made_here:
        raise ValidationFailed(f"{made_here[0]} is made by the server.", ["config", made_here[0]])


def convert(channel: Channel, values: Mapping[str, Any]) -> Any:
    """
    Raises:
        ValidationFailed: a field is missing, unknown or of the wrong type; says which.
    """
    if len(msgspec.json.encode(values)) > LONGEST_CONFIG:
        raise ValidationFailed(f"config has at most {LONGEST_CONFIG // 1024} kB.", ["config"])
    try:
        return msgspec.convert(values, channel.Config, strict=True)
    except msgspec.ValidationError as error:
        message = str(error)
        place = message.rpartition("`$")[2].rstrip("`").strip(".") if "`$" in message else ""
        raise ValidationFailed(f"config: {message}.", ["config", *filter(None, place.split("."))]) from None


def put_config(row: NotificationChannel, channel: Channel, config: Any, vault: Vault) -> None:
    """Into the row: secrets sealed, the rest as it is. Fields without a value stay out."""
    values = {name: value for name, value in msgspec.to_builtins(config).items() if value is not None}
    secrets = {name: value for name, value in values.items() if name in channel.secret_fields}
    row.config = {name: value for name, value in values.items() if name not in channel.secret_fields}
    sealed = vault.seal(msgspec.json.encode(secrets).decode(), row.tenant_id, row.id) if secrets else None
    row.secrets = sealed


def stored_values(row: NotificationChannel, vault: Vault) -> dict[str, Any]:
    """Everything of the row, secrets in the open.

    Raises:
        Conflict: the secrets were encrypted with a key that is gone.
    """
    secrets: dict[str, Any] = {}
    if row.secrets is not None:
        secrets = msgspec.json.decode(vault.open(row.secrets, row.tenant_id, row.id))
    return {**row.config, **secrets}


def stored_config(row: NotificationChannel, channel: Channel, vault: Vault) -> Any:
    """As the channel takes it.

    Raises:
        Conflict: the secrets were encrypted with a key that is gone.
        ValidationFailed: it was saved by a version that had other fields.
    """
    return convert(channel, stored_values(row, vault))


def changed_values(
    row: NotificationChannel, channel: Channel, entered: Mapping[str, Any], vault: Vault
) -> dict[str, Any]:
    """The values after a change: secrets that were left out stay, as long as nothing else changes with them.

    Raises:
        ValidationFailed: a secret would go to another place than it was given for.
    """
    before = stored_values(row, vault)
    generated = {name: before[name] for name in channel.generated_fields & before.keys()}
    own_secrets = (channel.secret_fields - channel.generated_fields) & before.keys()
    kept = {name: before[name] for name in own_secrets - entered.keys() if before[name]}
    values = {**entered, **kept}
    if kept and _shown(channel, values) != row.config:
        names = ", ".join(sorted(kept))
        raise ValidationFailed(f"Enter {names} again: other settings of the channel change.", ["config", min(kept)])
    return {**values, **generated}


def _shown(channel: Channel, values: Mapping[str, Any]) -> dict[str, Any]:
    converted = msgspec.to_builtins(convert(channel, values))
    hidden = channel.secret_fields
    return {name: value for name, value in converted.items() if name not in hidden and value is not None}
