"""Which channels an announcement goes to. Pure: the same rows give the same channels."""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from plantwright.alerts.models import Severity
from plantwright.notifications.announcement import Announcement
from plantwright.notifications.events import ADDRESSED, ANNOUNCING, Event
from plantwright.notifications.models import NotificationChannel, NotificationRoute

# What a tenant without routes has: every channel is told of new trouble that is more than information.
DEFAULT_EVENTS: Final = (*sorted(ANNOUNCING), Event.FLOOD_BEGAN, Event.FLOOD_ENDED, Event.CHANNEL_DISABLED)
DEFAULT_SEVERITIES: Final = (Severity.WARNING, Severity.CRITICAL)
BROWSER: Final = "web_push"
# Incident services hold an alert open until they hear that it is over, so they hear it whatever the routes say.
FOLLOWING: Final = frozenset({"pagerduty", "opsgenie"})
# What reads messages by program is told everything in a flood; people are told that there is one.
READ_BY_PROGRAMS: Final = frozenset({"webhook", "mqtt", *FOLLOWING})


def channels_for(
    announcement: Announcement,
    routes: Sequence[NotificationRoute],
    channels: Mapping[UUID, NotificationChannel],
    told_before: frozenset[UUID],
) -> list[NotificationChannel]:
    """
    Args:
        announcement: what is to be told.
        routes: all of the tenant, inactive ones too.
        channels: the active ones, addresses of users among them.
        told_before: channels that were told of the same alert.
    """
    if not announcement.is_told:
        return []
    wanted = _addressed(announcement, channels) or _routed(announcement, routes, channels)
    if announcement.event in {Event.ALERT_ACKNOWLEDGED, Event.ALERT_CLEARED}:
        wanted |= {one for one in told_before & channels.keys() if channels[one].type in FOLLOWING}
    if announcement.event is Event.CHANNEL_DISABLED:
        wanted.discard(UUID(announcement.details["channel_id"]))
    found = [channels[one] for one in sorted(wanted)]
    return [one for one in found if _was_there(announcement, one) and not _is_covered_by_flood(announcement, one)]


def matches(route: NotificationRoute, announcement: Announcement) -> bool:
    """Sites and machines widen each other: a machine elsewhere may be added to a site."""
    if not route.is_active or announcement.event.value not in route.events:
        return False
    if route.severities and announcement.severity is not None and announcement.severity not in route.severities:
        return False
    if not route.sites and not route.machine_ids:
        return True
    machine_id = None if announcement.alert is None else announcement.alert.machine_id
    sites = {site.casefold() for site in route.sites}
    return announcement.site.casefold() in sites or machine_id in route.machine_ids


def _addressed(announcement: Announcement, channels: Mapping[UUID, NotificationChannel]) -> set[UUID]:
    named = announcement.channel_ids & channels.keys()
    return set(named) | {one for one, channel in channels.items() if channel.user_id in announcement.user_ids}


def _routed(
    announcement: Announcement,
    routes: Sequence[NotificationRoute],
    channels: Mapping[UUID, NotificationChannel],
) -> set[UUID]:
    if announcement.event in ADDRESSED:
        return set()
    of_all = {one for one, channel in channels.items() if channel.user_id is None}
    is_default = announcement.event in DEFAULT_EVENTS and announcement.severity in {None, *DEFAULT_SEVERITIES}
    # Who lets a browser show notifications asks for new trouble, whatever the routes of the tenant are.
    browsers = {one for one, channel in channels.items() if channel.type == BROWSER and is_default}
    if not routes:
        return browsers | of_all if is_default else set()
    named = {one for route in routes if matches(route, announcement) for one in route.channel_ids}
    return browsers | named & of_all


def _was_there(announcement: Announcement, channel: NotificationChannel) -> bool:
    """A new channel does not begin with old news; the address of a user who is named is made for this."""
    return channel.user_id in announcement.user_ids or channel.created_at <= announcement.at


def _is_covered_by_flood(announcement: Announcement, channel: NotificationChannel) -> bool:
    """People were told that there is a flood, and are told when it is over; critical ones they hear one by one."""
    is_new = announcement.event in ANNOUNCING and announcement.severity != Severity.CRITICAL
    return is_new and announcement.is_flood and channel.type not in READ_BY_PROGRAMS
