"""OPC UA subscription, signed and encrypted unless the configuration says otherwise.

The library's own reconnection is switched on and is the only one while the input runs; it restores the
subscription by itself. What it cannot promise is that nothing was missed meanwhile, so every loss of the
connection becomes a gap. A subscription that does not come back whole ends the input; the supervisor starts anew.
"""

import asyncio
import math
from collections.abc import AsyncIterator
from datetime import UTC, datetime

from asyncua import ua
from asyncua.client.client import Client
from asyncua.common.node import Node
from asyncua.common.subscription import DataChangeNotif, Subscription
from asyncua.ua.uaerrors import UaError

from plantwright_agent.errors import PermanentInputError, RetryableInputError
from plantwright_agent.inputs.opcua.config import OpcUaConfig, OpcUaNode
from plantwright_agent.inputs.opcua.connect import connected_client, disconnect
from plantwright_agent.inputs.opcua.loss import LOST, LossWatch
from plantwright_agent.inputs.opcua.values import overflowed, status_name, to_sample
from plantwright_agent.samples import Collected, Gap, RawSample, Tag

QUEUE = 50_000
SERVER_QUEUE = 100
LARGEST_CHUNK = 1_000
AGENT_OVERFLOW = "values came faster than they could be stored"
SERVER_OVERFLOW = "the server's queue was full and it threw values away"
TICK_SECONDS = 0.25
KEEP_ALIVE_MS = 10_000
LIFETIME_KEEP_ALIVES = 30


class OpcUa:
    """Input contract: see `plantwright_agent.inputs.contract`."""

    def __init__(self, config: OpcUaConfig, machine_identifier: str | None) -> None:
        self._config = config
        self._tags = {node.address: _tag(node, machine_identifier) for node in config.nodes}
        self._by_node: dict[ua.NodeId, Tag] = {}
        self._queue: asyncio.Queue[RawSample | Gap] = asyncio.Queue(QUEUE)
        self._last: dict[ua.NodeId, tuple[datetime, object]] = {}
        self._refused: dict[str, str] = {}
        self._client: Client | None = None
        self._watch: LossWatch | None = None
        self._stopping = False
        self._overflow_since: datetime | None = None

    async def start(self) -> None:
        client = self._client = await connected_client(self._config)
        try:
            subscription = await client.create_subscription(_parameters(self._config), self)
            await self._subscribe(client, subscription)
        except (OSError, UaError) as error:
            raise RetryableInputError(f"{self._config.endpoint} gives no subscription: {error}") from error
        if len(self._refused) == len(self._tags):
            raise PermanentInputError(self._refusals())
        self._watch = LossWatch(client, subscription, len(self._tags) - len(self._refused))

    async def collect(self) -> AsyncIterator[Collected]:
        trouble: str | None = None
        while True:
            taken = await self._take()
            was_lost = self._lost
            gaps = [*(item for item in taken if isinstance(item, Gap)), *self._gaps()]
            samples = tuple(item for item in taken if isinstance(item, RawSample))
            before, trouble = trouble, LOST if self._lost else self._refusals()
            if samples or gaps or trouble != before:
                yield Collected(samples, tuple(gaps), trouble=trouble)
            if was_lost and not self._lost and self._refused:
                raise RetryableInputError(f"the server is back; asking it again for {self._refusals()}")
            if self._stopping and self._queue.empty():
                return

    async def stop(self) -> None:
        self._watch = None
        if self._client is not None:
            client, self._client = self._client, None
            client.connection_lost_callback = None
            await disconnect(client)  # type: ignore[arg-type]
        self._stopping = True

    def datachange_notification(self, node: Node, value: object, data: DataChangeNotif) -> None:
        """Called by the library. A re-made subscription repeats the last value; it is taken once only."""
        now = datetime.now(UTC)
        tag = self._by_node[node.nodeid]
        content = data.monitored_item.Value
        item = to_sample(tag, content, now)
        if isinstance(item, RawSample):
            if self._last.get(node.nodeid) == (item.timestamp, value):
                return
            self._last[node.nodeid] = (item.timestamp, value)
        if overflowed(content.StatusCode):
            self._put(Gap(now, now, SERVER_OVERFLOW, tag.raw_tag), now)
        self._put(item, now)

    @property
    def _lost(self) -> bool:
        return self._watch is not None and self._watch.lost

    def _put(self, item: RawSample | Gap, now: datetime) -> None:
        try:
            self._queue.put_nowait(item)
        except asyncio.QueueFull:
            self._overflow_since = self._overflow_since or now

    async def _take(self) -> list[RawSample | Gap]:
        """What has come, waiting a moment for the first."""
        try:
            taken = [await asyncio.wait_for(self._queue.get(), TICK_SECONDS)]
        except TimeoutError:
            return []
        while not self._queue.empty() and len(taken) < LARGEST_CHUNK:
            taken.append(self._queue.get_nowait())
        return taken

    def _gaps(self) -> list[Gap]:
        gaps = self._watch.gaps() if self._watch is not None else []
        if self._overflow_since is not None:
            gaps.append(Gap(self._overflow_since, datetime.now(UTC), AGENT_OVERFLOW))
            self._overflow_since = None
        return gaps

    async def _subscribe(self, client: Client, subscription: Subscription) -> None:
        """Nodes the server refuses are named in the trouble of the source; the others go on."""
        nodes = [client.get_node(node_id) for node_id in self._tags]
        self._by_node = {node.nodeid: tag for node, tag in zip(nodes, self._tags.values(), strict=True)}
        results = await subscription.subscribe_data_change(
            nodes, queuesize=SERVER_QUEUE, sampling_interval=ua.Double(self._config.publishing_interval_ms)
        )
        self._refused = {
            node_id: status_name(result)
            for node_id, result in zip(self._tags, results, strict=True)
            if isinstance(result, ua.StatusCode)
        }

    def _refusals(self) -> str:
        return "; ".join(f"node {node_id}: {reason}" for node_id, reason in self._refused.items())


def _parameters(config: OpcUaConfig) -> ua.CreateSubscriptionParameters:
    """A sign of life about every ten seconds: the library's default waits most of an hour."""
    interval = config.publishing_interval_ms
    parameters = ua.CreateSubscriptionParameters()
    parameters.RequestedPublishingInterval = interval
    parameters.RequestedMaxKeepAliveCount = max(3, math.ceil(KEEP_ALIVE_MS / interval))
    parameters.RequestedLifetimeCount = parameters.RequestedMaxKeepAliveCount * LIFETIME_KEEP_ALIVES
    parameters.MaxNotificationsPerPublish = 10_000
    parameters.PublishingEnabled = True
    return parameters


def _tag(node: OpcUaNode, machine_identifier: str | None) -> Tag:
    return Tag(
        machine_identifier=node.machine_identifier or machine_identifier or "",
        metric_name=node.metric_name,
        unit=node.unit,
        raw_tag=node.address.replace("=", "").replace(";", "_"),
        scale=node.scale,
        offset=node.offset,
    )
