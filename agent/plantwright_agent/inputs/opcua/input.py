"""OPC UA, read by subscription or by polling, signed and encrypted unless the configuration says otherwise.

A source that comes back is either resumed without loss (`feed`) or started anew: names are resolved at each start.
Nodes that cannot be found are named in the trouble of the source and tried again; the others go on.
"""

import time
from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Protocol

from asyncua import ua
from asyncua.ua.uaerrors import UaError

from plantwright_agent.errors import PermanentInputError, RetryableInputError
from plantwright_agent.inputs.opcua.config import OpcUaConfig
from plantwright_agent.inputs.opcua.connect import connected
from plantwright_agent.inputs.opcua.intake import Intake
from plantwright_agent.inputs.opcua.names import resolve
from plantwright_agent.inputs.opcua.polling import Polling
from plantwright_agent.inputs.opcua.reader import OpcUaReader
from plantwright_agent.inputs.opcua.refusals import refusal
from plantwright_agent.inputs.opcua.subscribing import Subscribing
from plantwright_agent.samples import Collected, Gap

TICK_SECONDS = 0.25
ASK_AGAIN_SECONDS = 60.0


class Way(Protocol):
    """How values come: by subscription or by polling."""

    resumes: bool
    """True when a lost connection is taken up again by itself."""

    @property
    def clock_ahead_seconds(self) -> float:
        """How far the server's clock is ahead of this machine's."""
        ...

    async def begin(self, reader: OpcUaReader) -> None:
        """Raises PermanentInputError, UaError or OSError."""
        ...

    async def add(self, nodes: Mapping[int, ua.NodeId]) -> dict[int, str]:
        """Read these from now on; why not, for those that are refused. Raises UaError or OSError."""
        ...

    def ended(self) -> str:
        """Why no more values will come; empty while they may."""
        ...

    def trouble(self) -> str: ...

    def gaps(self) -> list[Gap]: ...

    async def end(self) -> None: ...


class OpcUa:
    """Input contract: see `plantwright_agent.inputs.contract`. `name` is what people call the source."""

    def __init__(self, config: OpcUaConfig, machine_identifier: str | None, name: str = "") -> None:
        self._config = config
        self._name = name
        self._intake = Intake(config, machine_identifier)
        self._way: Way = (Polling if config.mode == "poll" else Subscribing)(config, self._intake)
        self._reader: OpcUaReader | None = None
        self._unread: set[int] = set(range(len(config.nodes)))
        self._asked_at = time.monotonic()
        self._stopping = False

    async def start(self) -> None:
        reader = self._reader = await connected(self._config, self._name, resume=self._way.resumes)
        try:
            await self._way.begin(reader)
            await self._add(self._unread)
        except (OSError, UaError) as error:
            raise refusal(self._config.endpoint, error) from error
        if len(self._unread) == len(self._config.nodes):
            raise PermanentInputError(self._intake.refusals())

    async def collect(self) -> AsyncIterator[Collected]:
        trouble: str | None = None
        while True:
            await self._intake.wait(TICK_SECONDS)
            samples, gaps = self._intake.drain()
            gaps += self._way.gaps()
            before, trouble = trouble, self._trouble()
            if samples or gaps or trouble != before:
                yield Collected(samples, tuple(gaps), trouble=trouble)
            if self._intake.is_empty:
                if self._stopping:
                    return
                if ended := self._way.ended():
                    raise RetryableInputError(ended)
                await self._ask_again()

    async def stop(self) -> None:
        if self._reader is not None:
            reader, self._reader = self._reader, None
            await self._way.end()
            await reader.close()
        self._stopping = True

    def _trouble(self) -> str:
        remark = "" if self._reader is None else self._reader.remark
        clock = self._intake.clock_trouble(self._way.clock_ahead_seconds)
        return "; ".join(item for item in (self._way.trouble(), self._intake.refusals(), clock, remark) if item)

    async def _ask_again(self) -> None:
        """Nodes may appear later: a program is loaded into the controller, a gateway finds its device."""
        if time.monotonic() - self._asked_at < ASK_AGAIN_SECONDS or self._way.trouble():
            return
        self._asked_at = time.monotonic()
        if not (wanted := self._unread | self._intake.gone()):
            return
        try:
            await self._add(wanted)
        except (OSError, UaError) as error:
            raise RetryableInputError(str(refusal(self._config.endpoint, error))) from error

    async def _add(self, indexes: Iterable[int]) -> None:
        reader, wanted = self._reader, sorted(indexes)
        if reader is None:
            return
        found = dict(zip(wanted, await resolve(reader, [self._config.nodes[i] for i in wanted]), strict=True))
        refused = {index: item.reason for index, item in found.items() if item.node_id is None}
        known = {index: item.node_id for index, item in found.items() if item.node_id is not None}
        for index in known:
            self._intake.spots[index].refused = ""
        refused |= await self._way.add(known) if known else {}
        for index, text in refused.items():
            self._intake.spots[index].refused = text
        self._unread = set(refused)
