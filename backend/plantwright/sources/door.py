"""A look at a device on behalf of a person: bounded in time, and few at once for each tenant."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from uuid import UUID, uuid4

from plantwright_agent.errors import PermanentInputError, RetryableInputError
from plantwright_agent.inputs.modbus_tcp.config import RegisterType
from plantwright_agent.inputs.modbus_tcp.probe import ProbedAddress, probe
from plantwright_agent.inputs.opcua.browse import BrowsedNode, browse

from plantwright.core.database import Database
from plantwright.core.errors import TooManyAttempts, ValidationFailed
from plantwright.sources import repository, service
from plantwright.sources.certificate import ClientIdentity, own_identity
from plantwright.sources.configuration import Device, check_device, modbus_connection, opcua_connection
from plantwright.sources.credentials import stored_device, with_stored_credentials
from plantwright.sources.limits import MAX_BROWSED, MAX_PROBED
from plantwright.sources.models import IngestSource, SourceProtocol, TagMapping
from plantwright.sources.reach import checked_host, reached
from plantwright.sources.report import Report
from plantwright.sources.service import Tools
from plantwright.sources.tags import TagDraft, checked_tags
from plantwright.sources.trying import for_people, try_device

AT_ONCE = 2
LOOK_SECONDS = 20.0
BUSY_RETRY_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Look:
    """Who looks at what: a saved source, a device that is not saved, or a saved one with other settings."""

    tenant_id: UUID
    source_id: UUID | None
    device: Device | None
    keeps_credentials: bool = False


@dataclass(frozen=True, slots=True)
class _Target:
    device: Device
    source: IngestSource
    tags: Sequence[TagMapping]
    identity: ClientIdentity | None


class SourceDoor:
    """`database` is of the `app` role."""

    def __init__(self, database: Database, tools: Tools, public_url: str) -> None:
        self.tools = tools
        self._database = database
        self._public_url = public_url
        self._looking: Counter[UUID] = Counter()

    async def test(self, look: Look, tags: Sequence[TagDraft] | None) -> Report:
        """
        Raises:
            NotFound: no such source in this tenant.
            ValidationFailed: the settings or the tags break a rule.
            Conflict: the stored credentials cannot be opened.
            TooManyAttempts: this tenant looks at other devices already.
        """
        async with self._turn(look.tenant_id):
            target = await self._target(look)
            mappings = target.tags if tags is None else checked_tags(target.source, target.device, "-", tags)
            return await try_device(self.tools.guard, target.device, mappings, target.identity, seconds=LOOK_SECONDS)

    async def browse(self, look: Look, node_id: str | None) -> list[BrowsedNode]:
        """One level below the node, or below the Objects folder.

        Raises:
            As `test`, and ValidationFailed when the server cannot be reached or refuses.
        """
        async with self._turn(look.tenant_id):
            target = await self._target(look, SourceProtocol.OPC_UA)
            device = target.device
            with _told_to_the_caller():
                async with AsyncExitStack() as stack:
                    await stack.enter_async_context(asyncio.timeout(LOOK_SECONDS))
                    reach = await stack.enter_async_context(reached(self.tools.guard, device, target.identity))
                    connection = opcua_connection(device, reach.host, reach.files)
                    return await browse(connection, node_id, limit=MAX_BROWSED)

    async def probe(
        self, look: Look, table: RegisterType, address: int, count: int, unit_id: int | None
    ) -> list[ProbedAddress]:
        """
        Raises:
            As `test`, and ValidationFailed when the device cannot be reached.
        """
        if not 1 <= count <= MAX_PROBED:
            raise ValidationFailed(f"count is between 1 and {MAX_PROBED}.", ["count"])
        async with self._turn(look.tenant_id):
            target = await self._target(look, SourceProtocol.MODBUS_TCP)
            with _told_to_the_caller():
                async with asyncio.timeout(LOOK_SECONDS):
                    host = await checked_host(self.tools.guard, target.device)
                    connection = modbus_connection(target.device, host)
                    return await probe(connection, table, address, count, unit_id)

    @asynccontextmanager
    async def _turn(self, tenant_id: UUID) -> AsyncGenerator[None]:
        if self._looking[tenant_id] >= AT_ONCE:
            raise TooManyAttempts(
                f"{AT_ONCE} devices are being looked at already. Wait for one of them.", BUSY_RETRY_SECONDS
            )
        self._looking[tenant_id] += 1
        try:
            yield
        finally:
            self._looking[tenant_id] -= 1
            if not self._looking[tenant_id]:
                del self._looking[tenant_id]

    async def _target(self, look: Look, protocol: SourceProtocol | None = None) -> _Target:
        source: IngestSource | None = None
        tags: Sequence[TagMapping] = ()
        async with self._database.transaction(look.tenant_id) as work:
            if look.source_id is None:
                device = look.device
            else:
                source = await service.require(work, look.source_id)
                tags = await repository.tags_of(work, source.id)
                device = self._device_of(look, source)
            if device is None:
                raise ValidationFailed("Say how the device is reached.", ["id"])
            if protocol is not None and device.protocol is not protocol:
                raise ValidationFailed(f"This is for sources of the protocol {protocol.name}.", ["id"])
            check_device(device)
            self.tools.guard.check_literal(*device.host_and_port)
            identity = None
            if device.is_secured:
                identity = await own_identity(work, self.tools.vault, self._public_url)
        return _Target(device, source or _unsaved(look.tenant_id, device), tags, identity)

    def _device_of(self, look: Look, source: IngestSource) -> Device:
        if look.device is None:
            return stored_device(self.tools.vault, source)
        interval = source.settings["poll_interval"]
        device = replace(look.device, settings={**look.device.settings, "poll_interval": interval})
        return with_stored_credentials(self.tools.vault, source, device) if look.keeps_credentials else device


@contextmanager
def _told_to_the_caller() -> Generator[None]:
    """What a device refuses, as something that the caller can put right."""
    try:
        yield
    except (PermanentInputError, RetryableInputError, ValueError) as error:
        raise ValidationFailed(f"{for_people(error)}.", ["address"]) from error
    except TimeoutError:
        raise ValidationFailed(f"No answer within {LOOK_SECONDS:g} seconds.", ["address"]) from None


def _unsaved(tenant_id: UUID, device: Device) -> IngestSource:
    return IngestSource(
        tenant_id=tenant_id,
        id=uuid4(),
        name="-",
        machine_id=uuid4(),
        protocol=device.protocol.value,
        address=device.address,
        settings=device.settings,
    )
