"""Escalation policies, on-call rotations, and quiet hours."""

from typing import Any

from plantwright.alerts.service import ALERT_NOT_FOUND
from plantwright.escalation.policies import POLICY_NOT_FOUND
from plantwright.escalation.rotations import ROTATION_NOT_FOUND
from plantwright.rest.documents import mutation, query
from plantwright.rest.route import Call, RestRoute, body_as_input, item, path_as
from plantwright.rest.routes.escalation_shapes import (
    Calendar,
    CalendarParameters,
    Override,
    OverrideCreate,
    Policy,
    PolicyChange,
    PolicyCreate,
    QuietSettings,
    QuietWritten,
    Rotation,
    RotationChange,
    RotationCreate,
    RunningOfAlert,
)
from plantwright.rest.shapes import PageParameters

_TARGETS = "targets { kind id name trouble }"
_WINDOWS = "windows { weekdays start end }"
_PERSON = "{ id fullName }"
POLICY = (
    "fragment PolicyFields on EscalationPolicy { id name severity waitMinutes channelId isActive severities "
    f"sites machineIds steps {{ waitMinutes {_TARGETS} }} rounds repeatAfterMinutes stopsOnClear version "
    "createdAt updatedAt }"
)
OVERRIDE = (
    f"fragment OverrideFields on OnCallOverride {{ id rotationId user {_PERSON} startsAt endsAt createdBy {_PERSON} "
    "createdAt }"
)
ROTATION = (
    f"fragment RotationFields on OnCallRotation {{ id name timeZone layers {{ name participants {_PERSON} start "
    f"turnUnit turnCount {_WINDOWS} }} onCall {_PERSON} overrides {{ ...OverrideFields }} version "
    "createdAt updatedAt }"
)
QUIET = (
    f"fragment QuietFields on QuietHours {{ scope channelId timeZone {_WINDOWS} lowUrgency rhythm digestTime "
    "digestWeekday updatedAt }"
)
_SETTINGS = "tenant { ...QuietFields } own { ...QuietFields } channels { ...QuietFields }"
_RUNNING = (
    "policyId policy state reason severity step round startedAt dueAt lastToldAt endedAt "
    f"upcoming {{ step round dueAt {_TARGETS} onCall {_PERSON} }}"
)


def _calendar(call: Call) -> dict[str, Any]:
    return {"id": call.path["rotation_id"], **call.query}


def _of_scope(scope: str) -> Any:
    """The input of a mutation on quiet hours, whose scope is in the path."""

    def variables(call: Call) -> dict[str, Any]:
        channel = {"channelId": call.path["channel_id"]} if "channel_id" in call.path else {}
        return {"input": {**call.body, "scope": scope, **channel}}

    return variables


def _quiet(path: str, scope: str, whose: str) -> tuple[RestRoute, RestRoute]:
    return (
        RestRoute(
            method="PUT",
            path=path,
            summary=f"Set {whose}; what waits already is told when they say so.",
            document=mutation("quietHoursSet", f"settings {{ {_SETTINGS} }}", QUIET),
            body=QuietWritten,
            answer=QuietSettings,
            variables=_of_scope(scope),
            result=item("settings"),
        ),
        RestRoute(
            method="DELETE",
            path=path,
            summary=f"Drop {whose}.",
            document=mutation("quietHoursRemove", f"settings {{ {_SETTINGS} }}", QUIET),
            answer=QuietSettings,
            variables=_of_scope(scope),
            result=item("settings"),
        ),
    )


