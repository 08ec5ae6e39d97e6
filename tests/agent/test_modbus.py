"""Modbus TCP against real servers: values, refusals, a silent unit, and a peer that takes the call and says nothing."""

import asyncio
import math
from pathlib import Path

import pytest
from plantwright_agent.inputs.modbus_tcp import input as module
from plantwright_agent.inputs.modbus_tcp.blocks import plan
from pymodbus.constants import ExcCodes

from tests.agent.modbus_plant import ONE, Plant, config, polling
from tests.agent.support import buffered, rows, until

ALL = [
    {"address": 0, "metric_name": "scaled", "scale": 0.1, "offset": -4.0, "unit": "bar"},
    {"address": 1, "metric_name": "signed", "data_type": "int16"},
    {"address": 2, "metric_name": "f32", "data_type": "float32"},
    {"address": 4, "metric_name": "swapped", "data_type": "uint32", "word_order": "little"},
    {"address": 6, "metric_name": "f64", "data_type": "float64"},
    {"address": 20, "metric_name": "far"},
]


async def test_values_of_every_type_arrive_in_few_reads_and_nothing_is_written(folder: Path) -> None:
    async with Plant() as plant, polling(folder, config(plant.port, ALL)) as source:
        await until(lambda: len(buffered(folder)) >= 6)
        await until(lambda: source.health.state == "ok")
        assert plant.functions == {3}
    values = {item["metric_name"]: item["value"] for item in buffered(folder)[:6]}
    assert values["scaled"] == pytest.approx(6.0)
    assert (values["signed"], values["f32"], values["swapped"], values["far"]) == (-100, 21.5, 65_538, 7)
    assert values["f64"] == pytest.approx(1234.5678)
    assert buffered(folder)[0]["unit"] == "bar"
    assert [(block.start, block.count) for block in plan(config(1, ALL), "M")] == [(0, 10), (20, 1)]


def test_no_write_function_is_in_the_code() -> None:
    source = "".join(path.read_text() for path in Path(module.__file__).parent.glob("*.py"))
    assert "write_" not in source
    assert "mask_" not in source


def test_blocks_stay_within_what_one_request_may_read() -> None:
    many = [{"address": number, "metric_name": f"m{number}"} for number in range(300)]
    blocks = plan(config(1, many), "M")
    assert [block.count for block in blocks] == [125, 125, 50]


async def test_a_border_in_the_register_map_is_found_and_read_around(folder: Path) -> None:
    registers = [{"address": 20, "metric_name": "there"}, {"address": 21, "metric_name": "not_there"}]
    async with Plant() as plant, polling(folder, config(plant.port, registers)) as source:
        await until(lambda: len(buffered(folder)) >= 2)
        await until(lambda: "holding 21..21: Modbus exception 2" in source.health.error)
    assert {item["metric_name"] for item in buffered(folder)} == {"there"}
    assert ("unit 1 holding 21..21",) in rows(folder, "SELECT tag FROM gap")


async def test_one_silent_unit_does_not_stop_the_others_and_comes_back(folder: Path) -> None:
    registers = [{"address": 0, "unit_id": unit, "metric_name": f"u{unit}"} for unit in (1, 2, 3)]

    def count(metric: str) -> int:
        return sum(item["metric_name"] == metric for item in buffered(folder))

    async with Plant((1, 2, 3)) as plant, polling(folder, config(plant.port, registers)) as source:
        await until(lambda: count("u2") >= 2)
        plant.silent.add(2)
        await until(lambda: source.health.state == "recoverable")
        assert "unit 2: no answer within 0.3 s" in source.health.error
        before = count("u1"), count("u3"), count("u2")
        await until(lambda: count("u1") >= before[0] + 5 and count("u3") >= before[1] + 5)
        assert count("u2") == before[2]
        assert plant.asked[2] < plant.asked[1]
        plant.silent.clear()
        await until(lambda: count("u2") > before[2])
        await until(lambda: source.health.state == "ok")
    assert rows(folder, "SELECT reason FROM gap WHERE tag = 'unit 2'") == [("no answer within 0.3 s",)]


async def test_a_refusal_is_a_gap_and_ends_with_it(folder: Path) -> None:
    async with Plant() as plant, polling(folder, config(plant.port, ONE)) as source:
        await until(lambda: buffered(folder))
        plant.refuse[1] = ExcCodes.DEVICE_BUSY
        await until(lambda: source.health.state == "recoverable")
        assert "Modbus exception 6 (device busy)" in source.health.error
        plant.refuse.clear()
        await until(lambda: source.health.state == "ok")
    [(tag, reason, start, end)] = rows(folder, "SELECT tag, reason, start_ms, end_ms FROM gap")
    assert (tag, reason) == ("unit 1 holding 0..0", "Modbus exception 6 (device busy)")
    assert end > start


async def test_a_nan_in_a_register_leaves_a_gap_of_its_tag(folder: Path) -> None:
    registers = [{"address": 2, "data_type": "float32", "metric_name": "f32"}, *ONE]
    async with Plant() as plant:
        await plant.set(1, 2, [0x7FC0, 0])
        async with polling(folder, config(plant.port, registers)):
            await until(lambda: buffered(folder))
    assert {item["metric_name"] for item in buffered(folder)} == {"n"}
    assert rows(folder, "SELECT tag, reason FROM gap") == [("unit1_holding_2", "not a finite number")]
    assert not any(math.isnan(item["value"]) for item in buffered(folder))


async def test_a_half_open_peer_is_recoverable_within_its_timeout_while_another_source_goes_on(
    tmp_path: Path,
) -> None:
    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    mute = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    port = mute.sockets[0].getsockname()[1]
    good, bad = tmp_path / "good", tmp_path / "bad"
    async with Plant() as plant, polling(good, config(plant.port, ONE), "good") as well:
        await until(lambda: buffered(good))
        async with polling(bad, config(port, ONE), "bad") as ill:
            before = len(buffered(good))
            await until(lambda: ill.health.state == "recoverable", within=2.0)
            assert "unit 1: no answer within 0.3 s" in ill.health.error
            await until(lambda: len(buffered(good)) >= before + 5)
            await until(lambda: ill.health.restarts >= 2)
            assert well.health.state == "ok"
    assert rows(bad, "SELECT reason FROM gap") == [("the source could not be read",)]
    mute.close()
    await mute.wait_closed()


async def test_a_server_that_goes_away_leaves_one_gap_and_readings_resume(folder: Path) -> None:
    plant = Plant()
    settings = config(plant.port, ONE)
    async with plant, polling(folder, settings) as source:
        await until(lambda: buffered(folder))
        await plant.stop()
        await until(lambda: source.health.state == "recoverable")
        await until(lambda: f"cannot connect to 127.0.0.1:{plant.port}" in source.health.error)
        before = len(buffered(folder))
        async with plant:
            await until(lambda: len(buffered(folder)) > before)
            await until(lambda: source.health.state == "ok")
    [(reason, start, end)] = rows(folder, "SELECT reason, start_ms, end_ms FROM gap")
    assert reason == "the source could not be read"
    assert end > start
