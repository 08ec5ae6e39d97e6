"""The plant as a whole: its ports, and what it does with a control file it cannot read."""

import asyncio
from pathlib import Path

import pytest
from plantwright.demo.fault_store import FaultStore
from plantwright.demo.files import file_of
from plantwright.demo.machines import find_machine
from plantwright.demo.plant import Plant, PortUnusable

from tests.backend.demo.support import drop_link, wait_until

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_second_plant_on_the_same_port_is_told_so(plant: Plant, plant_dir: Path) -> None:
    with pytest.raises(PortUnusable, match=str(plant.modbus_port)):
        Plant(plant_dir, opcua_port=0, modbus_port=plant.modbus_port)


async def test_free_ports_are_chosen_and_told(plant: Plant) -> None:
    for port in (plant.opcua_port, plant.modbus_port):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.close()
        await writer.wait_closed()


@pytest.mark.usefixtures("plant")
async def test_a_damaged_control_file_leaves_the_faults_as_they_were(plant_dir: Path, store: FaultStore) -> None:
    still, moving = (file_of(plant_dir, find_machine(name)) for name in ("CONVEYOR-401", "CONVEYOR-402"))
    drop_link(store, "CONVEYOR-401")

    async def is_still() -> bool:
        before = still.stat().st_mtime_ns
        await asyncio.sleep(1.2)
        return still.stat().st_mtime_ns == before

    await wait_until(is_still)
    store.path.write_text("{")
    moved = moving.stat().st_mtime_ns
    try:
        await asyncio.sleep(1.0)
        assert await is_still()
        assert moving.stat().st_mtime_ns > moved
    finally:
        store.path.unlink()
