"""An agent's input behind the server's checks: the address anew at each start, the certificates laid ready."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

from plantwright_agent.errors import PermanentInputError, RetryableInputError
from plantwright_agent.inputs.contract import Input
from plantwright_agent.inputs.registry import build_input
from plantwright_agent.inputs.trial import Nowhere
from plantwright_agent.samples import Collected

from plantwright.core.errors import DomainError
from plantwright.core.vault import Vault
from plantwright.sources.addresses import DeviceGuard
from plantwright.sources.certificate import ClientIdentity, opened
from plantwright.sources.configuration import Device, source_config
from plantwright.sources.credentials import stored_device
from plantwright.sources.models import IngestSource, OpcUaIdentity, TagMapping
from plantwright.sources.reach import reached
from plantwright.sources.trying import for_people

NO_CERTIFICATE = "this tenant has no certificate yet: test the source once, and it is made"


@dataclass(frozen=True, slots=True)
class StoredSource:
    """All that is stored of a source and needed to poll it; the secrets still encrypted."""

    source: IngestSource
    tags: Sequence[TagMapping]
    machine_identifier: str
    identity: OpcUaIdentity | None


class PolledInput:
    """Input contract: see `plantwright_agent.inputs.contract`."""

    def __init__(self, stored: StoredSource, guard: DeviceGuard, vault: Vault) -> None:
        self._stored = stored
        self._guard = guard
        self._vault = vault
        self._stack = AsyncExitStack()
        self._input: Input | None = None

    async def start(self) -> None:
        try:
            device = stored_device(self._vault, self._stored.source)
            reach = await self._stack.enter_async_context(reached(self._guard, device, self._identity(device)))
            stored = self._stored
            config = source_config(
                stored.source.id, device, stored.tags, stored.machine_identifier, host=reach.host, files=reach.files
            )
            self._input = build_input(config, Nowhere())
            await self._input.start()
        except DomainError as error:
            raise PermanentInputError(error.message) from error
        except PermanentInputError as error:
            raise PermanentInputError(for_people(error)) from error.__cause__
        except RetryableInputError as error:
            raise RetryableInputError(for_people(error)) from error.__cause__

    async def collect(self) -> AsyncIterator[Collected]:
        if self._input is None:
            return
        async for collected in self._input.collect():
            yield collected

    async def stop(self) -> None:
        if self._input is not None:
            await self._input.stop()
        await self._stack.aclose()

    def _identity(self, device: Device) -> ClientIdentity | None:
        if not device.is_secured:
            return None
        if self._stored.identity is None:
            raise PermanentInputError(NO_CERTIFICATE)
        return opened(self._stored.identity, self._vault)
