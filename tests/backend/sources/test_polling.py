"""Sources are polled, by one worker each, as long as they are wanted."""

import asyncio
from functools import partial

from tests.agent.modbus_plant import Plant as ModbusPlant
from tests.backend.sources.conftest import Doors, Log, Workers
from tests.backend.sources.waiting import until


async def stored(log: Log, at_least: int) -> bool:
    return len(await log.readings("speed")) >= at_least


async def test_what_a_device_says_is_stored_and_shown(
    doors: Doors, workers: Workers, modbus: ModbusPlant, log: Log
) -> None:
    source = await doors.modbus(modbus)
    assert source["status"]["state"] == "WAITING"
    await workers.start()
    await until(partial(stored, log, 2))

    async def is_shown() -> bool:
        status = (await doors.get(source["id"]))["status"]
        return bool(status["state"] == "OK" and status["readings"] >= 2)

    await until(is_shown)
    shown = await doors.get(source["id"])
    assert {row["value"] for row in await log.readings("speed")} == {100.0}
    assert shown["status"]["lastError"] is None, shown
    assert shown["status"]["lastReadingAt"] is not None


async def test_pausing_lets_go_of_the_device_and_resuming_goes_on(
    doors: Doors, workers: Workers, modbus: ModbusPlant, log: Log
) -> None:
    source = await doors.modbus(modbus)
    polling = await workers.start()
    await until(partial(stored, log, 1))
    answer = await doors.call("pauseIngestSource", {"id": source["id"]}, "source { ...S }")
    assert answer["source"]["status"]["state"] == "PAUSED"

    async def is_let_go() -> bool:
        return not polling.held and modbus.connections == 0

    await until(is_let_go)
    before = len(modbus.requests)
    await asyncio.sleep(2.5)
    assert len(modbus.requests) == before
    seen = len(await log.readings("speed"))
    await doors.call("resumeIngestSource", {"id": source["id"]}, "source { ...S }")
    await until(partial(stored, log, seen + 1))


async def test_a_source_made_paused_never_connects(doors: Doors, workers: Workers, modbus: ModbusPlant) -> None:
    await doors.modbus(modbus, isPaused=True)
    polling = await workers.start()
    await asyncio.sleep(1.5)
    assert (polling.held, modbus.requests, modbus.connections) == (frozenset(), [], 0)


async def test_deletion_ends_the_polling_and_keeps_the_readings(
    doors: Doors, workers: Workers, modbus: ModbusPlant, log: Log
) -> None:
    source = await doors.modbus(modbus)
    polling = await workers.start()
    await until(partial(stored, log, 1))
    answer = await doors.call("deleteIngestSource", {"id": source["id"]}, "id")
    assert answer == {"__typename": "DeleteIngestSourceSuccess", "id": source["id"]}

    async def is_let_go() -> bool:
        return not polling.held and modbus.connections == 0

    await until(is_let_go)
    assert await log.readings("speed")
    assert await doors.get(source["id"]) is None


async def test_a_changed_mapping_counts_at_once(doors: Doors, workers: Workers, modbus: ModbusPlant, log: Log) -> None:
    source = await doors.modbus(modbus)
    await workers.start()
    await until(partial(stored, log, 1))
    mappings = [{"tag": "holding:2", "metricName": "pressure", "unit": "bar", "dataType": "FLOAT32", "offset": 0.5}]
    answer = await doors.call("setTagMappings", {"sourceId": source["id"], "mappings": mappings}, "source { ...S }")
    assert answer["source"]["version"] == 2

    async def is_read() -> bool:
        return [row["value"] for row in await log.readings("pressure")][:1] == [22.0]

    await until(is_read)

    async def is_shown() -> bool:
        return bool((await doors.get(source["id"]))["status"]["state"] == "OK")

    await until(is_shown)


async def test_a_device_that_goes_away_is_a_gap_and_comes_back(
    doors: Doors, workers: Workers, modbus: ModbusPlant, log: Log
) -> None:
    source = await doors.modbus(modbus)
    await workers.start()
    await until(partial(stored, log, 1))
    modbus.silent.add(1)

    async def is_troubled() -> bool:
        shown = await doors.get(source["id"])
        return bool(shown["status"]["state"] == "RECOVERABLE" and shown["gaps"])

    await until(is_troubled, 30)
    assert "unit 1" in (await doors.get(source["id"]))["status"]["lastError"]
    seen = len(await log.readings("speed"))
    modbus.silent.clear()
    await until(partial(stored, log, seen + 2), 60)


async def test_what_the_log_refuses_is_told(doors: Doors, workers: Workers, modbus: ModbusPlant, log: Log) -> None:
    """A series has one unit; the other metric of the source goes on."""
    source = await doors.modbus(modbus)
    await workers.start()
    await until(partial(stored, log, 1))
    mappings = [
        {"tag": "holding:0", "metricName": "speed", "unit": "Hz"},
        {"tag": "holding:20", "metricName": "load", "unit": "%"},
    ]
    await doors.call("setTagMappings", {"sourceId": source["id"], "mappings": mappings}, "source { ...S }")

    async def is_told() -> bool:
        status = (await doors.get(source["id"]))["status"]
        return "Unit must be 'rpm'" in (status["lastError"] or "") and bool(await log.readings("load"))

    await until(is_told)


async def test_a_network_that_is_no_longer_listed_is_not_connected_to(
    doors: Doors, workers: Workers, modbus: ModbusPlant
) -> None:
    """Saved while the list was longer; the process that polls checks for itself."""
    source = await doors.modbus(modbus)
    await workers.start(networks="10.0.0.0/8")

    async def is_refused() -> bool:
        status = (await doors.get(source["id"]))["status"]
        return status["state"] == "PERMANENT" and "PLANTWRIGHT_SOURCE_NETWORKS" in status["lastError"]

    await until(is_refused)
    assert modbus.requests == []
