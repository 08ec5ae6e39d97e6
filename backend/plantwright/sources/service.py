"""Making, changing, pausing and deleting sources, and mapping their tags."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from plantwright.assets import repository as assets
from plantwright.assets.models import Machine
from plantwright.core.clock import utc_now
from plantwright.core.database import UnitOfWork
from plantwright.core.errors import Conflict, NotFound, ValidationFailed
from plantwright.core.text import bounded_text
from plantwright.core.vault import Vault
from plantwright.journal.service import Journal
from plantwright.sources import facts, repository
from plantwright.sources.addresses import DeviceGuard
from plantwright.sources.configuration import Device, check_device
from plantwright.sources.credentials import sealed, stored_device, with_stored_credentials
from plantwright.sources.facts import source_fact, tags_fact
from plantwright.sources.limits import SOURCE_LIMITS
from plantwright.sources.models import IngestSource, SourceProtocol, SourceRuntime
from plantwright.sources.tags import TagDraft, checked_tags, merged_tags

LONGEST_NAME = 64
SOURCE_NOT_FOUND = "Ingest source not found."
MACHINE_NOT_FOUND = "Machine not found."
_NAMES: Final = {SourceProtocol.OPC_UA: "OPC UA", SourceProtocol.MODBUS_TCP: "Modbus TCP"}


@dataclass(frozen=True, slots=True)
class Tools:
    """What the verbs need besides a unit of work."""

    journal: Journal
    vault: Vault
    guard: DeviceGuard


async def create(
    work: UnitOfWork,
    tools: Tools,
    actor_id: UUID,
    *,
    machine_id: UUID,
    device: Device,
    name: str | None = None,
    tags: Sequence[TagDraft] = (),
    is_paused: bool = False,
) -> IngestSource:
    """
    Raises:
        ValidationFailed: a setting, an address or a tag breaks a rule, or the tier has no room for another source.
        NotFound: no such machine in this tenant.
        Conflict: the name is taken.
    """
    machine = await _require_machine(work, machine_id)
    check_device(device)
    await tools.guard.check_to_save(*device.host_and_port)
    await _require_room(work)
    source = IngestSource(
        tenant_id=work.tenant_id,
        name=_name(name) if name is not None else await _free_name(work, machine, device.protocol),
        machine_id=machine.id,
        protocol=device.protocol.value,
        address=device.address,
        settings=device.settings,
        is_paused=is_paused,
        created_by=actor_id,
        updated_by=actor_id,
    )
    source.credentials = sealed(tools.vault, source, device)
    mappings = checked_tags(source, device, machine.identifier, tags)
    work.session.add(source)
    await _flush(work)
    work.session.add(
        SourceRuntime(tenant_id=work.tenant_id, source_id=source.id, is_wanted=not is_paused, version=source.version)
    )
    await repository.replace_tags(work, source.id, mappings)
    await repository.follow(work, source)
    details = {
        "settings": source.settings,
        "has_password": device.password is not None,
        "has_user_certificate": device.user is not None,
        "is_paused": is_paused,
    }
    await tools.journal.append(work, source_fact(facts.CREATED, source, actor_id, details))
    if mappings:
        await tools.journal.append(work, tags_fact(source, actor_id, [], mappings))
    return source


async def update(
    work: UnitOfWork,
    tools: Tools,
    actor_id: UUID,
    source_id: UUID,
    *,
    expected_version: int,
    name: str | None = None,
    device: Device | None = None,
    poll_interval: float | None = None,
    keeps_credentials: bool = False,
) -> IngestSource:
    """Change the name, how the device is reached, or both; nothing is written when nothing differs.

    `poll_interval` wins over that of the device; without it the stored one stays.

    Raises:
        ValidationFailed: a rule is broken, or the credentials would go to another place than they were given
            for.
        NotFound: no such source in this tenant.
        Conflict: it changed since `expected_version`, or the name is taken.
    """
    source = await require(work, source_id, lock=True)
    _require_version(source, expected_version)
    before = {"name": source.name, "address": source.address, "settings": source.settings}
    wanted: dict[str, Any] = {} if name is None else {"name": _name(name)}
    has_new_credentials = False
    if device is None and poll_interval is not None:
        device = stored_device(tools.vault, source)
    elif device is not None and keeps_credentials:
        device = with_stored_credentials(tools.vault, source, device)
    if device is not None:
        interval = poll_interval if poll_interval is not None else source.settings["poll_interval"]
        device = replace(device, settings={**device.settings, "poll_interval": interval})
        await _check_change(work, tools, source, device)
        wanted |= {"address": device.address, "settings": device.settings}
        stored = stored_device(tools.vault, source)
        has_new_credentials = (device.password, device.user) != (stored.password, stored.user)
    differing = {key: {"old": before[key], "new": value} for key, value in wanted.items() if before[key] != value}
    if not differing and not has_new_credentials:
        return source
    for key, change in differing.items():
        setattr(source, key, change["new"])
    if device is not None and has_new_credentials:
        source.credentials = sealed(tools.vault, source, device)
    await _changed(work, source, actor_id)
    details = {"changes": differing, "credentials_changed": has_new_credentials}
    await tools.journal.append(work, source_fact(facts.UPDATED, source, actor_id, details))
    return source


async def set_paused(
    work: UnitOfWork, tools: Tools, actor_id: UUID, source_id: UUID, *, is_paused: bool
) -> IngestSource:
    """Nothing is written when it is so already.

    Raises:
        NotFound: no such source in this tenant.
    """
    source = await require(work, source_id, lock=True)
    if source.is_paused != is_paused:
        source.is_paused = is_paused
        await _changed(work, source, actor_id)
        action = facts.PAUSED if is_paused else facts.RESUMED
        await tools.journal.append(work, source_fact(action, source, actor_id, {}))
    return source


async def delete(work: UnitOfWork, tools: Tools, actor_id: UUID, source_id: UUID) -> IngestSource:
    """The readings stay; the polling ends with the next look at the lease.

    Raises:
        NotFound: no such source in this tenant.
    """
    source = await require(work, source_id, lock=True)
    work.session.expunge(source)
    await repository.remove(work, source_id)
    await tools.journal.append(work, source_fact(facts.DELETED, source, actor_id, {}))
    return source


async def set_tags(
    work: UnitOfWork,
    tools: Tools,
    actor_id: UUID,
    source_id: UUID,
    tags: Sequence[TagDraft],
    *,
    keeps_others: bool,
    expected_version: int | None = None,
) -> IngestSource:
    """Replace all mappings, or with `keeps_others` only those of the given tags.

    Raises:
        ValidationFailed: a mapping breaks a rule; says which.
        NotFound: no such source in this tenant.
        Conflict: it changed since `expected_version`.
    """
    source = await require(work, source_id, lock=True)
    if expected_version is not None:
        _require_version(source, expected_version)
    before = await repository.tags_of(work, source_id)
    if keeps_others:
        tags = merged_tags(before, tags)
    machine = await _require_machine(work, source.machine_id)
    device = stored_device(tools.vault, source)
    mappings = checked_tags(source, device, machine.identifier, tags)
    if [one.model_dump() for one in before] == [one.model_dump() for one in mappings]:
        return source
    fact = tags_fact(source, actor_id, before, mappings)
    await repository.replace_tags(work, source_id, mappings)
    await _changed(work, source, actor_id)
    await tools.journal.append(work, replace(fact, payload={**fact.payload, "version": source.version}))
    return source


async def only_source_of(work: UnitOfWork, machine_id: UUID) -> IngestSource:
    """
    Raises:
        NotFound: no such machine in this tenant, or it has no source.
        ValidationFailed: it has several sources.
    """
    await _require_machine(work, machine_id)
    sources = await repository.of_machine(work, machine_id)
    if not sources:
        raise NotFound("This machine has no ingest source yet: make one first.", ["machineId"])
    if len(sources) > 1:
        raise ValidationFailed("This machine has several ingest sources: say which one.", ["sourceId"])
    return sources[0]


async def require(work: UnitOfWork, source_id: UUID, *, lock: bool = False) -> IngestSource:
    """
    Raises:
        NotFound: no such source in this tenant.
    """
    source = await repository.get(work, source_id, lock=lock)
    if source is None:
        raise NotFound(SOURCE_NOT_FOUND, ["id"])
    return source


async def _require_machine(work: UnitOfWork, machine_id: UUID) -> Machine:
    machine = await assets.get_machine(work, machine_id)
    if machine is None:
        raise NotFound(MACHINE_NOT_FOUND, ["machineId"])
    return machine


async def _require_room(work: UnitOfWork) -> None:
    tier, sources = await repository.lock_sources(work)
    if sources >= SOURCE_LIMITS[tier]:
        raise ValidationFailed(f"The tenant has {sources:,} ingest sources, the most its tier allows.", ["machineId"])


async def _free_name(work: UnitOfWork, machine: Machine, protocol: SourceProtocol) -> str:
    """The machine and the protocol; numbered when that is taken. The lock on the number of sources is held."""
    name = f"{machine.identifier} {_NAMES[protocol]}"[:LONGEST_NAME]
    taken = await repository.names_like(work, name[: LONGEST_NAME - 5])
    if name not in taken:
        return name
    numbered = (f"{name[: LONGEST_NAME - 5]} {number}" for number in range(2, len(taken) + 3))
    return next(one for one in numbered if one not in taken)


async def _changed(work: UnitOfWork, source: IngestSource, actor_id: UUID) -> None:
    source.version += 1
    source.updated_at = utc_now()
    source.updated_by = actor_id
    work.session.add(source)
    await _flush(work)
    await repository.follow(work, source)


async def _flush(work: UnitOfWork) -> None:
    try:
        await work.session.flush()
    except IntegrityError as error:
        raise Conflict("An ingest source with this name already exists.", ["name"]) from error


async def _check_change(work: UnitOfWork, tools: Tools, source: IngestSource, device: Device) -> None:
    if source.protocol != device.protocol.value:
        raise ValidationFailed("A source keeps its protocol: make another one and delete this one.", ["protocol"])
    check_device(device)
    await tools.guard.check_to_save(*device.host_and_port)
    machine = await _require_machine(work, source.machine_id)
    drafts = [TagDraft.of(mapping) for mapping in await repository.tags_of(work, source.id)]
    checked_tags(source, device, machine.identifier, drafts)


def _require_version(source: IngestSource, expected: int) -> None:
    if source.version != expected:
        raise Conflict(
            f"This source was changed meanwhile: it is at version {source.version}, your change was made to version "
            f"{expected}. Load it again and repeat the change.",
            ["expectedVersion"],
        )


def _name(text: str) -> str:
    return bounded_text(text, "name", shortest=1, longest=LONGEST_NAME)
