"""Rotations and overrides as people make them, and the steps that tell who is on call."""

from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from plantwright.core.clock import utc_now
from plantwright.core.errors import Conflict, NotFound, PermissionDenied, ValidationFailed
from plantwright.escalation import rotations
from plantwright.escalation.layers import RotationDraft, checked
from plantwright.escalation.models import OnCallOverride, OnCallRotation
from plantwright.escalation.rotation import Layer, TurnUnit
from plantwright.escalation.wall_time import Span, WeeklyWindow
from plantwright.identity.models import Role

from tests.backend.escalation.clocks import wall
from tests.backend.escalation.making import Plant, after

SOMEBODY = UUID(int=3)


def layer(*people: UUID, **options: Any) -> Layer:
    given = {"start": wall(2026, 3, 2, 8), "turn_unit": TurnUnit.WEEK, "turn_count": 1, "windows": (), **options}
    return Layer("", people or (SOMEBODY,), **given)


def draft(**options: Any) -> RotationDraft:
    return RotationDraft(**{"name": "Nights", "time_zone": "Europe/Berlin", "layers": (layer(),), **options})


async def add(plant: Plant, **options: Any) -> OnCallRotation:
    async with plant.databases.app.transaction(plant.tenant.id) as work:
        made = draft(**{"layers": (layer(plant.tenant.operator_id),), **options})
        return await rotations.create(work, plant.journal, plant.tenant.admin_id, made)


async def override(
    plant: Plant, rotation: OnCallRotation, user_id: UUID, role: Role = Role.ADMIN, span: Span | None = None
) -> OnCallOverride:
    now = utc_now()
    async with plant.databases.app.transaction(plant.tenant.id) as work:
        return await rotations.create_override(
            work,
            plant.journal,
            plant.principal(role),
            rotation_id=rotation.id,
            user_id=user_id,
            span=span or Span(now, now + timedelta(hours=8)),
        )


@pytest.mark.parametrize(
    ("options", "path"),
    [
        ({"name": ""}, ("name",)),
        ({"time_zone": "CEST!"}, ("timeZone",)),
        ({"layers": ()}, ("layers",)),
        ({"layers": (layer(),) * 6}, ("layers",)),
        ({"layers": (layer(*(SOMEBODY,) * 51),)}, ("layers", "0", "participantIds")),
        ({"layers": (layer(), layer(turn_unit=TurnUnit.HOUR, turn_count=5))}, ("layers", "1", "turnCount")),
        ({"layers": (layer(turn_count=0),)}, ("layers", "0", "turnCount")),
        ({"layers": (layer(turn_unit=TurnUnit.DAY, turn_count=91),)}, ("layers", "0", "turnCount")),
        ({"layers": (layer(start=datetime.fromisoformat("2026-03-02T08:00:00+01:00")),)}, ("layers", "0", "start")),
        ({"layers": (layer(start=wall(1999, 1, 1)),)}, ("layers", "0", "start")),
        (
            {"layers": (layer(windows=(WeeklyWindow((), time(1), time(2)),)),)},
            ("layers", "0", "windows", "0", "weekdays"),
        ),
    ],
)
def test_what_a_rotation_may_not_say(options: dict[str, Any], path: tuple[str, ...]) -> None:
    with pytest.raises(ValidationFailed) as caught:
        checked(draft(**options))
    assert caught.value.path == path


async def test_a_participant_is_an_active_user_of_the_tenant(plant: Plant) -> None:
    with pytest.raises(NotFound) as caught:
        await add(plant, layers=(layer(plant.tenant.operator_id), layer(uuid4())))
    assert caught.value.path == ("layers", "1", "participantIds")


