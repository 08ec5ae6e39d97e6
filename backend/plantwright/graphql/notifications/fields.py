"""What a type of channel needs to know, read from its config's own types."""

from enum import StrEnum
from types import NoneType
from typing import Any, Literal, Self, get_args, get_origin

import msgspec
import strawberry
from strawberry.scalars import JSON

from plantwright.notifications.channels.contract import Channel


@strawberry.enum(description="Texts: an object of names and texts, such as the headers of a webhook.")
class NotificationFieldKind(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    SWITCH = "switch"
    CHOICE = "choice"
    TEXTS = "texts"


@strawberry.type(description="A field of a channel's config.")
class NotificationChannelField:
    name: str
    kind: NotificationFieldKind
    choices: list[str] = strawberry.field(description="Of a choice; else empty.")
    is_required: bool
    is_secret: bool = strawberry.field(description="Encrypted, never shown; left out in an update it stays.")
    default: JSON | None

    @classmethod
    def of(cls, field: Any, channel: Channel) -> Self:
        """`field` is one of `msgspec.structs.fields`."""
        default = field.default
        if default is msgspec.NODEFAULT and field.default_factory is not msgspec.NODEFAULT:
            default = field.default_factory()
        kind, choices = _kind_of(field.type)
        return cls(
            name=field.name,
            kind=kind,
            choices=choices,
            is_required=field.required,
            is_secret=field.name in channel.secret_fields,
            default=None if default is msgspec.NODEFAULT else JSON(msgspec.to_builtins(default)),
        )


def _kind_of(annotation: Any) -> tuple[NotificationFieldKind, list[str]]:
    """Of what may also be None the kind is that of the rest."""
    is_union = NoneType in get_args(annotation)
    only = next(one for one in get_args(annotation) if one is not NoneType) if is_union else annotation
    if get_origin(only) is Literal:
        return NotificationFieldKind.CHOICE, [str(one) for one in get_args(only)]
    if only is bool:
        return NotificationFieldKind.SWITCH, []
    if only in {int, float}:
        return NotificationFieldKind.NUMBER, []
    return (NotificationFieldKind.TEXTS if get_origin(only) is dict else NotificationFieldKind.TEXT), []
