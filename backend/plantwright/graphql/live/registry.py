"""The groups of this process: who shares with whom, and whether everyone may still listen."""

import asyncio
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

import strawberry

from plantwright.core.errors import Unauthenticated
from plantwright.graphql.context import bearer_token
from plantwright.graphql.live.groups import STRETCHES_AT_A_TIME, Executor, Group, SelectionKey
from plantwright.graphql.live.member import Member
from plantwright.identity.tokens import INVALID

RECHECK_TOKEN_SECONDS = 10.0
_LOOK_SECONDS = 1.0


class FrameGroups:
    def __init__(self, schema: strawberry.Schema, encode: Callable[[object], str]) -> None:
        self._executor = Executor(schema, encode, asyncio.Semaphore(STRETCHES_AT_A_TIME))
        self._groups: dict[SelectionKey, Group] = {}
        self._checked: dict[str, float] = {}
        self._guard: asyncio.Task[None] | None = None

    @property
    def groups(self) -> list[Group]:
        return list(self._groups.values())

    @contextmanager
    def joined(self, key: SelectionKey, variables: dict[str, Any] | None, member: Member) -> Generator[Group]:
        """Frames come to the member from now on; its position is how far it has come by itself."""
        group = self._groups.get(key)
        if group is None or group.task.done():
            group = self._groups[key] = Group(self._executor, key, variables, member)
        group.members.add(member)
        self._checked.setdefault(_token_of(member), time.monotonic())
        if self._guard is None or self._guard.done():
            self._guard = asyncio.create_task(self._watch_tokens(), name="frame-guard")
        try:
            yield group
        finally:
            member.end()
            group.members.discard(member)
            if not group.members:
                group.task.cancel()
                if self._groups.get(key) is group:
                    del self._groups[key]

    async def _watch_tokens(self) -> None:
        """Until the last group has ended. Subscribers with the same token are asked about once."""
        while self._groups:
            await asyncio.sleep(_LOOK_SECONDS)
            holders: dict[str, list[Member]] = {}
            for group in self._groups.values():
                for member in group.members:
                    holders.setdefault(_token_of(member), []).append(member)
            self._checked = {token: at for token, at in self._checked.items() if token in holders}
            for token, members in holders.items():
                if time.monotonic() - self._checked.setdefault(token, 0.0) >= RECHECK_TOKEN_SECONDS:
                    self._checked[token] = time.monotonic()
                    await _check(members)


async def _check(members: list[Member]) -> None:
    """End them when their token is no longer taken, or when that cannot be found out.

    Who has another role now may see something else, and comes back to another group.
    """
    context = members[0].context
    role = context.principal.role
    failure: Exception | None = None
    try:
        if not await context.token_is_valid():
            failure = Unauthenticated(INVALID)
    except Exception as error:  # noqa: BLE001 - each subscription tells its client
        failure = error
    for member in members:
        if failure is not None:
            member.fail(failure)
        elif context.principal.role is not role:
            member.end()


def _token_of(member: Member) -> str:
    return bearer_token(member.context.connection_params)
