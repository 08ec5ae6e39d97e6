"""The one place that holds the OPC UA library's client.

The library can write, call methods and change the address space. This module is why the agent cannot:
- a request that is not in READING is refused before it is encoded, whoever asks for it;
- `OpcUaReader` is all that other modules see, and it only reads, browses and subscribes.
"""

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from typing import Any

from asyncua import ua
from asyncua.client.client import Client
from asyncua.client.ua_client import UaClient
from asyncua.common.shortcuts import Shortcuts
from asyncua.common.utils import Buffer
from asyncua.crypto.security_policies import SecurityPolicyNone
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.uaerrors import UaError

from plantwright_agent.inputs.opcua.feed import Feed, Take
from plantwright_agent.inputs.opcua.limits import Limits, in_chunks
from plantwright_agent.inputs.opcua.wellknown import LIMITS, NAMESPACES

READING = frozenset(
    {
        ua.GetEndpointsRequest,
        ua.CreateSessionRequest,
        ua.ActivateSessionRequest,
        ua.CloseSessionRequest,
        ua.BrowseRequest,
        ua.BrowseNextRequest,
        ua.TranslateBrowsePathsToNodeIdsRequest,
        ua.ReadRequest,
        ua.CreateSubscriptionRequest,
        ua.DeleteSubscriptionsRequest,
        ua.CreateMonitoredItemsRequest,
        ua.DeleteMonitoredItemsRequest,
        ua.PublishRequest,
        ua.RepublishRequest,
    }
)
# The library logs identity tokens, values and whole tracebacks; what matters of it comes as an error of ours.
logging.getLogger("asyncua").setLevel(logging.CRITICAL)

APPLICATION = "urn:plantwright:agent"
GOODBYE_SECONDS = 5.0
SESSION_MS = 120_000
CHANNEL_MS = 3_600_000


class NotAReadingServiceError(UaError):
    """The agent was asked to send something that could change the server."""


class _ReadingTransport(UaClient):
    """Sends the services in READING and no other."""

    async def _send_request(
        self,
        request: Any,
        *arguments: Any,
        **options: Any,
    ) -> Buffer:
        if type(request) not in READING:
            raise NotAReadingServiceError(f"the agent never sends {type(request).__name__}")
        return await super()._send_request(request, *arguments, **options)


class ReadingClient(Client):
    """The library's client on a transport that only reads. Used inside this package alone."""

    def __init__(self, endpoint: str, timeout: float) -> None:
        super().__init__(endpoint, timeout=timeout, watchdog_intervall=timeout)
        self.uaclient = _ReadingTransport(timeout)
        self.uaclient.pre_request_hook = self._wait_until_ready
        self.nodes = Shortcuts(self.uaclient.session)
        self.name = self.description = "Plantwright agent"
        self.application_uri = APPLICATION
        self.session_timeout = SESSION_MS
        self.secure_channel_timeout = CHANNEL_MS

    def _add_user_auth(self, params: ua.ActivateSessionParameters, username: str | None, password: str | None) -> None:
        policy = self.server_policy(ua.UserTokenType.UserName).SecurityPolicyUri
        encrypted = self.security_policy.Mode == ua.MessageSecurityMode.SignAndEncrypt
        if not encrypted and policy in {None, "", SecurityPolicyNone.URI}:
            raise UaError('the server would take the password in the clear; use security_mode = "SignAndEncrypt"')
        super()._add_user_auth(params, username, password)


