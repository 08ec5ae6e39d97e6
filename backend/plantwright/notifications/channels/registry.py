"""The channels there are, by their type."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from urllib.parse import urlsplit

from plantwright.core.errors import ValidationFailed
from plantwright.core.settings import Settings
from plantwright.notifications.channels.apprise import AppriseChannel
from plantwright.notifications.channels.contract import Channel
from plantwright.notifications.channels.email import EmailChannel
from plantwright.notifications.channels.mqtt import MqttChannel
from plantwright.notifications.channels.opsgenie import OpsgenieChannel
from plantwright.notifications.channels.pagerduty import PagerDutyChannel
from plantwright.notifications.channels.slack import SlackChannel
from plantwright.notifications.channels.sms import SmsChannel
from plantwright.notifications.channels.sms_gateway import SmsGatewayChannel
from plantwright.notifications.channels.smtp_server import SmtpServer, parse_server
from plantwright.notifications.channels.teams import TeamsChannel
from plantwright.notifications.channels.telegram import TelegramChannel
from plantwright.notifications.channels.vapid import VapidKey
from plantwright.notifications.channels.web_push import WebPushChannel
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


def open_channels(settings: Settings) -> Channels:
    """Every channel, with what the operator has set for it.

    Raises:
        ConfigurationError: the operator's mail server is set, but wrong.
    """
    host = urlsplit(settings.public_url).hostname or "localhost"
    return Channels(
        [
            EmailChannel(_mail_server(settings), host),
            SlackChannel(),
            TeamsChannel(),
            WebhookChannel(),
            SmsChannel(),
            SmsGatewayChannel(),
            WebPushChannel(VapidKey(settings.key_material(), contact_of(settings))),
            PagerDutyChannel(),
            OpsgenieChannel(),
            TelegramChannel(),
            MqttChannel(),
            AppriseChannel(settings.is_apprise_allowed, _surroundings(settings)),
        ]
    )


def contact_of(settings: Settings) -> str:
    """Where operators of push services find the operator of this installation."""
    if settings.public_url.startswith("https:"):
        return settings.public_url
    return f"mailto:{settings.smtp_from or 'plantwright@localhost'}"


def _mail_server(settings: Settings) -> SmtpServer | None:
    if settings.smtp_url is None:
        return None
    return parse_server(settings.smtp_url.get_secret_value(), settings.smtp_from)


def _surroundings(settings: Settings) -> Mapping[str, str]:
    found = {"networks": settings.outbound_networks, "ports": settings.outbound_ports}
    return found if settings.outbound_ca_file is None else {**found, "ca_file": str(settings.outbound_ca_file)}
