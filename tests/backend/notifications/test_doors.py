"""Channels, routes, templates and the delivery log through GraphQL and REST."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import orjson
import pytest
from plantwright.app import create_app
from plantwright.core.settings import Settings
from plantwright.graphql.context import Services
from plantwright.identity.models import Role
from plantwright.notifications.channels.push_encryption import from_base64url
from plantwright.notifications.door import NotificationDoor
from plantwright.notifications.models import Language
from starlette.applications import Starlette

from tests.agent.tls import HOST
from tests.backend.notifications.channels.browser import Browser
from tests.backend.notifications.channels.http_receiver import HttpReceiver
from tests.backend.notifications.channels.receiving import House
from tests.backend.notifications.conftest import PUBLIC_URL, Desk, tools_of
from tests.factories import MadeTenant
from tests.graphql_client import GraphQLClient


@pytest.fixture
async def api(settings: Settings, house: House) -> AsyncIterator[Starlette]:
    """Its way out leads to the receivers of this process, as PLANTWRIGHT_OUTBOUND_NETWORKS would."""
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        services: Services = app.state.services
        tools = tools_of(settings, services.journal, house.outbound())
        door = NotificationDoor(services.database, services.queue, tools, PUBLIC_URL)
        object.__setattr__(services, "notifications", door)
        yield app


class Api:
    """REST as a person of one tenant uses it."""

    def __init__(self, client: httpx.AsyncClient, graphql: GraphQLClient, tenant: MadeTenant) -> None:
        self._client = client
        self._graphql = graphql
        self._tenant = tenant

    async def __call__(
        self, method: str, path: str, body: Any = None, *, role: Role = Role.OPERATOR, expect: int = 200, **query: Any
    ) -> Any:
        headers = {"Authorization": f"Bearer {await self._graphql.login(self._tenant, role)}"}
        answer = await self._client.request(method, f"/api/v1{path}", json=body, headers=headers, params=query)
        assert answer.status_code == expect, answer.text
        return answer.json() if answer.content else None


@pytest.fixture
def rest(client: httpx.AsyncClient, graphql: GraphQLClient, tenant: MadeTenant) -> Api:
    return Api(client, graphql, tenant)


def webhook(receiver: HttpReceiver, **config: Any) -> dict[str, Any]:
    return {
        "name": "Line 2",
        "type": "webhook",
        "config": {"url": f"https://{HOST}:{receiver.port}/hook", **config},
    }


async def test_a_channel_is_made_shown_changed_tested_and_deleted(rest: Api, receiver: HttpReceiver) -> None:
    entered = webhook(receiver, headers={"X-Webhook-Secret": "hunter2"})
    made = await rest("POST", "/notification-channels", entered, expect=201)
    channel = made["channel"]
    assert made["signing_secret"].startswith("whsec_")
    assert channel["config"] == {"url": entered["config"]["url"]}
    assert channel["has_secrets"]
    path = f"/notification-channels/{channel['id']}"
    shown = await rest("GET", path, role=Role.VIEWER)
    assert "hunter2" not in orjson.dumps(shown).decode()
    assert (await rest("GET", "/notification-channels", role=Role.VIEWER))["total"] == 1
    tested = await rest("POST", f"{path}/test")
    assert tested["success"] is True
    assert receiver.requests[0].headers["x-webhook-secret"] == "hunter2"
    assert receiver.requests[0].headers["webhook-signature"].startswith("v1,")
    assert orjson.loads(receiver.requests[0].body)["event"] == "notification.test"
    changed = await rest("PUT", path, {"name": "Hall 2", "is_active": False, "language": "de"})
    assert (changed["name"], changed["is_active"], changed["language"]) == ("Hall 2", False, "de")
    await rest("DELETE", path, expect=204)
    await rest("GET", path, expect=404)


async def test_a_test_says_why_it_failed(rest: Api, receiver: HttpReceiver) -> None:
    made = await rest("POST", "/notification-channels", webhook(receiver), expect=201)
    receiver.status = 503
    tested = await rest("POST", f"/notification-channels/{made['channel']['id']}/test")
    assert (tested["success"], tested["status"]) == (False, "503")
    assert tested["detail"] == "The receiver answered 503 (Service Unavailable)."
    log = await rest("GET", f"/notification-deliveries/{tested['delivery_id']}", role=Role.VIEWER)
    assert (log["is_test"], log["status"], log["attempt_log"][0]["status"]) == (True, "dead", "503")


async def test_viewers_see_channels_and_change_none(rest: Api, receiver: HttpReceiver) -> None:
    await rest("POST", "/notification-channels", webhook(receiver), role=Role.VIEWER, expect=403)
    made = await rest("POST", "/notification-channels", webhook(receiver), role=Role.ADMIN, expect=201)
    path = f"/notification-channels/{made['channel']['id']}"
    for method, below, body in (("PUT", "", {"name": "x"}), ("DELETE", "", None), ("POST", "/test", None)):
        await rest(method, path + below, body, role=Role.VIEWER, expect=403)
    assert receiver.requests == []


@pytest.mark.parametrize(
    ("channel_type", "config", "part"),
    [
        ("webhook", {}, "missing required field `url`"),
        ("webhook", {"url": "https://example.com", "secret": "x"}, "unknown field `secret`"),
        ("webhook", {"url": 7}, "Expected `str`"),
        ("webhook", {"url": "http://93.184.216.34/"}, "https"),
        ("webhook", {"url": "ftp://example.com/"}, "https URL"),
        ("webhook", {"url": "https://169.254.169.254/latest/meta-data"}, "does not send to"),
        ("webhook", {"url": "https://10.0.0.7/"}, "does not send to"),
        ("webhook", {"url": "https://[::ffff:10.0.0.7]/"}, "does not send to"),
        ("webhook", {"url": "https://93.184.216.34:6379/"}, "port 6379"),
        ("webhook", {"url": "https://93.184.216.34:9999/"}, "port 9999"),
        ("webhook", {"url": "https://user:pw@example.com/"}, "header"),
        ("webhook", {"url": "https://93.184.216.34/", "headers": {"Host": "evil"}}, "Host"),
        ("webhook", {"url": "https://93.184.216.34/", "headers": {"X-A": "a\r\nX-B: b"}}, "X-A"),
        ("webhook", {"url": "https://93.184.216.34/", "signing_secrets": []}, "made by the server"),
        ("slack", {"webhook_url": "slack"}, "https URL"),
        ("pagerduty", {"routing_key": "a b"}, "integration key"),
        ("telegram", {"bot_token": "x/../y", "chat_id": "1"}, "bot_token"),
        ("carrier_pigeon", {}, "type must be one of"),
    ],
)
async def test_what_is_wrong_is_refused_with_the_reason(
    rest: Api, channel_type: str, config: dict[str, Any], part: str
) -> None:
    body = {"name": "x", "type": channel_type, "config": config}
    answer = await rest("POST", "/notification-channels", body, expect=422)
    assert part in orjson.dumps(answer).decode(), answer


async def test_a_secret_does_not_go_where_it_was_not_given_for(rest: Api, receiver: HttpReceiver) -> None:
    entered = webhook(receiver, headers={"X-Webhook-Secret": "hunter2"})
    made = await rest("POST", "/notification-channels", entered, expect=201)
    path = f"/notification-channels/{made['channel']['id']}"
    elsewhere = {"config": {"url": f"https://{HOST}:{receiver.port}/other"}}
    refused = await rest("PUT", path, elsewhere, expect=422)
    assert "Enter headers again" in orjson.dumps(refused).decode()
    await rest("PUT", path, {"config": {"url": entered["config"]["url"]}, "name": "same place"})
    await rest("POST", f"{path}/test")
    assert receiver.requests[-1].headers["x-webhook-secret"] == "hunter2"
    await rest("PUT", path, {"config": {**elsewhere["config"], "headers": {}}})
    await rest("POST", f"{path}/test")
    assert "x-webhook-secret" not in receiver.requests[-1].headers
    assert receiver.requests[-1].headers["webhook-signature"].startswith("v1,")


async def test_after_a_rotation_both_secrets_sign_for_a_day(rest: Api, receiver: HttpReceiver) -> None:
    made = await rest("POST", "/notification-channels", webhook(receiver), expect=201)
    path = f"/notification-channels/{made['channel']['id']}"
    rotated = await rest("POST", f"{path}/rotate-secret")
    assert rotated["signing_secret"] != made["signing_secret"]
    await rest("POST", f"{path}/test")
    assert len(receiver.requests[0].headers["webhook-signature"].split(" ")) == 2


async def test_names_are_taken_once(rest: Api, receiver: HttpReceiver) -> None:
    await rest("POST", "/notification-channels", webhook(receiver), expect=201)
    await rest("POST", "/notification-channels", webhook(receiver), expect=409)


async def test_a_dead_letter_is_sent_again_under_the_same_id(rest: Api, desk: Desk, receiver: HttpReceiver) -> None:
    await desk.webhook(receiver)
    receiver.status = 400
    await desk.tell()
    desk.clock.advance(seconds=1)
    await desk.send()
    [dead] = (await rest("GET", "/notification-deliveries", status="dead"))["items"]
    receiver.status = 200
    again = await rest("POST", f"/notification-deliveries/{dead['id']}/resend")
    assert again["status"] == "pending"
    desk.clock.now = (await desk.deliveries())[0].due_at
    assert await desk.send() == 1
    [shown] = (await rest("GET", "/notification-deliveries", alert_id=dead["alert_id"]))["items"]
    assert (shown["status"], shown["attempts"], shown["id"]) == ("delivered", 2, dead["id"])
    assert {request.headers["webhook-id"] for request in receiver.requests} == {dead["id"]}
    await rest("POST", f"/notification-deliveries/{dead['id']}/resend", expect=409)


async def test_everything_of_a_channel_that_was_not_delivered_is_sent_again(
    rest: Api, desk: Desk, receiver: HttpReceiver, other_receiver: HttpReceiver
) -> None:
    channel, other = await desk.webhook(receiver, rate_per_minute=600), await desk.webhook(other_receiver)
    receiver.status = other_receiver.status = 400
    for _ in range(3):
        await desk.tell()
    desk.clock.advance(seconds=1)
    await desk.send()
    await rest("POST", f"/notification-channels/{channel.id}/test")
    shown = await rest("GET", f"/notification-channels/{channel.id}")
    assert shown["undelivered"] == 3, "a test is no message"
    await rest("PUT", f"/notification-channels/{channel.id}", {"is_active": False})
    await rest("POST", f"/notification-channels/{channel.id}/resend", expect=409)
    await rest("PUT", f"/notification-channels/{channel.id}", {"is_active": True})
    await rest("POST", f"/notification-channels/{channel.id}/resend", role=Role.VIEWER, expect=403)
    receiver.status = 200
    before = [request.headers["webhook-id"] for request in receiver.requests[:3]]
    assert await rest("POST", f"/notification-channels/{channel.id}/resend") == {"resent": 3}
    desk.clock.advance(minutes=1)
    assert await desk.send() == 3
    assert [request.headers["webhook-id"] for request in receiver.requests[-3:]] == before
    assert (await rest("GET", f"/notification-channels/{channel.id}"))["undelivered"] == 0
    assert (await rest("GET", f"/notification-channels/{other.id}"))["undelivered"] == 3
    assert await rest("POST", f"/notification-channels/{channel.id}/resend") == {"resent": 0}


async def test_a_test_that_arrives_ends_the_pause_after_failures(rest: Api, desk: Desk, receiver: HttpReceiver) -> None:
    receiver.status = 500
    channel = await desk.webhook(receiver)
    for _ in range(5):
        await desk.tell()
    desk.clock.advance(seconds=1)
    await desk.send()
    path = f"/notification-channels/{channel.id}"
    await rest("POST", f"{path}/test")
    before = (await rest("GET", path))["status"]
    assert (before["failures"], before["last_success_at"]) == (5, None)
    assert before["paused_until"] is not None
    receiver.status = 204
    await rest("POST", f"{path}/test")
    after = (await rest("GET", path))["status"]
    assert (after["failures"], after["failing_since"], after["paused_until"]) == (0, None, None)
    assert after["last_success_at"] is not None
    desk.clock.advance(seconds=10)
    assert await desk.send() == 5


async def test_people_choose_the_language_in_which_they_are_told(rest: Api, desk: Desk) -> None:
    assert await rest("GET", "/notification-language", role=Role.VIEWER) == {"language": "en"}
    chosen = await rest("PUT", "/notification-language", {"language": "de"}, role=Role.VIEWER)
    assert chosen == await rest("GET", "/notification-language", role=Role.VIEWER) == {"language": "de"}
    assert await rest("GET", "/notification-language") == {"language": "en"}, "of another"
    people = [desk.tenant.viewer_id, desk.tenant.operator_id]
    await desk.tell("alert.escalated", user_ids=people, policy="Night", step=2, late_seconds=180)
    assert {one.subject.split(":")[0] for one in await desk.deliveries()} == {"Eskaliert", "Escalated"}
    [german] = [one for one in await desk.deliveries() if one.language == "de"]
    assert german.text.endswith("3 Minuten verspätet.")


async def test_a_test_takes_the_words_and_the_language_of_the_channel(
    rest: Api, desk: Desk, receiver: HttpReceiver
) -> None:
    channel = await desk.webhook(receiver, language=Language.FR)
    await rest("POST", f"/notification-channels/{channel.id}/test")
    words = {"event": "notification.test", "language": "fr", "subject": "Essai", "text": "Essai de {{ channel }}"}
    await rest("PUT", "/notification-templates", words)
    await rest("POST", f"/notification-channels/{channel.id}/test")
    built_in, own = await desk.deliveries()
    assert built_in.text == "Ce canal fonctionne. Aucune machine n'a de problème."
    assert (own.subject, own.text) == ("Essai", f"Essai de {channel.name}")


async def test_routes_are_made_changed_and_deleted(rest: Api, desk: Desk, receiver: HttpReceiver) -> None:
    channel = await desk.webhook(receiver)
    body = {
        "name": "Night",
        "events": ["alert.raised", "alert.cleared"],
        "severities": ["critical"],
        "sites": ["Hall 2"],
        "machine_ids": [str(desk.machine.id)],
        "channel_ids": [str(channel.id)],
    }
    made = await rest("POST", "/notification-routes", body, expect=201)
    assert {name: made[name] for name in body} == {**body, "events": ["alert.cleared", "alert.raised"]}
    changed = await rest("PUT", f"/notification-routes/{made['id']}", {**body, "is_active": False})
    assert not changed["is_active"]
    assert len((await rest("GET", "/notification-routes", role=Role.VIEWER))["items"]) == 1
    refused: list[dict[str, list[str]]] = [{"events": []}, {"events": ["alert.escalated"]}, {"channel_ids": []}]
    for wrong in refused:
        await rest("POST", "/notification-routes", {**body, "name": "x", **wrong}, expect=422)
    await rest("POST", "/notification-routes", {**body, "name": "x", "machine_ids": [str(channel.id)]}, expect=404)
    await rest("DELETE", f"/notification-routes/{made['id']}", expect=204)
    await rest("DELETE", f"/notification-routes/{made['id']}", expect=404)


async def test_a_deleted_channel_is_in_no_route(rest: Api, desk: Desk, receiver: HttpReceiver) -> None:
    gone, stays = await desk.webhook(receiver), await desk.webhook(receiver)
    body = {"name": "All", "events": ["alert.raised"], "channel_ids": [str(gone.id), str(stays.id)]}
    await rest("POST", "/notification-routes", body, expect=201)
    await rest("DELETE", f"/notification-channels/{gone.id}", expect=204)
    [route] = (await rest("GET", "/notification-routes"))["items"]
    assert route["channel_ids"] == [str(stays.id)]


async def test_templates_are_previewed_saved_and_given_up(rest: Api) -> None:
    words = {"event": "alert.raised", "language": "de", "subject": "{{ severity|upper }}", "text": "{{ value }}"}
    assert await rest("POST", "/notification-templates/preview", words) == {"subject": "KRITISCH", "text": "9.21 mm/s"}
    saved = await rest("PUT", "/notification-templates", words)
    assert saved["is_own"]
    of_all = (await rest("GET", "/notification-templates", role=Role.VIEWER))["items"]
    assert [one["subject"] for one in of_all if one["is_own"]] == ["{{ severity|upper }}"]
    assert len(of_all) == 44
    await rest("DELETE", "/notification-templates", event="alert.raised", language="de")
    await rest("DELETE", "/notification-templates", expect=404, event="alert.raised", language="de")
    refused = await rest("PUT", "/notification-templates", {**words, "text": "{% for x in message %}"}, expect=422)
    assert "text, line 1" in orjson.dumps(refused).decode()


async def test_types_tell_what_they_need(rest: Api) -> None:
    types = {one["type"]: one["fields"] for one in (await rest("GET", "/notification-channel-types"))["items"]}
    assert {
        "email",
        "slack",
        "teams",
        "webhook",
        "sms",
        "web_push",
        "pagerduty",
        "opsgenie",
        "telegram",
        "mqtt",
    } <= set(types)
    fields = {field["name"]: field for field in types["webhook"]}
    assert set(fields) == {"url", "headers"}
    assert (fields["url"]["is_required"], fields["headers"]["is_secret"]) == (True, True)


async def test_the_log_is_narrowed_and_paged(rest: Api, desk: Desk, receiver: HttpReceiver) -> None:
    first, second = await desk.webhook(receiver), await desk.webhook(receiver)
    for severity in ("warning", "critical"):
        await desk.tell(severity=severity)
    every = await rest("GET", "/notification-deliveries", role=Role.VIEWER, page_size=3)
    assert (every["total"], len(every["items"]), every["total_pages"]) == (4, 3, 2)
    of_one = await rest("GET", "/notification-deliveries", channel_id=str(first.id))
    assert {one["channel"]["id"] for one in of_one["items"]} == {str(first.id)}
    assert (await rest("GET", "/notification-deliveries", machine_id=str(second.id)))["total"] == 0
    assert (await rest("GET", "/notification-deliveries", event="alert.raised", status="pending"))["total"] == 4
    assert (await rest("GET", "/notification-deliveries", end="2020-01-01T00:00:00Z"))["total"] == 0


async def test_a_browser_is_subscribed_tested_and_removed_by_its_user_alone(rest: Api, receiver: HttpReceiver) -> None:
    receiver.status, browser = 201, Browser()
    subscription = browser.subscription(receiver.port)
    key = await rest("GET", "/push/vapid-public-key", role=Role.VIEWER)
    assert len(from_base64url(key["public_key"])) == 65
    body = {"endpoint": subscription.endpoint, "keys": {"p256dh": subscription.p256dh, "auth": subscription.auth}}
    made = await rest("POST", "/push/subscribe", body, role=Role.VIEWER, expect=201)
    test = f"/push/browsers/{made['id']}/test"
    assert (await rest("POST", test, role=Role.VIEWER))["success"]
    assert browser.shows(receiver.requests[0])["event"] == "notification.test"
    await rest("POST", test, role=Role.ADMIN, expect=404)
    await rest("DELETE", "/push/subscribe", role=Role.ADMIN, expect=404, endpoint=subscription.endpoint)
    assert len((await rest("GET", "/push/browsers", role=Role.VIEWER))["browsers"]) == 1
    assert await rest("DELETE", "/push/subscribe", role=Role.VIEWER) == {"removed": 1}
    assert await rest("GET", "/push/browsers", role=Role.VIEWER) == {"browsers": []}
    await rest("POST", "/push/subscribe", {**body, "keys": {"p256dh": "x", "auth": "y"}}, role=Role.VIEWER, expect=422)
