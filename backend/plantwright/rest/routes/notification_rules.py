"""Notification routes, templates and the delivery log."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BeforeValidator, Field

from plantwright.alerts.models import Severity
from plantwright.graphql.notifications.enums import DeliveryStatus, Event, Language
from plantwright.notifications.door import DELIVERY_NOT_FOUND
from plantwright.rest.documents import connection, mutation, query
from plantwright.rest.route import Call, RestRoute, body_as_input, item, path_as, query_as_filter
from plantwright.rest.shapes import FROM_NAME, Body, Moment, PageParameters, Parameters, Payload

ROUTE = (
    "fragment RouteFields on NotificationRoute { id name isActive events severities sites machineIds channelIds "
    "createdAt updatedAt }"
)
DELIVERY = (
    "fragment DeliveryFields on NotificationDelivery { id sequence event status severity alertId machineId subject "
    "text link payload language isTest detail attempts dueAt createdAt finishedAt channel { id name type isPersonal } }"
)
_PAGE, _SKIP = connection(
    "notificationDeliveries",
    "...DeliveryFields",
    DELIVERY,
    variables="$filter: NotificationDeliveryFilter",
    arguments="filter: $filter",
)


def _of_name(value: Any) -> Any:
    return Event[value] if isinstance(value, str) and value in Event.__members__ else value


# The names of events have dots, those of the schema cannot.
NamedEvent = Annotated[Event, BeforeValidator(_of_name)]


class RouteDraft(Payload):
    name: str = Field(description="1 to 100 characters.")
    events: list[Event]
    channel_ids: list[UUID]
    severities: list[Severity] = Field(default=[], description="None: all.")
    sites: list[str] = Field(default=[], description="Locations of machines; none: all.")
    machine_ids: list[UUID] = Field(default=[], description="In addition to those of the sites.")
    is_active: bool = True


class Route(Body):
    id: UUID
    name: str
    is_active: bool
    events: list[NamedEvent]
    severities: list[Annotated[Severity, FROM_NAME]]
    sites: list[str]
    machine_ids: list[UUID]
    channel_ids: list[UUID]
    created_at: datetime
    updated_at: datetime


class Routes(Body):
    routes: list[Route] = Field(serialization_alias="items")


class TemplateDraft(Payload):
    event: Event
    language: Language
    subject: str = Field(description="1 to 200 characters.")
    text: str = Field(description="1 to 4,000 characters.")


class PreviewDraft(Payload):
    event: Event
    language: Language
    subject: str | None = None
    text: str | None = None


class TemplateParameters(Parameters):
    event: Event
    language: Language


class Template(Body):
    event: NamedEvent
    language: Annotated[Language, FROM_NAME]
    subject: str
    text: str
    is_own: bool = Field(description="Whether the tenant wrote it.")


class Templates(Body):
    templates: list[Template] = Field(serialization_alias="items")


class TemplateDeleted(Body):
    is_deleted: bool


class Preview(Body):
    subject: str
    text: str


class DeliveryParameters(PageParameters):
    channel_id: str | None = None
    alert_id: str | None = None
    machine_id: str | None = None
    status: list[DeliveryStatus] = Field(default=[], description="May be repeated.")
    event: list[Event] = Field(default=[], description="May be repeated.")
    start: Moment | None = Field(default=None, description="Made at this time or later.")
    end: Moment | None = Field(default=None, description="Made before this time.")


class DeliveryChannel(Body):
    id: UUID
    name: str
    type: str
    is_personal: bool


class Delivery(Body):
    id: UUID = Field(description="The same over all attempts; webhook-id of webhooks.")
    sequence: int
    event: NamedEvent
    status: Annotated[DeliveryStatus, FROM_NAME]
    severity: Annotated[Severity, FROM_NAME] | None
    alert_id: UUID | None
    machine_id: UUID | None
    subject: str
    text: str
    link: str | None
    payload: dict[str, Any]
    language: Annotated[Language, FROM_NAME]
    is_test: bool
    detail: str = Field(description="Of the last attempt.")
    attempts: int
    due_at: datetime
    created_at: datetime
    finished_at: datetime | None
    channel: DeliveryChannel | None


class Attempt(Body):
    number: int
    started_at: datetime
    is_delivered: bool | None
    status: str
    detail: str
    response: str
    latency_ms: int | None


class DeliveryWithAttempts(Delivery):
    attempt_log: list[Attempt]


def _template_input(call: Call) -> dict[str, Any]:
    return {"input": dict(call.query)}


ROUTES = (
    RestRoute(
        method="GET",
        path="/notification-routes",
        summary="Which events go to which channels, by name.",
        document=query("query { notificationRoutes { ...RouteFields } }", ROUTE),
        answer=Routes,
        result=lambda rows: {"routes": rows},
    ),
    RestRoute(
        method="POST",
        path="/notification-routes",
        summary="Say which events go to which channels. Admins and operators.",
        document=mutation("createNotificationRoute", "route { ...RouteFields }", ROUTE),
        body=RouteDraft,
        answer=Route,
        variables=body_as_input(),
        result=item("route"),
        status=201,
    ),
    RestRoute(
        method="PUT",
        path="/notification-routes/{route_id}",
        summary="Change a route. Admins and operators.",
        document=mutation("updateNotificationRoute", "route { ...RouteFields }", ROUTE),
        body=RouteDraft,
        answer=Route,
        variables=body_as_input(id="route_id"),
        result=item("route"),
    ),
    RestRoute(
        method="DELETE",
        path="/notification-routes/{route_id}",
        summary="Remove a route. Admins and operators.",
        document=mutation("deleteNotificationRoute", "id"),
        answer=None,
        variables=body_as_input(id="route_id"),
        status=204,
    ),
    RestRoute(
        method="GET",
        path="/notification-templates",
        summary="The words for every event and language.",
        document=query("query { notificationTemplates { event language subject text isOwn } }"),
        answer=Templates,
        result=lambda rows: {"templates": rows},
    ),
    RestRoute(
        method="PUT",
        path="/notification-templates",
        summary="Use words of one's own for an event in a language. Admins and operators.",
        document=mutation("saveNotificationTemplate", "template { event language subject text isOwn }"),
        body=TemplateDraft,
        answer=Template,
        variables=body_as_input(),
        result=item("template"),
    ),
    RestRoute(
        method="DELETE",
        path="/notification-templates",
        summary="Use the built-in words again. Admins and operators.",
        document=mutation("deleteNotificationTemplate", "isDeleted"),
        query=TemplateParameters,
        answer=TemplateDeleted,
        variables=_template_input,
    ),
    RestRoute(
        method="POST",
        path="/notification-templates/preview",
        summary="How a message would read; nothing is saved or sent. Admins and operators.",
        document=mutation("previewNotificationTemplate", "preview { subject text }"),
        body=PreviewDraft,
        answer=Preview,
        variables=body_as_input(),
        result=item("preview"),
    ),
    RestRoute(
        method="GET",
        path="/notification-deliveries",
        summary="What was told, or is to be, newest first.",
        document=_PAGE,
        skip_document=_SKIP,
        query=DeliveryParameters,
        answer=Delivery,
        variables=query_as_filter,
    ),
    RestRoute(
        method="GET",
        path="/notification-deliveries/{delivery_id}",
        summary="One delivery with every attempt.",
        document=query(
            "query Delivery($id: ID!) { notificationDelivery(id: $id) { ...DeliveryFields attemptLog "
            "{ number startedAt isDelivered status detail response latencyMs } } }",
            DELIVERY,
        ),
        answer=DeliveryWithAttempts,
        variables=path_as(id="delivery_id"),
        not_found=DELIVERY_NOT_FOUND,
    ),
    RestRoute(
        method="POST",
        path="/notification-deliveries/{delivery_id}/resend",
        summary="Try a message that was given up again, under the same id. Admins and operators.",
        document=mutation("resendNotificationDelivery", "delivery { ...DeliveryFields }", DELIVERY),
        answer=Delivery,
        variables=body_as_input(id="delivery_id"),
        result=item("delivery"),
    ),
)
