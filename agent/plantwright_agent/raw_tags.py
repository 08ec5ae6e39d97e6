"""Names that tags have in a device stay in the plant unless a source says otherwise."""

import sys
from dataclasses import replace

from plantwright_agent.inputs.contract import Sink
from plantwright_agent.samples import Collected, RawSample, Tag

LARGEST = sys.float_info.max


class WithoutRawTags:
    """A sink that takes the raw tag from every value that will be sent.

    A value that cannot be sent keeps it: the record of why it is missing has to name it.
    """

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._bare: dict[Tag, Tag] = {}

    async def add(self, stream: str, collected: Collected) -> None:
        samples = tuple(map(self._without, collected.samples))
        await self._sink.add(stream, replace(collected, samples=samples))

    async def wait_for_room(self) -> None:
        await self._sink.wait_for_room()

    def _without(self, sample: RawSample) -> RawSample:
        value = sample.value
        if not isinstance(value, int | float) or not -LARGEST <= value <= LARGEST:
            return sample
        bare = self._bare.get(sample.tag)
        if bare is None:
            bare = self._bare[sample.tag] = replace(sample.tag, raw_tag="")
        return RawSample(bare, value, sample.timestamp, sample.quality, sample.origin)
