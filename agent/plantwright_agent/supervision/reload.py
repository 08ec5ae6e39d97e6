"""Notices that the configuration has changed on disk, and that whoever changes it has finished."""

import asyncio
import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

from plantwright_agent.configuration.config import Outcome, read_config

Sight = tuple[bytes, ...]


class ConfigWatch:
    """`period` in seconds between looks; files count as changed once two looks in a row see the same."""

    def __init__(self, path: Path, environment: Mapping[str, str], first: Outcome, period: float = 1.0) -> None:
        self.path = path
        self._environment = environment
        self._period = period
        self._first: Outcome | None = first
        self._watched = first.watched
        self._seen: Sight = ()
        self._hurry = asyncio.Event()

    def hurry(self) -> None:
        """Read now, changed or not: someone has asked for it."""
        self._hurry.set()

    async def next(self) -> Outcome:
        """What the files say, once they say something else than before."""
        if self._first is not None:
            first, self._first = self._first, None
            if (await self._read()).config != first.config:  # changed while the agent was starting
                self._seen = ()
        before = self._seen
        while True:
            is_asked = await self._pause()
            now = await look(self._watched)
            if is_asked or (now == before and now != self._seen):
                return await self._read()
            before = now

    async def _read(self) -> Outcome:
        """What is read lies between two equal looks, so that it is no mixture of two versions."""
        while True:
            before = await look(self._watched)
            outcome = await asyncio.to_thread(read_config, self.path, self._environment)
            if outcome.watched != self._watched:
                self._watched = outcome.watched
            elif await look(self._watched) == before:
                self._seen = before
                return outcome

    async def _pause(self) -> bool:
        try:
            await asyncio.wait_for(self._hurry.wait(), self._period)
        except TimeoutError:
            return False
        self._hurry.clear()
        return True


async def look(paths: Iterable[Path]) -> Sight:
    return await asyncio.to_thread(_look, sorted(paths))


def _look(paths: list[Path]) -> Sight:
    return tuple(_digest(path) for path in paths)


def _digest(path: Path) -> bytes:
    """Of the content of a file, or the names in a folder; empty when it cannot be read."""
    try:
        if path.is_dir():
            content = "\0".join(sorted(item.name for item in path.iterdir())).encode()
        else:
            content = path.read_bytes()
    except OSError:
        return b""
    return hashlib.blake2b(content, digest_size=16).digest()
