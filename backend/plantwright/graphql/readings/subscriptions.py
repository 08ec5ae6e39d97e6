"""Live readings: frames of columns, resumable by the position in the log."""

import asyncio
from collections.abc import AsyncGenerator

import strawberry
from graphql import FieldNode, VariableNode

from plantwright.assets.models import Metric
from plantwright.assets.repository import get_machine, metrics_of
from plantwright.assets.service import MACHINE_NOT_FOUND
from plantwright.core.bus import Wakeups, readings_channel
from plantwright.core.errors import NotFound, ValidationFailed
from plantwright.core.ids import parse_id
from plantwright.graphql.context import READ_AGAIN_SECONDS, Context, Info
from plantwright.graphql.live.place import PLACE, FrameSelection, Place
from plantwright.graphql.readings.types import ReadingsFrame, Series
from plantwright.readings import repository
from plantwright.readings.columns import LogSlice
from plantwright.readings.query.service import series_of

MAX_RATE = 10.0
FRAME_READINGS = 20_000
_SETTLE_SECONDS = 0.05


@strawberry.type
class ReadingsSubscription:
    @strawberry.subscription(
        description="New readings of a machine as they are stored, at most maxRate frames a second (above 0, at most "
        "10). With `since`, what was stored after that cursor comes first."
    )
    async def readings(
        self,
        info: Info,
        machine_id: strawberry.ID,
        metrics: list[str] | None = None,
        since: str | None = None,
        max_rate: float = 4.0,
    ) -> AsyncGenerator[ReadingsFrame]:
        context, place = info.context, PLACE.get()
        if place.failure is not None:
            raise place.failure
        if place.position is None:
            _require_rate(max_rate)
            place.position = await _first_position(context, machine_id, since)
        follower = _Follower(context, machine_id, metrics, place, place.position)
        if place.is_endless:
            async with context.services.bus.listen(readings_channel(context.principal.tenant_id)) as wakeups:
                async for frame in follower.follow(wakeups, max_rate):
                    yield frame
            return
        async for frame in follower.catch_up():
            yield frame
        chosen = None if metrics is None else tuple(metrics)
        place.caught_up = FrameSelection(machine_id, chosen, max_rate, _since_variable(info))


class _Follower:
    """Goes through the log from a place on."""

    def __init__(
        self, context: Context, machine_id: strawberry.ID, names: list[str] | None, place: Place, position: int
    ) -> None:
        self._context = context
        self._machine_id = machine_id
        self._names = names
        self._place = place
        self._position = position
        self._metrics: dict[int, Metric] = {}
        self._judged: set[int] = set()

    async def catch_up(self) -> AsyncGenerator[ReadingsFrame]:
        """What is stored up to the place's end, or up to now."""
        while self._place.until is None or self._position < self._place.until:
            readings = await self._read()
            if readings is None:
                return
            if frame := self._frame(readings):
                yield frame

    async def follow(self, wakeups: Wakeups, max_rate: float) -> AsyncGenerator[ReadingsFrame]:
        """What is and will be stored. Readings gather between two frames, so that many commits become one frame."""
        loop = asyncio.get_running_loop()
        patience = READ_AGAIN_SECONDS
        due = loop.time()
        while True:
            readings = await self._read()
            if readings is None:
                # A call may come before its transaction is settled: then it is worth looking again soon.
                is_called = await wakeups.wait(patience)
                patience = _SETTLE_SECONDS if is_called else min(2 * patience, READ_AGAIN_SECONDS)
                continue
            patience = READ_AGAIN_SECONDS
            if frame := self._frame(readings):
                yield frame
                # On a grid, so that a frame that was held up puts off none that follow. After a quiet time the second
                # comes at once too: else readings as frequent as frames would all wait as long as the second did.
                due = max(due + 1 / max_rate, loop.time())
                await asyncio.sleep(due - loop.time())

    async def _read(self) -> LogSlice | None:
        """The next flushes, with the metrics to show them; None when there are none."""
        async with self._context.reading() as work:
            readings = await repository.read_flushes(work, self._position, FRAME_READINGS, self._place.until)
            if readings.position == self._position:
                return None
            present = set(readings.series.tolist())
            if not present <= self._judged:
                # All metrics of the machine, since new ones may have appeared.
                key = parse_id(self._machine_id)
                rows = await metrics_of(work, [key] if key else [])
                self._metrics = {
                    int(row.series_id or 0): row for row in rows if self._names is None or row.name in self._names
                }
                self._judged |= present
        self._position = self._place.position = readings.position
        return readings

    def _frame(self, readings: LogSlice) -> ReadingsFrame | None:
        present = sorted(set(readings.series.tolist()) & self._metrics.keys())
        if not present:
            return None
        series = [Series.of(series_of(self._metrics[number], readings)) for number in present]
        return ReadingsFrame(machine_id=self._machine_id, cursor=str(readings.position), series=series)


async def _first_position(context: Context, machine_id: strawberry.ID, since: str | None) -> int:
    """
    Raises:
        NotFound: no such machine in this tenant.
        ValidationFailed: `since` is no cursor.
    """
    key = parse_id(machine_id)
    async with context.reading() as work:
        if key is None or await get_machine(work, key) is None:
            raise NotFound(MACHINE_NOT_FOUND, ["machineId"])
        return await repository.settled_position(work) if since is None else _parse_cursor(since)


def _parse_cursor(since: str) -> int:
    if not since.isdecimal() or len(since) > 18:  # noqa: PLR2004 - longest text that surely fits 64 bits
        raise ValidationFailed("since is a cursor that was handed out before.", ["since"])
    return int(since)


def _require_rate(max_rate: float) -> None:
    if not 0 < max_rate <= MAX_RATE:
        raise ValidationFailed(f"maxRate is in frames per second: above 0, at most {MAX_RATE:g}.", ["maxRate"])


def _since_variable(info: Info) -> str | None:
    """The variable that carries `since`, where the field stands in the operation itself and not in a fragment."""
    for field in info.operation.selection_set.selections:
        for argument in (field.arguments or ()) if isinstance(field, FieldNode) else ():
            if argument.name.value == "since" and isinstance(argument.value, VariableNode):
                return argument.value.name.value
    return None