ROUTES = (
    RestRoute(
        method="GET",
        path="/escalation-policies",
        summary="All policies, by name.",
        document=query("{ escalationPolicies { ...PolicyFields } }", POLICY),
        query=PageParameters,
        answer=Policy,
    ),
    RestRoute(
        method="POST",
        path="/escalation-policies",
        summary="Say who is told when nobody takes care of an alert. Admins only.",
        document=mutation("escalationPolicyCreate", "policy { ...PolicyFields }", POLICY),
        body=PolicyCreate,
        answer=Policy,
        variables=body_as_input(),
        result=item("policy"),
        status=201,
    ),
    RestRoute(
        method="GET",
        path="/escalation-policies/{policy_id}",
        summary="One policy.",
        document=query("query EscalationPolicy($id: ID!) { escalationPolicy(id: $id) { ...PolicyFields } }", POLICY),
        answer=Policy,
        variables=path_as(id="policy_id"),
        not_found=POLICY_NOT_FOUND,
    ),
    RestRoute(
        method="PUT",
        path="/escalation-policies/{policy_id}",
        summary="Change a policy; fields left out stay, and what runs by it keeps its place. Admins only.",
        document=mutation("escalationPolicyUpdate", "policy { ...PolicyFields }", POLICY),
        body=PolicyChange,
        answer=Policy,
        variables=body_as_input(id="policy_id"),
        result=item("policy"),
    ),
    RestRoute(
        method="DELETE",
        path="/escalation-policies/{policy_id}",
        summary="Delete a policy; what runs by it ends. Admins only.",
        document=mutation("escalationPolicyDelete", "id"),
        answer=None,
        variables=body_as_input(id="policy_id"),
        status=204,
    ),
    RestRoute(
        method="GET",
        path="/alerts/{alert_id}/escalations",
        summary="What became of an alert, and who will be told next and when.",
        document=f"query Escalations($alertId: ID!) {{ escalations(alertId: $alertId) {{ {_RUNNING} }} }}",
        answer=RunningOfAlert,
        variables=path_as(alertId="alert_id"),
        result=lambda found: {"items": found},
        not_found=ALERT_NOT_FOUND,
    ),
    RestRoute(
        method="GET",
        path="/on-call/rotations",
        summary="All rotations, by name, with who is on call now.",
        document=query("{ onCallRotations { ...RotationFields } }", ROTATION, OVERRIDE),
        query=PageParameters,
        answer=Rotation,
    ),
    RestRoute(
        method="POST",
        path="/on-call/rotations",
        summary="Say who is on call when. Admins only.",
        document=mutation("onCallRotationCreate", "rotation { ...RotationFields }", ROTATION, OVERRIDE),
        body=RotationCreate,
        answer=Rotation,
        variables=body_as_input(),
        result=item("rotation"),
        status=201,
    ),
    RestRoute(
        method="GET",
        path="/on-call/rotations/{rotation_id}",
        summary="One rotation.",
        document=query(
            "query OnCallRotation($id: ID!) { onCallRotation(id: $id) { ...RotationFields } }", ROTATION, OVERRIDE
        ),
        answer=Rotation,
        variables=path_as(id="rotation_id"),
        not_found=ROTATION_NOT_FOUND,
    ),
    RestRoute(
        method="GET",
        path="/on-call/rotations/{rotation_id}/calendar",
        summary="Who is on call from a time to a time, without gaps.",
        document=(
            "query OnCallCalendar($id: ID!, $from: DateTime!, $to: DateTime!) { onCallRotation(id: $id) { "
            f"calendar(from: $from, to: $to) {{ start end user {_PERSON} layer overrideId }} }} }}"
        ),
        query=CalendarParameters,
        answer=Calendar,
        variables=_calendar,
        not_found=ROTATION_NOT_FOUND,
    ),
    RestRoute(
        method="PUT",
        path="/on-call/rotations/{rotation_id}",
        summary="Change a rotation; fields left out stay, and so do its overrides. Admins only.",
        document=mutation("onCallRotationUpdate", "rotation { ...RotationFields }", ROTATION, OVERRIDE),
        body=RotationChange,
        answer=Rotation,
        variables=body_as_input(id="rotation_id"),
        result=item("rotation"),
    ),
    RestRoute(
        method="DELETE",
        path="/on-call/rotations/{rotation_id}",
        summary="Delete a rotation that no policy tells. Admins only.",
        document=mutation("onCallRotationDelete", "id"),
        answer=None,
        variables=body_as_input(id="rotation_id"),
        status=204,
    ),
    RestRoute(
        method="POST",
        path="/on-call/rotations/{rotation_id}/overrides",
        summary="Put somebody on call for a time. Everyone for themself, operators for others.",
        document=mutation("onCallOverrideCreate", "override { ...OverrideFields }", OVERRIDE),
        body=OverrideCreate,
        answer=Override,
        variables=body_as_input(rotationId="rotation_id"),
        result=item("override"),
        status=201,
    ),
    RestRoute(
        method="DELETE",
        path="/on-call/overrides/{override_id}",
        summary="Take an override away. Everyone their own, operators those of others.",
        document=mutation("onCallOverrideDelete", "id"),
        answer=None,
        variables=body_as_input(id="override_id"),
        status=204,
    ),
    RestRoute(
        method="GET",
        path="/quiet-hours",
        summary="Quiet hours of the tenant, of its channels, and of the person who asks.",
        document=query(f"{{ quietHours {{ {_SETTINGS} }} }}", QUIET),
        answer=QuietSettings,
    ),
    *_quiet("/quiet-hours/mine", "USER", "the quiet hours of the person who asks"),
    *_quiet("/quiet-hours/tenant", "TENANT", "the quiet hours of the tenant. Admins only"),
    *_quiet(
        "/notification-channels/{channel_id}/quiet-hours",
        "CHANNEL",
        "the quiet hours of a channel. Admins and operators",
    ),
)
