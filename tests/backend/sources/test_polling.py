"""Sources are polled, by one worker each, as long as they are wanted."""

from tests.agent.modbus_plant import Plant as ModbusPlant
from tests.backend.sources.conftest import Doors, Log, Workers
from tests.backend.sources.waiting import until


async def test_what_a_device_says_is_stored_and_shown(
    doors: Doors, workers: Workers, modbus: ModbusPlant, log: Log
) -> None:
    source = await doors.modbus(modbus)
    assert source["status"]["state"] == "WAITING"
    await workers.start()

    async def is_stored() -> bool:
        return len(await log.readings("speed")) >= 2

    await until(is_stored)

    async def is_shown() -> bool:
        status = (await doors.get(source["id"]))["status"]
        return bool(status["state"] == "OK" and status["readings"] >= 2)

    await until(is_shown)
    shown = await doors.get(source["id"])
    assert {row["value"] for row in await log.readings("speed")} == {100.0}
    assert shown["status"]["lastError"] is None, shown
    assert shown["status"]["lastReadingAt"] is not None
