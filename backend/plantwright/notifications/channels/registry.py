"""The channels there are, by their type."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from plantwright.core.errors import ValidationFailed
from plantwright.core.settings import Settings
from plantwright.notifications.channels.contract import Channel
from plantwright.notifications.channels.opsgenie import OpsgenieChannel
from plantwright.notifications.channels.pagerduty import PagerDutyChannel
from plantwright.notifications.channels.slack import SlackChannel
from plantwright.notifications.channels.teams import TeamsChannel
from plantwright.notifications.channels.telegram import TelegramChannel
from plantwright.notifications.channels.webhook import WebhookChannel


class Channels:
    """Channels by type."""

    def __init__(self, channels: Sequence[Channel]) -> None:
        self._by_type: Mapping[str, Channel] = MappingProxyType({channel.type: channel for channel in channels})

    @property
    def types(self) -> Sequence[str]:
        return tuple(self._by_type)

    def get(self, channel_type: str) -> Channel:
        """
        Raises:
            ValidationFailed: there is no such type.
        """
        found = self._by_type.get(channel_type)
        if found is None:
            raise ValidationFailed(f"type must be one of {', '.join(self._by_type)}.", ["type"])
        return found


def open_channels(settings: Settings) -> Channels:  # noqa: ARG001 - channels with settings of the operator need it
    """Every channel, with what the operator has set for it."""
    return Channels(
        [SlackChannel(), TeamsChannel(), WebhookChannel(), PagerDutyChannel(), OpsgenieChannel(), TelegramChannel()]
    )
