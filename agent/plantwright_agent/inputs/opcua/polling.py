"""Values as the agent asks for them, for servers without subscriptions or with too few."""

import asyncio
import time
from collections.abc import Mapping
from datetime import UTC, datetime

from asyncua import ua
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.uaerrors import UaError

from plantwright_agent.inputs.opcua.config import OpcUaConfig
from plantwright_agent.inputs.opcua.intake import Intake
from plantwright_agent.inputs.opcua.reader import OpcUaReader, value_of
from plantwright_agent.inputs.opcua.refusals import reason
from plantwright_agent.inputs.opcua.subscribing import value_id
from plantwright_agent.inputs.opcua.wellknown import CURRENT_TIME
from plantwright_agent.samples import Gap

TOO_SLOW = "reading all nodes takes {:.1f} s, longer than poll_interval"


class Polling:
    """One of the two ways of reading; see `plantwright_agent.inputs.opcua.input.Way`."""

    resumes = False

    def __init__(self, config: OpcUaConfig, intake: Intake) -> None:
        self.clock_ahead_seconds = 0.0
        self._config = config
        self._intake = intake
        self._reader: OpcUaReader | None = None
        self._nodes: dict[int, ua.ReadValueId] = {}
        self._task: asyncio.Task[None] | None = None
        self._ended = ""
        self._slow = ""

    async def begin(self, reader: OpcUaReader) -> None:
        self._reader = reader

    async def add(self, nodes: Mapping[int, ua.NodeId]) -> dict[int, str]:
        """The first values are read here, so that what cannot be read is known at once."""
        added = {index: value_id(node, self._config.nodes[index]) for index, node in nodes.items()}
        await self._read(added)
        refused = {index: text for index in added if (text := self._intake.spots[index].refused)}
        self._nodes |= {index: node for index, node in added.items() if index not in refused}
        if self._task is None:
            self._task = asyncio.create_task(self._poll())
        return refused

    def ended(self) -> str:
        return self._ended

    def trouble(self) -> str:
        return self._slow

    def gaps(self) -> list[Gap]:
        return []

    async def end(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _poll(self) -> None:
        due = time.monotonic()
        while True:
            now = time.monotonic()
            due = max(due + self._config.poll_interval, now)
            await asyncio.sleep(due - now)
            try:
                await self._read(self._nodes)
            except (UaError, OSError) as error:
                self._ended = f"{self._config.endpoint} does not answer: {reason(error)}"
                return
            took = time.monotonic() - due
            self._slow = TOO_SLOW.format(took) if took > self._config.poll_interval else ""

    async def _read(self, nodes: Mapping[int, ua.ReadValueId]) -> None:
        if self._reader is None:
            return
        asked = [ua.ReadValueId(CURRENT_TIME, AttributeIds.Value), *nodes.values()]
        # A value the server took within the last interval is new enough; it need not ask the controller again.
        clock, *answers = await self._reader.read(asked, max_age_ms=self._config.poll_interval * 1000)
        now = datetime.now(UTC)
        told = value_of(clock)
        self.clock_ahead_seconds = (told - now).total_seconds() if isinstance(told, datetime) else 0.0
        for index, data in zip(nodes, answers, strict=True):
            self._intake.take(index, data, now)
