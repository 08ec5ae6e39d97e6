"""Tasks that run until they are ended."""

import asyncio
import contextlib


async def end_task(task: asyncio.Task[None]) -> None:
    """Cancel it and wait until it has ended; what it raised of its own is raised here."""
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
