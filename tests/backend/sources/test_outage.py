"""The database goes away while devices talk."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from plantwright.assets.series import SeriesCache
from plantwright.core.database import Database
from plantwright.core.settings import Settings
from plantwright.core.vault import Purpose, Vault
from plantwright.readings.ingest.writer import GroupCommitWriter
from plantwright.sources import lease, polled, sink
from plantwright.sources.addresses import DeviceGuard, parse_networks
from plantwright.sources.polling import SourcePolling
from plantwright.sources.sink import Room, Stores

from tests.agent.modbus_plant import Plant as ModbusPlant
from tests.backend.relay import Relay, relayed
from tests.backend.sources.conftest import NETWORKS, QUICK, Doors, Log
from tests.backend.sources.waiting import until


@dataclass
class Line:
    """Polling over a line to the database that can be cut."""

    relay: Relay
    polling: SourcePolling


@pytest.fixture
async def line(settings: Settings) -> AsyncIterator[Line]:
    async with relayed(settings.role_url("worker")) as (relay, worker_url):
        ingest_url = f"{settings.role_url('ingest').rpartition('@')[0]}@{worker_url.rpartition('@')[2]}"
        database = Database(worker_url, pool_size=3)
        writer = GroupCommitWriter(ingest_url, lambda _: None)
        stores = Stores(database, SeriesCache(database), writer, Room())
        polling = SourcePolling(
            stores,
            DeviceGuard(parse_networks(NETWORKS)),
            Vault(Purpose.SOURCES, settings.key_material()),
            beat_seconds=0.3,
            patience=QUICK,
        )
        await writer.start()
        await polling.start()
        yield Line(relay, polling)
        await polling.stop()
        await writer.stop()
        await database.close()


async def stored(log: Log) -> int:
    return len(await log.readings("speed"))


async def test_a_short_outage_loses_nothing(doors: Doors, line: Line, modbus: ModbusPlant, log: Log) -> None:
    """Shorter than the lease: polling goes on, and what was read meanwhile is stored afterwards."""
    source = await doors.modbus(modbus)

    async def is_running() -> bool:
        return await stored(log) >= 2

    await until(is_running)
    await line.relay.cut()
    asked = len(modbus.requests)
    seen = await stored(log)
    await asyncio.sleep(4)
    polled_meanwhile = len(modbus.requests) - asked
    assert polled_meanwhile >= 3
    assert await stored(log) == seen
    await line.relay.join()

    async def is_caught_up() -> bool:
        return await stored(log) >= len(modbus.requests) - 1

    await until(is_caught_up)
    assert (await doors.get(source["id"]))["status"]["readings"] <= await stored(log)
    times = [row["time"] for row in await log.readings("speed")]
    assert len(times) == len(set(times))


async def test_a_long_outage_ends_the_polling_in_time_and_is_a_gap(
    doors: Doors, line: Line, modbus: ModbusPlant, log: Log
) -> None:
    """What was read before polling stopped is stored afterwards, since nobody else has taken the source."""
    source = await doors.modbus(modbus)

    async def is_running() -> bool:
        return await stored(log) >= 2

    await until(is_running)
    await line.relay.cut()

    async def has_stopped() -> bool:
        return modbus.connections == 0

    await until(has_stopped, lease.LEASE_SECONDS)
    asked = len(modbus.requests)
    await asyncio.sleep(2)
    assert len(modbus.requests) == asked
    await line.relay.join()

    async def goes_on() -> bool:
        return await stored(log) > asked

    await until(goes_on, 30)
    times = [row["time"] for row in await log.readings("speed")]
    assert len(times) == len(set(times)) >= asked

    async def is_told() -> bool:
        gaps = (await doors.get(source["id"]))["gaps"]
        return polled.LEASE_LATE in [gap["reason"] for gap in gaps]

    await until(is_told)


async def test_what_does_not_fit_is_a_gap_with_its_number(
    doors: Doors, line: Line, modbus: ModbusPlant, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sink, "MAX_WAITING", 2)
    source = await doors.modbus(modbus)

    async def is_running() -> bool:
        return await stored(log) >= 2

    await until(is_running)
    await line.relay.cut()
    await asyncio.sleep(6)
    await line.relay.join()

    async def is_told() -> bool:
        gaps = (await doors.get(source["id"]))["gaps"]
        return any(gap["reason"] == sink.NOT_STORED and gap["count"] >= 1 for gap in gaps)

    await until(is_told)
