"""What a process opens once to make channels or to send for them."""

from plantwright.core.clock import utc_now
from plantwright.core.database import Database
from plantwright.core.ids import uuid7
from plantwright.core.outbound import open_outbound
from plantwright.core.settings import Settings
from plantwright.core.vault import Purpose, Vault
from plantwright.journal.service import Journal
from plantwright.notifications.addresses import Addresses
from plantwright.notifications.channels.registry import open_channels
from plantwright.notifications.consumer import Clock, NotificationConsumer, Wake
from plantwright.notifications.lane import Post
from plantwright.notifications.planning import Hold
from plantwright.notifications.sending import Sender
from plantwright.notifications.service import Tools


def open_tools(settings: Settings, journal: Journal) -> Tools:
    """
    Raises:
        ConfigurationError: a setting is missing or wrong.
    """
    vault = Vault(Purpose.NOTIFICATIONS, settings.key_material(), settings.previous_key_material())
    return Tools(journal, open_channels(settings), vault, open_outbound(settings))


def open_consumer(settings: Settings, tools: Tools, hold: Hold, wake: Wake) -> NotificationConsumer:
    return NotificationConsumer(settings.public_url, Addresses(tools.channels, tools.vault), hold, wake)


def open_post(database: Database, tools: Tools, clock: Clock = utc_now) -> Post:
    """Of one process: its leases are its own."""
    sender = Sender(tools.channels, tools.vault, tools.outbound)
    return Post(database, tools.journal, sender, uuid7(), clock)