class OpcUaReader:
    """A connected server, to be read and nothing else. Made by `connect.connected`.

    Every method raises UaError or OSError (a timeout is one) when the server does not answer or refuses as a whole;
    refusals of single nodes are in the results. `remark` is what a person should know of the server's certificate.
    """

    def __init__(self, client: ReadingClient, remark: str = "") -> None:
        self.remark = remark
        self._client = client
        self._session = client.uaclient.session
        self._limits = Limits()

    async def learn_limits(self) -> None:
        """Ask the server how much it takes at once. One that does not say is asked for chunks of 1,000."""
        nodes = [ua.ReadValueId(node, AttributeIds.Value) for node in LIMITS.values()]
        with contextlib.suppress(UaError):
            self._limits.told([value_of(item) for item in await self.read(nodes)])

    async def namespaces(self) -> list[str]:
        """Namespace URIs by index."""
        [found] = await self.read([ua.ReadValueId(NAMESPACES, AttributeIds.Value)])
        value = value_of(found)
        return [str(uri) for uri in value] if isinstance(value, list) else []

    async def read(self, nodes: Sequence[ua.ReadValueId], *, max_age_ms: float = 0.0) -> list[ua.DataValue]:
        """One data value per node, with both time stamps."""

        async def ask(chunk: list[ua.ReadValueId]) -> list[ua.DataValue]:
            parameters = ua.ReadParameters(max_age_ms, ua.TimestampsToReturn.Both, chunk)
            return await self._session.read(parameters)

        return await in_chunks(self._limits, "read", nodes, ask)

    async def translate(self, paths: Sequence[ua.BrowsePath]) -> list[ua.BrowsePathResult]:
        return await in_chunks(self._limits, "translate", paths, self._session.translate_browsepaths_to_nodeids)

    async def browse(self, description: ua.BrowseDescription, limit: int) -> list[ua.ReferenceDescription]:
        """At most `limit` references of one node. Raises UaStatusCodeError when the node cannot be browsed."""
        parameters = ua.BrowseParameters(ua.ViewDescription(), limit, [description])
        [result] = await self._session.browse(parameters)
        found: list[ua.ReferenceDescription] = []
        while True:
            result.StatusCode.check()
            found += result.References or []
            if not result.ContinuationPoint:
                return found[:limit]
            enough = len(found) >= limit
            # A continuation point that is not used up must be given back.
            [result] = await self._session.browse_next(ua.BrowseNextParameters(enough, [result.ContinuationPoint]))
            if enough:
                return found[:limit]

    async def subscribe(self, parameters: ua.CreateSubscriptionParameters, take: Take) -> tuple[Feed, int]:
        """A running subscription without items, and its id. The library looks after it from now on."""
        feed = Feed(self._session, parameters, take)
        identifier = await feed.begin()
        self._client._subscriptions.append(feed)  # noqa: SLF001 - its own way in makes a Subscription of its own
        self._client.connection_lost_callback = feed.lose
        return feed, identifier

    async def monitor(
        self, subscription: int, items: Sequence[ua.MonitoredItemCreateRequest]
    ) -> list[ua.MonitoredItemCreateResult]:
        """One result per item."""

        async def ask(chunk: list[ua.MonitoredItemCreateRequest]) -> list[ua.MonitoredItemCreateResult]:
            both = ua.TimestampsToReturn.Both
            return await self._session.create_monitored_items(
                ua.CreateMonitoredItemsParameters(subscription, both, chunk)
            )

        return await in_chunks(self._limits, "monitor", items, ask)

    async def forget(self, subscription: int, items: Sequence[int]) -> None:
        """Items the server does not know any more are passed over."""

        async def ask(chunk: list[int]) -> list[ua.StatusCode]:
            identifiers = [ua.IntegerId(item) for item in chunk]
            return await self._session.delete_monitored_items(
                ua.DeleteMonitoredItemsParameters(subscription, identifiers)
            )

        await in_chunks(self._limits, "monitor", items, ask)

    async def close(self) -> None:
        """Say goodbye if the server listens; never takes longer than a few seconds."""
        self._client.connection_lost_callback = None
        with contextlib.suppress(OSError, UaError):
            await asyncio.wait_for(self._client.disconnect(), GOODBYE_SECONDS)


def value_of(data: ua.DataValue) -> object:
    """The value alone; None when there is none."""
    return None if data.Value is None else data.Value.Value


async def offered_endpoints(endpoint: str, timeout: float) -> list[ua.EndpointDescription]:  # noqa: ASYNC109 - per request
    """What the server says of itself, without a session. Raises UaError or OSError."""
    client = ReadingClient(endpoint, timeout)
    try:
        return await client.connect_and_get_server_endpoints()
    except asyncio.CancelledError:
        client.disconnect_socket()
        raise
