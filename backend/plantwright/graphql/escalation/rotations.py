"""Rotations as the API shows and takes them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Self
from uuid import UUID

import strawberry

from plantwright.core.clock import utc_now
from plantwright.core.database import UnitOfWork
from plantwright.escalation import models, on_call_repository, rotations
from plantwright.escalation.layers import RotationDraft
from plantwright.escalation.rotation import Layer, Shift, TurnUnit
from plantwright.escalation.rotations import LONGEST_CALENDAR, layers_of
from plantwright.escalation.targets import USER_NOT_FOUND
from plantwright.graphql.context import Info, require_id
from plantwright.graphql.escalation.windows import WeeklyWindow, WeeklyWindowInput, to_moment, to_wall_time, to_windows
from plantwright.graphql.identity.people import load_user
from plantwright.graphql.identity.types import User

FOREVER = datetime.max.replace(tzinfo=UTC)

strawberry.enum(TurnUnit, name="OnCallTurnUnit")

START = "First hand-over, by the clock of the rotation's zone, such as 2026-03-02T08:00; its time is that of all."


@strawberry.type(description="People who take turns; of two layers that have somebody the later one counts.")
class OnCallLayer:
    name: str
    start: str = strawberry.field(description=START)
    turn_unit: TurnUnit
    turn_count: int
    windows: list[WeeklyWindow] = strawberry.field(description="The layer has somebody only in these; none: always.")
    layer: strawberry.Private[Layer]

    @classmethod
    def of(cls, layer: Layer) -> Self:
        return cls(
            name=layer.name,
            start=f"{layer.start:%Y-%m-%dT%H:%M}",
            turn_unit=layer.turn_unit,
            turn_count=layer.turn_count,
            windows=[WeeklyWindow.of(window) for window in layer.windows],
            layer=layer,
        )

    @strawberry.field(description="In the order of their turns.")
    async def participants(self, info: Info) -> list[User]:
        found = [await load_user(info, user_id) for user_id in self.layer.participants]
        return [user for user in found if user is not None]


@strawberry.type(description="A time with the same person, or nobody, for the same reason.")
class OnCallShift:
    start: datetime
    end: datetime
    layer: int | None = strawberry.field(description="Counts from 0; null when an override says who it is, or nobody.")
    override_id: strawberry.ID | None
    user_id: strawberry.Private[UUID | None]

    @classmethod
    def of(cls, shift: Shift) -> Self:
        return cls(
            start=shift.start,
            end=shift.end,
            layer=shift.layer,
            override_id=None if shift.override_id is None else strawberry.ID(str(shift.override_id)),
            user_id=shift.user_id,
        )

    @strawberry.field(description="Null when nobody is on call.")
    async def user(self, info: Info) -> User | None:
        return await load_user(info, self.user_id)


@strawberry.type(description="Somebody who is on call for a time, whoever's turn it is.")
class OnCallOverride:
    id: strawberry.ID
    rotation_id: strawberry.ID
    starts_at: datetime
    ends_at: datetime
    created_at: datetime
    row: strawberry.Private[models.OnCallOverride]

    @classmethod
    def of(cls, row: models.OnCallOverride) -> Self:
        return cls(
            id=strawberry.ID(str(row.id)),
            rotation_id=strawberry.ID(str(row.rotation_id)),
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            created_at=row.created_at,
            row=row,
        )

    @strawberry.field
    async def user(self, info: Info) -> User | None:
        return await load_user(info, self.row.user_id)

    @strawberry.field
    async def created_by(self, info: Info) -> User | None:
        return await load_user(info, self.row.created_by)


@strawberry.type(description="Who is on call when; see docs/escalation.md.")
class OnCallRotation:
    id: strawberry.ID
    name: str
    time_zone: str
    layers: list[OnCallLayer] = strawberry.field(description="Lowest first.")
    version: int = strawberry.field(description="Give it back as `expectedVersion` with a change.")
    created_at: datetime
    updated_at: datetime
    overrides: list[OnCallOverride] = strawberry.field(
        description="Those that have not ended; of two at a time the later one in the list counts."
    )
    row: strawberry.Private[models.OnCallRotation]
    on_call_id: strawberry.Private[UUID | None]

    @classmethod
    async def all_of(cls, work: UnitOfWork, rows: Sequence[models.OnCallRotation]) -> list[Self]:
        now = utc_now()
        on_call = await rotations.on_call_now(work, [row.id for row in rows], now)
        overrides = await on_call_repository.overrides_within(work, [row.id for row in rows], now, FOREVER)
        return [
            cls.of(row, on_call.get(row.id), [one for one in overrides if one.rotation_id == row.id]) for row in rows
        ]

    @classmethod
    def of(
        cls, row: models.OnCallRotation, on_call_id: UUID | None, overrides: Sequence[models.OnCallOverride]
    ) -> Self:
        return cls(
            id=strawberry.ID(str(row.id)),
            name=row.name,
            time_zone=row.time_zone,
            layers=[OnCallLayer.of(layer) for layer in layers_of(row)],
            version=row.version,
            created_at=row.created_at,
            updated_at=row.updated_at,
            overrides=[OnCallOverride.of(override) for override in overrides],
            row=row,
            on_call_id=on_call_id,
        )

    @strawberry.field(description="Who is on call now; null when it is nobody.")
    async def on_call(self, info: Info) -> User | None:
        return await load_user(info, self.on_call_id)

    @strawberry.field(description=f"Without gaps from `from` to `to`, at most {LONGEST_CALENDAR.days} days.")
    async def calendar(
        self, info: Info, from_: Annotated[datetime, strawberry.argument(name="from")], to: datetime
    ) -> list[OnCallShift]:
        start, end = to_moment(from_, "from"), to_moment(to, "to")
        async with info.context.reading() as work:
            found = await rotations.shifts_of(work, [self.row], start, end)
        return [OnCallShift.of(shift) for shift in found[self.row.id]]


@strawberry.input
class OnCallLayerInput:
    name: str = ""
    participant_ids: list[strawberry.ID] = strawberry.field(description="1 to 50, in the order of their turns.")
    start: str = strawberry.field(description=START)
    turn_unit: TurnUnit = TurnUnit.WEEK
    turn_count: int = strawberry.field(
        default=1, description="1, 2, 3, 4, 6, 8 or 12 hours; 1 to 90 days; 1 to 13 weeks."
    )
    windows: list[WeeklyWindowInput] = strawberry.field(default_factory=list)

    def to_domain(self, number: int) -> Layer:
        path = ["layers", str(number)]
        return Layer(
            self.name,
            tuple(require_id(one, USER_NOT_FOUND, "participantIds") for one in self.participant_ids),
            to_wall_time(self.start, [*path, "start"]),
            self.turn_unit,
            self.turn_count,
            to_windows(self.windows, [*path, "windows"]),
        )


@strawberry.input
class OnCallRotationCreateInput:
    name: str = strawberry.field(description="1 to 100 characters; no other rotation has it.")
    time_zone: str = strawberry.field(description="Of the IANA database, such as Europe/Berlin.")
    layers: list[OnCallLayerInput] = strawberry.field(description="1 to 5, lowest first.")

    def to_domain(self) -> RotationDraft:
        layers = tuple(layer.to_domain(number) for number, layer in enumerate(self.layers))
        return RotationDraft(name=self.name, time_zone=self.time_zone, layers=layers)


@strawberry.input(description="Fields left out stay.")
class OnCallRotationUpdateInput:
    id: strawberry.ID
    expected_version: int | None = strawberry.field(
        default=None, description="`version` as you saw it; given, another one is a conflict."
    )
    name: str | None = None
    time_zone: str | None = None
    layers: list[OnCallLayerInput] | None = None

    def changes(self) -> dict[str, Any]:
        changes: dict[str, Any] = {
            name: value for name in ("name", "time_zone") if (value := getattr(self, name)) is not None
        }
        if self.layers is not None:
            changes["layers"] = tuple(layer.to_domain(number) for number, layer in enumerate(self.layers))
        return changes


@strawberry.input
class OnCallRotationDeleteInput:
    id: strawberry.ID


@strawberry.input(description="Viewers only for themselves.")
class OnCallOverrideCreateInput:
    rotation_id: strawberry.ID
    user_id: strawberry.ID
    starts_at: datetime
    ends_at: datetime = strawberry.field(description="At most 92 days after `startsAt`.")


@strawberry.input
class OnCallOverrideDeleteInput:
    id: strawberry.ID
