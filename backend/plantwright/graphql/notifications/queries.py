"""Channels, routes and templates."""

from uuid import UUID

import strawberry

from plantwright.core.errors import ValidationFailed
from plantwright.core.ids import parse_id
from plantwright.graphql.connection import cut_page, decode_cursor, encode_cursor, require_page
from plantwright.graphql.context import Info
from plantwright.graphql.notifications.types import (
    NotificationChannel,
    NotificationChannelConnection,
    NotificationChannelEdge,
    NotificationChannelType,
    NotificationRoute,
    NotificationTemplate,
)
from plantwright.graphql.selection import selects
from plantwright.notifications import repository
from plantwright.notifications.phrases import BUILT_IN
from plantwright.notifications.templates import Words

MAX_SEARCH = 200


@strawberry.input(description="All given conditions hold.")
class NotificationChannelFilter:
    type: list[str] | None = None
    is_active: bool | None = None
    search: str | None = strawberry.field(default=None, description="Part of the name, up to 200 characters.")

    def to_domain(self) -> repository.ChannelFilter:
        search = (self.search or "").strip()
        if len(search) > MAX_SEARCH:
            raise ValidationFailed(f"search has at most {MAX_SEARCH} characters.", ["filter", "search"])
        return repository.ChannelFilter(types=self.type or (), is_active=self.is_active, search=search)


@strawberry.type
class NotificationsQuery:
    @strawberry.field(description="Channels of the tenant, by name; addresses of users are not among them.")
    async def notification_channels(
        self,
        info: Info,
        first: int = 50,
        after: str | None = None,
        filter: NotificationChannelFilter | None = None,  # noqa: A002 - the API's word
    ) -> NotificationChannelConnection:
        first = require_page(first)
        keys = decode_cursor(after, str, UUID)
        where = (filter or NotificationChannelFilter()).to_domain()
        async with info.context.reading() as work:
            rows = await repository.page_by_name(work, where, (keys[0], keys[1]) if keys else None, first + 1)
            total = await repository.count(work, where) if selects(info, "totalCount") else 0
        page, page_info = cut_page(rows, first, lambda row: encode_cursor(row.name, row.id), after=after)
        edges = [NotificationChannelEdge(cursor=cursor, node=NotificationChannel.of(row)) for cursor, row in page]
        return NotificationChannelConnection(edges=edges, page_info=page_info, total_count=total)

    @strawberry.field(description="Null when there is no such channel in this tenant.")
    async def notification_channel(self, info: Info, id: strawberry.ID) -> NotificationChannel | None:  # noqa: A002
        channel_id = parse_id(id)
        async with info.context.reading() as work:
            row = await repository.get_channel(work, channel_id) if channel_id else None
        return NotificationChannel.of(row) if row is not None and row.user_id is None else None

    @strawberry.field(description="The types of channels that there are, and what they need to know.")
    async def notification_channel_types(self, info: Info) -> list[NotificationChannelType]:
        _ = info.context.principal
        channels = info.context.services.notifications.tools.channels
        return [NotificationChannelType.of(channels.get(one)) for one in channels.types]

    @strawberry.field(
        description="By name. Without any, every channel is told of new warnings and criticals, of floods, and when "
        "another channel is switched off."
    )
    async def notification_routes(self, info: Info) -> list[NotificationRoute]:
        async with info.context.reading() as work:
            return [NotificationRoute.of(row) for row in await repository.routes(work)]

    @strawberry.field(description="The words for every event and language, the tenant's own where it has some.")
    async def notification_templates(self, info: Info) -> list[NotificationTemplate]:
        async with info.context.reading() as work:
            rows = await repository.templates(work)
        own = {(row.event, row.language): Words(row.subject, row.text) for row in rows}
        return [
            NotificationTemplate.of(event, language, own.get((event, language), words), is_own=(event, language) in own)
            for language, of_language in BUILT_IN.items()
            for event, words in of_language.items()
        ]
