"""One's own browsers, which show notifications by Web Push."""

from datetime import datetime
from typing import Annotated, Self

import strawberry

from plantwright.graphql.context import Info, require_id
from plantwright.graphql.errors import NotFound, TooManyAttempts, ValidationFailed, returns_errors
from plantwright.graphql.notifications.enums import Language
from plantwright.notifications import browsers, repository
from plantwright.notifications.browsers import NOT_SUBSCRIBED, WEB_PUSH
from plantwright.notifications.models import ChannelRuntime, NotificationChannel


@strawberry.type(description="A browser that its user lets show notifications.")
class PushBrowser:
    id: strawberry.ID
    name: str
    endpoint: str = strawberry.field(description="As the browser's own subscription has it.")
    language: Language
    created_at: datetime
    last_success_at: datetime | None
    failing_since: datetime | None
    last_error: str | None

    @classmethod
    def of(cls, row: NotificationChannel, runtime: ChannelRuntime | None) -> Self:
        return cls(
            id=strawberry.ID(str(row.id)),
            name=row.name,
            endpoint=row.config["endpoint"],
            language=Language(row.language),
            created_at=row.created_at,
            last_success_at=runtime.last_success_at if runtime else None,
            failing_since=runtime.failing_since if runtime else None,
            last_error=runtime.last_error if runtime else None,
        )


@strawberry.type(description="What a browser needs to subscribe, and the caller's own that have.")
class PushSetup:
    vapid_public_key: str = strawberry.field(description="`applicationServerKey`, base64url (RFC 8292).")
    browsers: list[PushBrowser]


@strawberry.type
class PushQuery:
    @strawberry.field(description="Web Push to the caller's own browsers.")
    async def push_setup(self, info: Info) -> PushSetup:
        principal = info.context.principal
        async with info.context.reading() as work:
            rows = await repository.channels_of_user(work, principal.user_id, WEB_PUSH)
            rows = [row for row in rows if row.is_active]
            runtimes = await repository.runtimes(work, [row.id for row in rows])
        key = browsers.public_key(info.context.services.notifications.tools.channels)
        return PushSetup(vapid_public_key=key, browsers=[PushBrowser.of(row, runtimes.get(row.id)) for row in rows])


@strawberry.input
class PushKeysInput:
    p256dh: str
    auth: str


@strawberry.input(description="As `PushSubscription.toJSON()` gives it.")
class PushSubscribeInput:
    endpoint: str
    keys: PushKeysInput
    name: str = strawberry.field(default="Browser", description="1 to 100 characters.")
    language: Language | None = strawberry.field(default=None, description="Without it the language of one's messages.")


@strawberry.type
class PushSubscribeSuccess:
    browser: PushBrowser


PushSubscribeResult = Annotated[PushSubscribeSuccess | ValidationFailed, strawberry.union("PushSubscribeResult")]


@strawberry.input
class PushUnsubscribeInput:
    endpoint: str | None = strawberry.field(default=None, description="Without it all of one's own are removed.")


@strawberry.type
class PushUnsubscribeSuccess:
    removed: int


PushUnsubscribeResult = Annotated[PushUnsubscribeSuccess | NotFound, strawberry.union("PushUnsubscribeResult")]


@strawberry.input
class PushTestInput:
    id: strawberry.ID


@strawberry.type
class PushTestSuccess:
    is_delivered: bool = strawberry.field(description="Whether the push service took the message.")
    detail: str


PushTestResult = Annotated[PushTestSuccess | NotFound | TooManyAttempts, strawberry.union("PushTestResult")]


@strawberry.type
class PushMutation:
    @strawberry.mutation(description="Show notifications in a browser of one's own; once more changes its keys.")
    @returns_errors(ValidationFailed)
    async def push_subscribe(self, info: Info, input: PushSubscribeInput) -> PushSubscribeResult:  # noqa: A002
        principal = info.context.principal
        subscription = {"endpoint": input.endpoint, "p256dh": input.keys.p256dh, "auth": input.keys.auth}
        tools = info.context.services.notifications.tools
        async with info.context.writing() as work:
            row = await browsers.subscribe(
                work, tools, principal.user_id, subscription, name=input.name, language=input.language
            )
        return PushSubscribeSuccess(browser=PushBrowser.of(row, None))

    @strawberry.mutation(description="Show nothing in one's own browser any more, or in none of them.")
    @returns_errors(NotFound)
    async def push_unsubscribe(self, info: Info, input: PushUnsubscribeInput) -> PushUnsubscribeResult:  # noqa: A002
        principal = info.context.principal
        tools = info.context.services.notifications.tools
        async with info.context.writing() as work:
            removed = await browsers.unsubscribe(work, tools, principal.user_id, input.endpoint)
        return PushUnsubscribeSuccess(removed=removed)

    @strawberry.mutation(description="Send a test message to a browser of one's own.")
    @returns_errors(NotFound, TooManyAttempts)
    async def push_test(self, info: Info, input: PushTestInput) -> PushTestResult:  # noqa: A002
        principal = info.context.principal
        channel_id = require_id(input.id, NOT_SUBSCRIBED, "id")
        door = info.context.services.notifications
        result = await door.test(principal.tenant_id, principal.user_id, channel_id, of_user=principal.user_id)
        return PushTestSuccess(is_delivered=result.outcome.is_delivered, detail=result.outcome.detail)
