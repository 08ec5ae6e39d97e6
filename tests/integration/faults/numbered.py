"""Readings whose numbers tell which of them are missing or came twice, sent in any order until somebody says stop."""

import asyncio
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tests.integration.plant import Sender

PER_BATCH = 10
# Batches of a disordered source leave shuffled among so many.
SHUFFLED = 12
# Enough for findings to compare.
LEAST_BATCHES = 150
PAUSE_SECONDS = 0.02
REPEATED_AT_ONCE, REPEATED_LATE = 0.1, 0.05

Reading = tuple[int, float]


class Signal:
    """Readings of one metric at 1 Hz: noise, spikes, and shifts that last for minutes."""

    def __init__(self, metric: str, seed: int, start_ms: int, seconds: int, *, is_ordered: bool) -> None:
        noise = np.random.default_rng(seed)
        values = noise.normal(2.0, 0.1, seconds)
        values[700 + seed :: 450] += 6.0
        for begin in range(1_000 + 37 * seed, seconds, 2_000):
            values[begin : begin + 200] += 1.0
        self.metric = metric
        self._readings = [(start_ms + 1000 * n, value) for n, value in enumerate(values.tolist())]
        self.is_ordered = is_ordered

    def batches(self) -> Iterator[list[Reading]]:
        """The same ones in the same order each time: in order of time, or with late ones among them."""
        moments = random.Random(self.metric)  # noqa: S311 - reproducible order, no secret
        firsts = list(range(0, len(self._readings), PER_BATCH))
        for low in range(0, len(firsts), SHUFFLED):
            group = firsts[low : low + SHUFFLED]
            if not self.is_ordered:
                moments.shuffle(group)
            for first in group:
                yield self._readings[first : first + PER_BATCH]


@dataclass
class Acknowledged:
    """What one sender was told is stored, and how many requests that took beyond one per batch."""

    sender: Sender
    source: Signal
    batches: list[list[Reading]] = field(default_factory=list)
    repetitions: int = 0

    def expected(self) -> Counter[Reading]:
        return Counter(reading for batch in self.batches for reading in batch)


async def send_until(over: asyncio.Event, sender: Sender, source: Signal) -> Acknowledged:
    """Each batch until it is acknowledged; some are sent once more, at once or much later, as after a lost answer."""
    repeats = random.Random(source.metric)  # noqa: S311 - reproducible moments, no secret
    sent = Acknowledged(sender, source)
    for batch in source.batches():
        if over.is_set() and len(sent.batches) >= LEAST_BATCHES:
            return sent
        sent.repetitions += await sender.deliver(readings_of(sender, source, batch)) - 1
        sent.batches.append(batch)
        if repeats.random() < REPEATED_AT_ONCE:
            sent.repetitions += await _repeat(sent, len(sent.batches))
        if repeats.random() < REPEATED_LATE:
            sent.repetitions += await _repeat(sent, repeats.randint(1, len(sent.batches)))
        await asyncio.sleep(PAUSE_SECONDS)
    raise AssertionError("the signal ended before the kills did")


async def send_in_peace(sender: Sender, sent: Acknowledged) -> None:
    """The same batches in the same order."""
    for batch in sent.batches:
        assert await sender.deliver(readings_of(sender, sent.source, batch)) == 1


async def _repeat(sent: Acknowledged, sequence: int) -> int:
    readings = readings_of(sent.sender, sent.source, sent.batches[sequence - 1])
    return await sent.sender.deliver_as(sequence, readings)


def readings_of(sender: Sender, source: Signal, batch: list[Reading]) -> list[dict[str, Any]]:
    return sender.readings([time_ms for time_ms, _ in batch], [value for _, value in batch], source.metric)
