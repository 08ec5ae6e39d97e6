"""What people do with alerts, other than to acknowledge a single one."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import Field

from plantwright.alerts.models import AlertOutcome
from plantwright.alerts.service import ALERT_NOT_FOUND, MOST_AT_ONCE
from plantwright.alerts.suppression.models import ShelfKind
from plantwright.rest.documents import mutation, query
from plantwright.rest.route import Call, RestRoute, body_as_input, item, path_as
from plantwright.rest.shapes import Body, Moment, Payload

_COMMENTS = "comments { id isSystem body at author { id fullName } }"


class BulkAcknowledgement(Payload):
    alert_ids: list[str] = Field(max_length=MOST_AT_ONCE, description="Of one site.")
    note: str | None = Field(default=None, description="Up to 2,000 characters.")
    outcome: AlertOutcome | None = Field(default=None, strict=False, description="What it turned out to be, if known.")


class BulkAcknowledged(Body):
    acknowledged_count: int
    already_acknowledged_count: int


class Snooze(Payload):
    """Shelving until a time. A critical alert is not shelved before a second person approves."""

    snooze_until: Moment
    reason: str | None = Field(default=None, description="Up to 2,000 characters.")


class Shelving(Payload):
    """One of `minutes`, `until` and `until_end_of_shift`; none of them for a one-shot shelf."""

    reason: str
    kind: ShelfKind = Field(default=ShelfKind.TIMED, strict=False)
    minutes: float | None = None
    until: Moment | None = None
    until_end_of_shift: bool = False


class Decision(Payload):
    approve: bool


class Nothing(Payload):
    pass


class Judgement(Payload):
    outcome: AlertOutcome | None = Field(strict=False, description="Null takes it back.")


class CommentText(Payload):
    body: str = Field(description="1 to 10,000 characters.")


class Assignment(Payload):
    assignee_id: UUID | None = Field(default=None, strict=False, description="Null gives it to nobody.")


class Author(Body):
    id: UUID
    full_name: str


class Comment(Body):
    id: str
    is_system: bool = Field(description="Whether the journal says it.")
    body: str
    author: Author | None
    created_at: datetime = Field(validation_alias="at")


class Comments(Body):
    items: list[Comment] = Field(validation_alias="comments", description="Oldest first; the newest 200.")


def _snooze(call: Call) -> dict[str, Any]:
    until = call.body["snoozeUntil"]
    reason = call.body.get("reason") or f"Snoozed until {until}"
    return {"input": {"id": call.path["alert_id"], "until": until, "reason": reason}}


def _decide(call: Call) -> dict[str, Any]:
    return {"input": {"id": call.path["shelf_id"], **call.body}}


_COMMENT_ROUTES = (
    RestRoute(
        method="GET",
        path="/alerts/{alert_id}/comments",
        summary="What people wrote, and what the journal says.",
        document=query(f"query AlertComments($id: ID!) {{ alert(id: $id) {{ {_COMMENTS} }} }}"),
        answer=Comments,
        variables=path_as(id="alert_id"),
        not_found=ALERT_NOT_FOUND,
    ),
    RestRoute(
        method="POST",
        path="/alerts/{alert_id}/comments",
        summary="Write something on an alert. Everyone may.",
        document=mutation("alertComment", f"alert {{ {_COMMENTS} }}"),
        body=CommentText,
        answer=Comments,
        variables=body_as_input(id="alert_id"),
        result=item("alert"),
        status=201,
    ),
)


def handling_routes(fragment: str, alert: type[Body]) -> tuple[RestRoute, ...]:
    """Routes that answer with the alert, given how it is asked for and shown."""

    def of_alert(name: str, summary: str, field: str, body: type[Payload], **options: Any) -> RestRoute:
        return RestRoute(
            method="POST",
            path=f"/alerts/{{alert_id}}/{name}",
            summary=summary,
            document=mutation(field, "alert { ...AlertFields }", fragment),
            body=body,
            answer=alert,
            result=item("alert"),
            **{"variables": body_as_input(id="alert_id"), **options},
        )

    return (
        RestRoute(
            method="POST",
            path="/alerts/bulk/acknowledge",
            summary="Take note of the alerts that you have before you. Everyone may.",
            document=mutation("alertsAcknowledge", "acknowledgedCount alreadyAcknowledgedCount"),
            body=BulkAcknowledgement,
            answer=BulkAcknowledged,
            variables=body_as_input(),
        ),
        RestRoute(
            method="POST",
            path="/alerts/shelving/{shelf_id}/decide",
            summary="Approve or refuse what somebody else wants to shelve. Admins and operators.",
            document=mutation("alertShelvingDecide", "alert { ...AlertFields }", fragment),
            body=Decision,
            answer=alert,
            variables=_decide,
            result=item("alert"),
        ),
        of_alert("snooze", "Shelve an alert until a time.", "alertShelve", Snooze, variables=_snooze),
        of_alert("shelve", "Put an alert aside for a time. Admins and operators.", "alertShelve", Shelving),
        of_alert("unshelve", "Take an alert off its shelf. Admins and operators.", "alertUnshelve", Nothing),
        of_alert("open", "You look at the alert. Kept is when that is first done, not by whom.", "alertOpen", Nothing),
        of_alert("judge", "Say what an alert turned out to be. Everyone may.", "alertJudge", Judgement),
        of_alert("assign", "Give an alert to a person. Admins and operators.", "alertAssign", Assignment),
        *_COMMENT_ROUTES,
    )
