"""Web Push to one's own browsers."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from plantwright.graphql.notifications.enums import Language
from plantwright.notifications.browsers import NOT_SUBSCRIBED
from plantwright.rest.documents import TOO_MANY_ATTEMPTS, USER_ERROR, mutation, query
from plantwright.rest.route import Call, RestRoute, body_as_input, item, path_as
from plantwright.rest.shapes import FROM_NAME, Body, Parameters, Payload

BROWSER = (
    "fragment BrowserFields on PushBrowser { id name endpoint language createdAt lastSuccessAt failingSince lastError }"
)


class Keys(Payload):
    p256dh: str = Field(serialization_alias="p256dh", description="The browser's public key, base64url.")
    auth: str = Field(description="Its secret, base64url.")


class Subscription(Payload):
    endpoint: str
    keys: Keys
    name: str = "Browser"
    language: Language | None = Field(default=None, description="Without it the language of one's messages.")


class EndpointParameters(Parameters):
    endpoint: str | None = Field(default=None, description="Without it all of one's own browsers are removed.")


class PublicKey(Body):
    vapid_public_key: str = Field(serialization_alias="public_key", description="applicationServerKey, base64url.")


class Browser(Body):
    id: UUID
    name: str
    endpoint: str
    language: Annotated[Language, FROM_NAME]
    created_at: datetime
    last_success_at: datetime | None
    failing_since: datetime | None
    last_error: str | None


class Browsers(Body):
    browsers: list[Browser]


class Removed(Body):
    removed: int


class OwnLanguage(Payload):
    language: Language


class ShownLanguage(Body):
    language: Annotated[Language, FROM_NAME]


class Tested(Body):
    is_delivered: bool = Field(serialization_alias="success")
    detail: str


def _endpoint_as_input(call: Call) -> dict[str, Any]:
    return {"input": dict(call.query)}


ROUTES = (
    RestRoute(
        method="GET",
        path="/push/vapid-public-key",
        summary="What browsers subscribe with.",
        document=query("query PushKey { pushSetup { vapidPublicKey } }"),
        answer=PublicKey,
    ),
    RestRoute(
        method="GET",
        path="/push/browsers",
        summary="One's own browsers that show notifications.",
        document=query("query PushBrowsers { pushSetup { browsers { ...BrowserFields } } }", BROWSER),
        answer=Browsers,
    ),
    RestRoute(
        method="POST",
        path="/push/subscribe",
        summary="Show notifications in a browser of one's own.",
        document=mutation("pushSubscribe", "browser { ...BrowserFields }", BROWSER),
        body=Subscription,
        answer=Browser,
        variables=body_as_input(),
        result=item("browser"),
        status=201,
    ),
    RestRoute(
        method="DELETE",
        path="/push/subscribe",
        summary="Show nothing in one's own browser any more, or in none of them.",
        document=mutation("pushUnsubscribe", "removed"),
        query=EndpointParameters,
        answer=Removed,
        variables=_endpoint_as_input,
    ),
    RestRoute(
        method="POST",
        path="/push/browsers/{browser_id}/test",
        summary="Send a test message to a browser of one's own.",
        document=mutation("pushTest", "isDelivered detail", errors=f"{USER_ERROR} {TOO_MANY_ATTEMPTS}"),
        answer=Tested,
        variables=lambda call: {"input": path_as(id="browser_id")(call)},
        not_found=NOT_SUBSCRIBED,
    ),
    RestRoute(
        method="GET",
        path="/notification-language",
        summary="The language in which one is told, by mail and in browsers.",
        document=query("query OwnLanguage { notificationLanguage }"),
        answer=ShownLanguage,
        result=lambda language: {"language": language},
    ),
    RestRoute(
        method="PUT",
        path="/notification-language",
        summary="Choose the language in which one is told.",
        document=mutation("setNotificationLanguage", "language"),
        body=OwnLanguage,
        answer=ShownLanguage,
        variables=body_as_input(),
    ),
)
