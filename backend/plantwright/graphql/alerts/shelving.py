"""Putting alerts aside, and taking them back."""

from datetime import datetime, timedelta
from typing import Annotated

import strawberry

from plantwright.alerts.service import ALERT_NOT_FOUND
from plantwright.alerts.settings import end_of_shift, read_settings
from plantwright.alerts.suppression import shelving
from plantwright.alerts.suppression.models import ShelfKind
from plantwright.alerts.suppression.shelving import SHELF_NOT_FOUND, ShelfWish
from plantwright.core import errors
from plantwright.core.clock import utc_now
from plantwright.core.database import UnitOfWork
from plantwright.graphql.alerts.types import Alert
from plantwright.graphql.context import Info, require_id
from plantwright.graphql.errors import Conflict, NotFound, PermissionDenied, ValidationFailed, returns_errors
from plantwright.identity.models import Role

LONGEST_MINUTES = 100_000.0


@strawberry.input(description="One of `minutes`, `until` and `untilEndOfShift`; none for a one-shot shelf.")
class AlertShelveInput:
    id: strawberry.ID
    reason: str = strawberry.field(description="1 to 2,000 characters.")
    kind: ShelfKind = ShelfKind.TIMED
    minutes: float | None = None
    until: datetime | None = None
    until_end_of_shift: bool = False

    async def wish(self, work: UnitOfWork) -> ShelfWish:
        given = [self.minutes is not None, self.until is not None, self.until_end_of_shift]
        if sum(given) > 1:
            raise errors.ValidationFailed("Say for how long in one way only.", ["minutes"])
        return ShelfWish(self.kind, await self._duration(work), self.reason)

    async def _duration(self, work: UnitOfWork) -> timedelta | None:
        now = utc_now()
        if self.minutes is not None:
            return timedelta(minutes=min(max(self.minutes, 0.0), LONGEST_MINUTES))
        if self.until is not None:
            return _require_zone(self.until) - now
        return end_of_shift(await read_settings(work), now) - now if self.until_end_of_shift else None


def _require_zone(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise errors.ValidationFailed("A time needs its zone, such as 2026-01-31T08:00:00Z.", ["until"])
    return moment


@strawberry.type(description="A critical alert is not shelved yet: its shelf waits for a second person.")
class AlertShelveSuccess:
    alert: Alert


@strawberry.input
class AlertUnshelveInput:
    id: strawberry.ID


@strawberry.type
class AlertUnshelveSuccess:
    alert: Alert


@strawberry.input
class AlertShelvingDecideInput:
    id: strawberry.ID = strawberry.field(description="Of the shelf.")
    approve: bool


@strawberry.type
class AlertShelvingDecideSuccess:
    alert: Alert


AlertShelveResult = Annotated[
    AlertShelveSuccess | ValidationFailed | NotFound | Conflict | PermissionDenied,
    strawberry.union("AlertShelveResult"),
]
AlertUnshelveResult = Annotated[
    AlertUnshelveSuccess | NotFound | Conflict | PermissionDenied, strawberry.union("AlertUnshelveResult")
]
AlertShelvingDecideResult = Annotated[
    AlertShelvingDecideSuccess | NotFound | Conflict | PermissionDenied, strawberry.union("AlertShelvingDecideResult")
]


@strawberry.type
class ShelvingMutation:
    @strawberry.mutation(description="Put an alert aside for a time. Admins and operators.")
    @returns_errors(ValidationFailed, NotFound, Conflict, PermissionDenied)
    async def alert_shelve(self, info: Info, input: AlertShelveInput) -> AlertShelveResult:  # noqa: A002
        principal = info.context.require(Role.ADMIN, Role.OPERATOR)
        alert_id = require_id(input.id, ALERT_NOT_FOUND, "id")
        async with info.context.writing() as work:
            wish = await input.wish(work)
            alert = await shelving.shelve(work, info.context.services.journal, principal.user_id, alert_id, wish)
        return AlertShelveSuccess(alert=Alert.of(alert))

    @strawberry.mutation(description="Take an alert off its shelf. Admins and operators.")
    @returns_errors(NotFound, Conflict, PermissionDenied)
    async def alert_unshelve(self, info: Info, input: AlertUnshelveInput) -> AlertUnshelveResult:  # noqa: A002
        principal = info.context.require(Role.ADMIN, Role.OPERATOR)
        alert_id = require_id(input.id, ALERT_NOT_FOUND, "id")
        async with info.context.writing() as work:
            alert = await shelving.unshelve(work, info.context.services.journal, principal.user_id, alert_id)
        return AlertUnshelveSuccess(alert=Alert.of(alert))

    @strawberry.mutation(description="Approve or refuse what somebody else wants to shelve. Admins and operators.")
    @returns_errors(NotFound, Conflict, PermissionDenied)
    async def alert_shelving_decide(self, info: Info, input: AlertShelvingDecideInput) -> AlertShelvingDecideResult:  # noqa: A002
        principal = info.context.require(Role.ADMIN, Role.OPERATOR)
        shelf_id = require_id(input.id, SHELF_NOT_FOUND, "id")
        async with info.context.writing() as work:
            journal = info.context.services.journal
            alert = await shelving.decide(work, journal, principal.user_id, shelf_id, is_approved=input.approve)
        return AlertShelvingDecideSuccess(alert=Alert.of(alert))
