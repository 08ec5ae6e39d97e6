"""From a stored device to a connection that may be made: the address checked, the certificates laid ready."""

import asyncio
import os
import tempfile
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from plantwright_agent.errors import PermanentInputError, RetryableInputError
from plantwright_agent.inputs.opcua.certificates import decode, fingerprint
from plantwright_agent.inputs.opcua.trust import OfferedEndpoint, server_certificates

from plantwright.core.errors import DomainError
from plantwright.sources.addresses import DeviceGuard
from plantwright.sources.certificate import ClientIdentity
from plantwright.sources.configuration import NO_FILES, ClientFiles, Device

NOT_CONFIRMED = (
    "nobody has confirmed the server's certificate yet: test the source, compare the fingerprint with what the server "
    "shows, and give it as serverFingerprint"
)


@dataclass(frozen=True, slots=True)
class Reach:
    """`host` is the address that was checked, to be connected to in place of the name."""

    host: str
    files: ClientFiles = NO_FILES


async def checked_host(guard: DeviceGuard, device: Device) -> str:
    """
    Raises:
        PermanentInputError: the server does not connect there.
        RetryableInputError: the name leads nowhere now.
    """
    try:
        return await guard.checked(*device.host_and_port)
    except DomainError as error:
        raise PermanentInputError(error.message) from error
    except OSError as error:
        raise RetryableInputError(str(error)) from error


async def offers_of(device: Device, host: str) -> list[OfferedEndpoint]:
    """What the server at the checked address offers.

    Raises:
        PermanentInputError, RetryableInputError: it does not say.
    """
    return await server_certificates(device.at(host), device.settings["timeout"])


def offered_certificate(offers: Sequence[OfferedEndpoint]) -> bytes | None:
    """The server's own certificate as DER, without its chain."""
    shown = next((offer.certificate for offer in offers if offer.certificate), b"")
    return decode(shown)[0].public_bytes(serialization.Encoding.DER) if shown else None


def require_confirmed(device: Device, shown: bytes | None) -> bytes:
    """The certificate, when it is the one that a person confirmed.

    Raises:
        PermanentInputError: it is not, or there is none.
    """
    if shown is None:
        raise PermanentInputError("the server shows no certificate: it offers no security")
    found = fingerprint(decode(shown)[0]).replace(":", "").lower()
    if device.fingerprint is None:
        raise PermanentInputError(f"{NOT_CONFIRMED} (it shows {found})")
    if found != device.fingerprint:
        raise PermanentInputError(
            f"the server shows another certificate than the confirmed one: {found} instead of {device.fingerprint}. "
            "Find out why before you confirm it; nothing was sent to it"
        )
    return shown


@asynccontextmanager
async def laid_files(
    identity: ClientIdentity, server: bytes, user: ClientIdentity | None
) -> AsyncGenerator[ClientFiles]:
    """The certificates as files that only this process's user can read, for as long as the block lasts."""
    folder = await asyncio.to_thread(tempfile.TemporaryDirectory, prefix="plantwright-source-")
    try:
        files = ClientFiles.within(Path(folder.name))
        contents = {
            files.certificate: identity.certificate,
            files.private_key: identity.private_key.encode(),
            files.server_certificate: server,
        }
        if user is not None:
            contents |= {files.user_certificate: user.certificate, files.user_private_key: user.private_key.encode()}
        for place, content in contents.items():
            await asyncio.to_thread(_write, place, content)
        yield files
    finally:
        await asyncio.to_thread(folder.cleanup)


@asynccontextmanager
async def reached(guard: DeviceGuard, device: Device, identity: ClientIdentity | None) -> AsyncGenerator[Reach]:
    """All that a connection needs, for as long as it lasts. `identity` is for secured OPC UA.

    Raises:
        PermanentInputError: a person has to change something.
        RetryableInputError: it may go later.
    """
    host = await checked_host(guard, device)
    if not device.is_secured or identity is None:
        yield Reach(host)
        return
    server = require_confirmed(device, offered_certificate(await offers_of(device, host)))
    async with laid_files(identity, server, device.user) as files:
        yield Reach(host, files)


def _write(path: Path, content: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
