"""A short life of an input: started, listened to until each tag has spoken once, and stopped. Nothing is stored."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from plantwright_agent.errors import PermanentInputError, RetryableInputError
from plantwright_agent.inputs.registry import build_input
from plantwright_agent.inputs.source import SourceConfig
from plantwright_agent.samples import Collected, FilePosition, RawSample

STOP_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Trial:
    """`samples` are the first of each tag and `refusals` why a tag gave none, both by raw tag.

    `started` is False when the source could not be reached or let nobody in; `error` says why it ended early, and is
    None when it did not. `trouble` is what the input said of itself last.
    """

    samples: Mapping[str, RawSample]
    refusals: Mapping[str, str]
    started: bool
    error: PermanentInputError | RetryableInputError | None
    trouble: str = ""


class Nowhere:
    """Positions of an input that has read nothing yet."""

    async def positions(self, stream: str) -> Mapping[str, FilePosition]:  # noqa: ARG002 - the contract's signature
        return {}


async def trial(source: SourceConfig, seconds: float) -> Trial:
    """At most `seconds` long, and the time to stop. The source is let go of in any case."""
    ears = _Ears(_tags_of(source))
    tried = build_input(source, Nowhere())
    error: PermanentInputError | RetryableInputError | None = None
    try:
        async with asyncio.timeout(seconds):
            await tried.start()
            ears.started = True
            async for collected in tried.collect():
                if ears.hear(collected):
                    break
    except (PermanentInputError, RetryableInputError) as caught:
        error = caught
    except TimeoutError:
        if not ears.started:
            error = RetryableInputError(f"no answer within {seconds:g} s")
    finally:
        with suppress(TimeoutError):
            await asyncio.wait_for(tried.stop(), STOP_SECONDS)
    return Trial(ears.samples, ears.refusals, ears.started, error, ears.trouble)


class _Ears:
    """Keeps the first that each tag says."""

    def __init__(self, expected: int | None) -> None:
        self.samples: dict[str, RawSample] = {}
        self.refusals: dict[str, str] = {}
        self.trouble = ""
        self.started = False
        self._expected = expected

    def hear(self, collected: Collected) -> bool:
        """Whether every tag has given a value or said why it does not."""
        self.trouble = collected.trouble
        for sample in collected.samples:
            self.samples.setdefault(sample.tag.raw_tag, sample)
            self.refusals.pop(sample.tag.raw_tag, None)
        for gap in collected.gaps:
            if gap.tag and gap.tag not in self.samples:
                self.refusals[gap.tag] = gap.reason
        return self._expected is not None and len(self.samples.keys() | self.refusals.keys()) >= self._expected


def _tags_of(source: SourceConfig) -> int | None:
    """How many tags the source names; None for files, which bring what they bring."""
    if source.opcua is not None:
        return len(source.opcua.nodes)
    return None if source.modbus is None else len(source.modbus.registers)
