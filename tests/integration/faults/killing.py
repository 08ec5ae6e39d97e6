"""Kill -9 at random moments, each followed by what a supervisor does."""

import asyncio
import os
import random
import signal
from collections import Counter
from typing import Literal, TypeAlias

from tests.integration.faults.rig import Rig

Victim: TypeAlias = Literal["api", "worker", "session", "postgres"]
VICTIMS: tuple[Victim, ...] = ("api", "worker", "session", "postgres")
LONGEST_PAUSE_SECONDS = 1.2


async def kill_one_after_the_other(rig: Rig, kills: int, moments: random.Random) -> Counter[Victim]:
    """Each victim about as often as the others, in random order; returns how often each was killed."""
    victims = [VICTIMS[number % len(VICTIMS)] for number in range(kills)]
    moments.shuffle(victims)
    for victim in victims:
        await asyncio.sleep(moments.uniform(0.2, LONGEST_PAUSE_SECONDS))
        await _kill(rig, victim, moments)
        await rig.settle()
    return Counter(victims)


async def _kill(rig: Rig, victim: Victim, moments: random.Random) -> None:
    match victim:
        case "api":
            rig.kill_api()
            rig.start_api()
        case "worker":
            rig.kill_worker()
            rig.start_worker()
        case "session":
            os.kill(moments.choice(await rig.sessions())["pid"], signal.SIGKILL)
        case "postgres":
            rig.kill_postgres()
            # Not in a thread: a server dies with the thread that started it.
            rig.restart_postgres()
