"""Subscribers of the same selection, and the one execution that serves them all.

Invariants:
1. A group is of one tenant and one role: both are part of the selection it is found by.
2. The frames of a group follow each other without gap: `after` of each is `position` of the one before.
3. A group waits for none of its members.
"""

import asyncio
import copy
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

import strawberry
import structlog
from strawberry.types import ExecutionResult

from plantwright.graphql.context import Context
from plantwright.graphql.live.member import Frame, Member
from plantwright.graphql.live.place import PLACE, FrameSelection, Place
from plantwright.identity.models import Role

log = structlog.get_logger()

STRETCHES_AT_A_TIME = 4
OFFERS_AT_A_TIME = 100


@dataclass(frozen=True, slots=True)
class SelectionKey:
    """Everything that decides what a frame looks like; `variables` is JSON without the one that carries `since`."""

    tenant_id: UUID
    role: Role
    query: str
    operation_name: str | None
    variables: str
    selection: FrameSelection


@dataclass(frozen=True, slots=True)
class Payload:
    """Of a `next` message; a failure has errors in place of data."""

    text: str
    is_failure: bool


@dataclass(frozen=True, slots=True)
class Stretch:
    """Frames of a part of the log; `is_whole` is False when the last of them is an error that cut it short."""

    frames: Sequence[Frame]
    is_whole: bool


@dataclass(frozen=True, slots=True)
class Executor:
    """Runs an operation as any other, and serialises its results."""

    schema: strawberry.Schema
    encode: Callable[[object], str]
    # Many who come at the same time must not take all connections of the database.
    stretching: asyncio.Semaphore

    async def run(
        self, place: Place, context: Context, key: SelectionKey, variables: dict[str, Any] | None
    ) -> AsyncGenerator[Payload]:
        """Call it in a task of its own, which keeps the place."""
        PLACE.set(place)
        results = await self.schema.stream(
            key.query, variable_values=variables, context_value=context, operation_name=key.operation_name
        )
        async with aclosing(results):
            async for result in cast("AsyncGenerator[ExecutionResult]", results):
                payload: dict[str, object] = {"data": result.data}
                if result.errors:
                    payload["errors"] = [error.formatted for error in result.errors]
                if result.extensions:
                    payload["extensions"] = result.extensions
                yield Payload(self.encode(payload), is_failure=result.data is None)


class Group:
    """One execution from a position on; `frames_made` counts what it executed and serialised, stretches included."""

    def __init__(self, executor: Executor, key: SelectionKey, variables: dict[str, Any] | None, first: Member) -> None:
        self.key = key
        self.members: set[Member] = set()
        self.frames_made = 0
        self._executor = executor
        self._variables = variables
        # As it is now: the first member's token may run out before the group ends.
        self._context = copy.copy(first.context)
        self._place = Place(position=first.position, is_endless=True)
        self._stretches: dict[tuple[int, int], asyncio.Task[Stretch]] = {}
        self.task = asyncio.create_task(self._run(first.position), name="frame-group")

    @property
    def position(self) -> int:
        return self._place.position or 0

    async def stretch(self, after: int, until: int) -> Stretch:
        """What lies between two positions, for a member that stands between two frames."""
        task = self._stretches.get((after, until))
        if task is None:
            task = asyncio.create_task(self._run_stretch(after, until), name="frame-stretch")
            self._stretches[after, until] = task
            task.add_done_callback(lambda _: self._stretches.pop((after, until), None))
        return await asyncio.shield(task)

    async def _run(self, after: int) -> None:
        try:
            payloads = self._executor.run(self._place, self._context, self.key, self._variables)
            async with aclosing(payloads), asyncio.TaskGroup() as tasks:
                sending: asyncio.Task[None] | None = None
                async for payload in payloads:
                    frame = Frame(after, self.position, payload.text, payload.is_failure)
                    after = frame.position
                    self.frames_made += 1
                    if sending is not None:
                        await sending
                    # While it is sent, the next one is read.
                    sending = tasks.create_task(self._broadcast(frame), name="frame-broadcast")
        except Exception as error:
            log.exception("frame_group_failed", error=type(error).__name__)
        finally:
            for member in self.members:
                member.end()

    async def _broadcast(self, frame: Frame) -> None:
        for number, member in enumerate(tuple(self.members), 1):
            member.offer(frame)
            if number % OFFERS_AT_A_TIME == 0:
                # Others of this process want to be served too.
                await asyncio.sleep(0)

    async def _run_stretch(self, after: int, until: int) -> Stretch:
        place = Place(position=after, until=until)
        async with self._executor.stretching:
            payloads = self._executor.run(place, self._context, self.key, self._variables)
            frames = [Frame(after, until, payload.text, payload.is_failure) async for payload in payloads]
        self.frames_made += len(frames)
        return Stretch(frames, place.caught_up is not None)