async def test_a_name_is_taken_once(plant: Plant) -> None:
    rotation = await add(plant)
    with pytest.raises(Conflict, match="Nights"):
        await add(plant)
    async with plant.databases.app.transaction(plant.tenant.id) as work:
        same = {"name": "Nights", "time_zone": "UTC"}
        changed = await rotations.update(work, plant.journal, plant.tenant.admin_id, rotation.id, same)
    assert (changed.time_zone, changed.version) == ("UTC", 2)


async def test_a_step_tells_who_is_on_call_when_it_is_due(plant: Plant) -> None:
    rotation = await add(plant)
    await plant.add_policy(plant.step(5, rotations=[rotation.id]), plant.step(5, rotations=[rotation.id]))
    await plant.find()
    running = await plant.only()
    await plant.sweep(after(running, 5))
    assert (await plant.last())["user_ids"] == [str(plant.tenant.operator_id)]
    handed = Span(after(running, 7), after(running, 60))
    await override(plant, rotation, plant.tenant.viewer_id, span=handed)
    await plant.sweep(after(running, 10))
    assert (await plant.last())["user_ids"] == [str(plant.tenant.viewer_id)]


async def test_a_step_for_nobody_on_call_says_so(plant: Plant) -> None:
    rotation = await add(plant, layers=(layer(plant.tenant.operator_id, start=wall(2090, 1, 1)),))
    await plant.add_policy(plant.step(5, rotations=[rotation.id]), plant.step(30))
    await plant.find()
    running = await plant.only()
    await plant.sweep(after(running, 5))
    told = await plant.last()
    assert (told["user_ids"], told["troubles"]) == ([], ['Nobody is on call in "Nights".'])
    assert await plant.sweep(after(running, 5)) == 1, "the next step does not wait for those whom nobody told"


async def test_a_rotation_that_a_policy_tells_is_not_deleted(plant: Plant) -> None:
    rotation = await add(plant)
    policy = await plant.add_policy(plant.step(5, rotations=[rotation.id]), name="Press")

    async def delete() -> None:
        async with plant.databases.app.transaction(plant.tenant.id) as work:
            await rotations.delete(work, plant.journal, plant.tenant.admin_id, rotation.id)

    with pytest.raises(Conflict, match='"Press"'):
        await delete()
    await plant.change_policy(policy, steps=(plant.step(5),))
    await delete()
    assert len(await plant.records("on_call_rotation.deleted")) == 1


async def test_a_viewer_puts_only_themself_on_call(plant: Plant) -> None:
    rotation = await add(plant)
    own = await override(plant, rotation, plant.tenant.viewer_id, Role.VIEWER)
    others = await override(plant, rotation, plant.tenant.admin_id, Role.OPERATOR)
    with pytest.raises(PermissionDenied):
        await override(plant, rotation, plant.tenant.operator_id, Role.VIEWER)

    async def take_away(row: OnCallOverride, role: Role) -> None:
        async with plant.databases.app.transaction(plant.tenant.id) as work:
            await rotations.delete_override(work, plant.journal, plant.principal(role), row.id)

    with pytest.raises(PermissionDenied):
        await take_away(others, Role.VIEWER)
    await take_away(own, Role.VIEWER)
    with pytest.raises(NotFound):
        await take_away(own, Role.VIEWER)
    assert len(await plant.records("on_call_override.created")) == 2
    [deleted] = await plant.records("on_call_override.deleted")
    assert (deleted.payload["rotation"], deleted.actor_id) == ("Nights", plant.tenant.viewer_id)


@pytest.mark.parametrize(
    ("start", "end", "message"), [(1, 1, "ends after"), (0, 93 * 24, "at most 92 days"), (-2, -1, "over already")]
)
async def test_the_time_of_an_override(plant: Plant, start: int, end: int, message: str) -> None:
    rotation, now = await add(plant), utc_now()
    span = Span(now + timedelta(hours=start), now + timedelta(hours=end))
    with pytest.raises(ValidationFailed, match=message) as caught:
        await override(plant, rotation, plant.tenant.operator_id, span=span)
    assert caught.value.path == ("endsAt",)
