"""Values as the server reports them: one subscription, monitored items made in chunks."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime

from asyncua import ua
from asyncua.ua import uaerrors
from asyncua.ua.attribute_ids import AttributeIds

from plantwright_agent.errors import PermanentInputError
from plantwright_agent.inputs.opcua.config import OpcUaConfig, OpcUaNode
from plantwright_agent.inputs.opcua.feed import Feed
from plantwright_agent.inputs.opcua.intake import Intake
from plantwright_agent.inputs.opcua.reader import OpcUaReader
from plantwright_agent.inputs.opcua.refusals import NO_SUBSCRIPTIONS
from plantwright_agent.inputs.opcua.values import refused_status
from plantwright_agent.samples import Gap

KEEP_ALIVE_MS = 10_000
LIFETIME_KEEP_ALIVES = 30
RESUME_SECONDS = 60.0
LOST = "connection to the OPC UA server was lost"
MISSING_SERVICE = (uaerrors.BadServiceUnsupported, uaerrors.BadNotImplemented, uaerrors.BadNotSupported)


class Subscribing:
    """One of the two ways of reading; see `plantwright_agent.inputs.opcua.input.Way`."""

    resumes = True

    def __init__(self, config: OpcUaConfig, intake: Intake) -> None:
        self._config = config
        self._intake = intake
        self._reader: OpcUaReader | None = None
        self._feed: Feed | None = None
        self._id = 0
        self._items: dict[int, int] = {}

    async def begin(self, reader: OpcUaReader) -> None:
        self._reader = reader
        try:
            self._feed, self._id = await reader.subscribe(_parameters(self._config), self._take)
        except MISSING_SERVICE as error:
            raise PermanentInputError(f"{self._config.endpoint} refuses: {NO_SUBSCRIPTIONS}") from error

    async def add(self, nodes: Mapping[int, ua.NodeId]) -> dict[int, str]:
        if self._reader is None:
            return {}
        if former := [self._items.pop(index) for index in nodes if index in self._items]:
            await self._reader.forget(self._id, former)
        requests = [self._request(index, node) for index, node in nodes.items()]
        results = await self._reader.monitor(self._id, requests)
        refused: dict[int, str] = {}
        for index, result in zip(nodes, results, strict=True):
            if result.StatusCode.is_good():
                self._items[index] = int(result.MonitoredItemId)
            else:
                refused[index] = refused_status(result.StatusCode) or str(result.StatusCode.name)
        return refused

    def ended(self) -> str:
        if self._feed is None:
            return ""
        gives_up = self._feed.lost and self._feed.heard_at.seconds_ago > RESUME_SECONDS
        return self._feed.why_ended() or (LOST if gives_up else "")

    def trouble(self) -> str:
        return LOST if self._feed is not None and self._feed.lost else ""

    def gaps(self) -> list[Gap]:
        return [] if self._feed is None else self._feed.gaps()

    @property
    def clock_ahead_seconds(self) -> float:
        return 0.0 if self._feed is None else self._feed.clock_ahead_seconds

    async def end(self) -> None:
        """The session takes its subscription with it."""

    def _take(self, notification: ua.DataChangeNotification) -> None:
        now = datetime.now(UTC)
        take = self._intake.take
        for item in notification.MonitoredItems:
            take(item.ClientHandle, item.Value, now)

    def _request(self, index: int, node_id: ua.NodeId) -> ua.MonitoredItemCreateRequest:
        config, node = self._config, self._config.nodes[index]
        sampling = config.publishing_interval_ms if config.sampling_interval_ms is None else config.sampling_interval_ms
        return ua.MonitoredItemCreateRequest(
            ItemToMonitor=value_id(node_id, node),
            MonitoringMode=ua.MonitoringMode.Reporting,
            RequestedParameters=ua.MonitoringParameters(
                ClientHandle=index,
                SamplingInterval=sampling,
                Filter=_filter(node),
                QueueSize=config.queue_size,
                DiscardOldest=True,
            ),
        )


def value_id(node_id: ua.NodeId, node: OpcUaNode) -> ua.ReadValueId:
    return ua.ReadValueId(node_id, AttributeIds.Value, None if node.element is None else str(node.element))


def _filter(node: OpcUaNode) -> ua.DataChangeFilter | None:
    if node.deadband is None and node.deadband_percent is None:
        return None
    absolute = node.deadband is not None
    return ua.DataChangeFilter(
        Trigger=ua.DataChangeTrigger.StatusValue,
        DeadbandType=ua.DeadbandType.Absolute if absolute else ua.DeadbandType.Percent,
        DeadbandValue=node.deadband if absolute else node.deadband_percent,
    )


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
