"""Live readings: frames of columns, resumable by the position in the log."""

import asyncio
from collections.abc import AsyncGenerator

import strawberry

from plantwright.assets.models import Metric
from plantwright.assets.repository import get_machine, metrics_of
from plantwright.assets.service import MACHINE_NOT_FOUND
from plantwright.core.bus import readings_channel
from plantwright.core.errors import NotFound, Unauthenticated, ValidationFailed
from plantwright.core.ids import parse_id
from plantwright.graphql.context import READ_AGAIN_SECONDS, Context, Info
from plantwright.graphql.readings.types import ReadingsFrame, Series
from plantwright.identity.tokens import INVALID
from plantwright.readings import repository
from plantwright.readings.columns import LogSlice
from plantwright.readings.query import series_of

FRAMES_PER_SECOND = 4
FRAME_READINGS = 20_000
RECHECK_TOKEN_EVERY = 15


@strawberry.type
class ReadingsSubscription:
    @strawberry.subscription(
        description="New readings of a machine as they are stored, at most four frames a second. With `since`, what "
        "was stored after that cursor comes first."
    )
    async def readings(
        self, info: Info, machine_id: strawberry.ID, metrics: list[str] | None = None, since: str | None = None
    ) -> AsyncGenerator[ReadingsFrame]:
        context = info.context
        follower = await _Follower.start(context, machine_id, metrics, since)
        async with context.services.bus.listen(readings_channel(context.principal.tenant_id)) as wakeups:
            rounds = 0
            while True:
                async for frame in follower.frames():
                    yield frame
                # Calls gather meanwhile, so that a stream of them becomes a few frames.
                await asyncio.sleep(1 / FRAMES_PER_SECOND)
                await wakeups.wait(READ_AGAIN_SECONDS)
                rounds += 1
                if rounds % RECHECK_TOKEN_EVERY == 0 and not await context.token_is_valid():
                    raise Unauthenticated(INVALID)


class _Follower:
    """One subscriber's place in the log."""

    def __init__(self, context: Context, machine_id: strawberry.ID, names: list[str] | None, position: int) -> None:
        self._context = context
        self._machine_id = machine_id
        self._names = names
        self._position = position
        self._metrics: dict[int, Metric] = {}
        self._judged: set[int] = set()

    @classmethod
    async def start(
        cls, context: Context, machine_id: strawberry.ID, names: list[str] | None, since: str | None
    ) -> "_Follower":
        """
        Raises:
            NotFound: no such machine in this tenant.
            ValidationFailed: `since` is no cursor.
        """
        key = parse_id(machine_id)
        async with context.reading() as work:
            if key is None or await get_machine(work, key) is None:
                raise NotFound(MACHINE_NOT_FOUND, ["machineId"])
            position = await repository.settled_position(work) if since is None else _parse_cursor(since)
        return cls(context, machine_id, names, position)

    async def frames(self) -> AsyncGenerator[ReadingsFrame]:
        while True:
            async with self._context.reading() as work:
                readings = await repository.read_flushes(work, self._position, FRAME_READINGS)
                if readings.position == self._position:
                    return
            present = set(readings.series.tolist())
            if not present <= self._judged:
                await self._load_metrics()
                self._judged |= present
            self._position = readings.position
            if frame := self._frame(readings):
                yield frame

    async def _load_metrics(self) -> None:
        """All metrics of the machine, since new ones may have appeared."""
        key = parse_id(self._machine_id)
        async with self._context.reading() as work:
            rows = await metrics_of(work, [key] if key else [])
        self._metrics = {int(row.series_id or 0): row for row in rows if self._names is None or row.name in self._names}

    def _frame(self, readings: LogSlice) -> ReadingsFrame | None:
        present = sorted(set(readings.series.tolist()) & self._metrics.keys())
        if not present:
            return None
        series = [Series.of(series_of(self._metrics[number], readings)) for number in present]
        return ReadingsFrame(machine_id=self._machine_id, cursor=str(readings.position), series=series)


def _parse_cursor(since: str) -> int:
    if not since.isdecimal() or len(since) > 18:  # noqa: PLR2004 - longest text that surely fits 64 bits
        raise ValidationFailed("since is a cursor that was handed out before.", ["since"])
    return int(since)
