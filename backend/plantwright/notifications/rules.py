"""Routes and templates: who is told of what, and in which words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from plantwright.alerts.models import Severity
from plantwright.assets import repository as assets
from plantwright.core.clock import utc_now
from plantwright.core.database import UnitOfWork
from plantwright.core.errors import Conflict, NotFound, ValidationFailed
from plantwright.core.text import bounded_text
from plantwright.journal.service import Journal
from plantwright.notifications import facts, repository
from plantwright.notifications.events import ADDRESSED, Event
from plantwright.notifications.facts import route_fact, template_fact
from plantwright.notifications.models import Language, NotificationRoute, NotificationTemplate
from plantwright.notifications.service import CHANNEL_NOT_FOUND
from plantwright.notifications.templates import Words, checked_words

LONGEST_NAME: Final = 100
MAX_ROUTES: Final = 100
MOST_NAMED: Final = 500
LONGEST_SITE: Final = 200
MACHINE_NOT_FOUND: Final = "Machine not found."
ROUTE_NOT_FOUND: Final = "Notification route not found."
TEMPLATE_NOT_FOUND: Final = "There are no own words for this event and language."


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteDraft:
    """A route before it is checked; empty lists of severities, sites and machines do not narrow."""

    name: str
    events: Sequence[Event]
    channel_ids: Sequence[UUID]
    severities: Sequence[Severity] = ()
    sites: Sequence[str] = ()
    machine_ids: Sequence[UUID] = ()
    is_active: bool = True


async def create_route(work: UnitOfWork, journal: Journal, actor_id: UUID, draft: RouteDraft) -> NotificationRoute:
    """
    Raises:
        ValidationFailed: nothing is named, too much, or an event that is not routed.
        NotFound: a channel or machine is not there.
        Conflict: the name is taken.
    """
    await repository.lock_list(work)
    if len(await repository.routes(work)) >= MAX_ROUTES:
        raise ValidationFailed(f"There are {MAX_ROUTES} routes already, the most there may be.", ["name"])
    route = NotificationRoute(tenant_id=work.tenant_id, name="", events=[], channel_ids=[])
    await _put(work, route, draft)
    await journal.append(work, route_fact(facts.ROUTE_CREATED, route, actor_id))
    return route


async def update_route(
    work: UnitOfWork, journal: Journal, actor_id: UUID, route_id: UUID, draft: RouteDraft
) -> NotificationRoute:
    """The route becomes what the draft says. Raises as `create_route`, and NotFound without such a route."""
    route = await _require_route(work, route_id)
    before = route.model_dump(exclude={"updated_at"})
    await _put(work, route, draft)
    if route.model_dump(exclude={"updated_at"}) != before:
        await journal.append(work, route_fact(facts.ROUTE_UPDATED, route, actor_id))
    return route


async def delete_route(work: UnitOfWork, journal: Journal, actor_id: UUID, route_id: UUID) -> NotificationRoute:
    """
    Raises:
        NotFound: no such route in this tenant.
    """
    route = await _require_route(work, route_id)
    await work.session.delete(route)
    await journal.append(work, route_fact(facts.ROUTE_DELETED, route, actor_id))
    return route


async def save_template(
    work: UnitOfWork, journal: Journal, actor_id: UUID, key: tuple[Event, Language], words: Words
) -> NotificationTemplate:
    """
    Raises:
        ValidationFailed: too long, or no template that may be used; says where and why.
    """
    event, language = key
    checked = checked_words(words.subject, words.text)
    template = NotificationTemplate(
        tenant_id=work.tenant_id,
        event=event.value,
        language=language.value,
        subject=checked.subject,
        text=checked.text,
        updated_at=utc_now(),
    )
    await repository.put_template(work, template)
    await journal.append(work, template_fact(facts.TEMPLATE_SAVED, template.event, template.language, actor_id))
    return template


async def delete_template(work: UnitOfWork, journal: Journal, actor_id: UUID, event: Event, language: Language) -> None:
    """
    Raises:
        NotFound: there are no own words.
    """
    if not await repository.remove_template(work, event.value, language.value):
        raise NotFound(TEMPLATE_NOT_FOUND, ["event"])
    await journal.append(work, template_fact(facts.TEMPLATE_DELETED, event.value, language.value, actor_id))


async def _put(work: UnitOfWork, route: NotificationRoute, draft: RouteDraft) -> None:
    for name, value in (await _checked(work, draft)).items():
        setattr(route, name, value)
    route.updated_at = utc_now()
    work.session.add(route)
    try:
        await work.session.flush()
    except IntegrityError as error:
        raise Conflict("A notification route with this name already exists.", ["name"]) from error


async def _checked(work: UnitOfWork, draft: RouteDraft) -> dict[str, Any]:
    addressed = [event for event in draft.events if event in ADDRESSED]
    if addressed:
        raise ValidationFailed(f"{addressed[0].value} says itself whom it is for; no route leads it.", ["events"])
    if not draft.events:
        raise ValidationFailed("Name at least one event.", ["events"])
    if not draft.channel_ids:
        raise ValidationFailed("Name at least one channel.", ["channelIds"])
    for field, named in (("channelIds", draft.channel_ids), ("machineIds", draft.machine_ids), ("sites", draft.sites)):
        if len(named) > MOST_NAMED:
            raise ValidationFailed(f"{field} has at most {MOST_NAMED}.", [field])
    channels = {row.id for row in await repository.get_channels(work, draft.channel_ids) if row.user_id is None}
    if not set(draft.channel_ids) <= channels:
        raise NotFound(CHANNEL_NOT_FOUND, ["channelIds"])
    machines = {row.id for row in await assets.get_machines(work, list(draft.machine_ids))}
    if not set(draft.machine_ids) <= machines:
        raise NotFound(MACHINE_NOT_FOUND, ["machineIds"])
    return {
        "name": bounded_text(draft.name, "name", shortest=1, longest=LONGEST_NAME),
        "is_active": draft.is_active,
        "events": sorted({event.value for event in draft.events}),
        "severities": sorted({severity.value for severity in draft.severities}),
        "sites": sorted({bounded_text(site, "sites", shortest=1, longest=LONGEST_SITE) for site in draft.sites}),
        "machine_ids": sorted(set(draft.machine_ids)),
        "channel_ids": sorted(set(draft.channel_ids)),
    }


async def _require_route(work: UnitOfWork, route_id: UUID) -> NotificationRoute:
    route = await repository.get_route(work, route_id, lock=True)
    if route is None:
        raise NotFound(ROUTE_NOT_FOUND, ["id"])
    return route
