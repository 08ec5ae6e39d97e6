"""A trial shows first values and lets go of the device."""

from pathlib import Path

import msgspec
from plantwright_agent.errors import RetryableInputError
from plantwright_agent.inputs.modbus_tcp.config import ModbusConfig
from plantwright_agent.inputs.source import SourceConfig
from plantwright_agent.inputs.trial import trial

from tests.agent.modbus_plant import Plant, config
from tests.agent.peer import free_port
from tests.agent.support import until


def source(settings: ModbusConfig) -> SourceConfig:
    return SourceConfig(name="m", machine_identifier="PUMP-1", protocol="modbus", modbus=settings)


async def test_it_ends_with_the_first_value_of_each_tag() -> None:
    registers = [{"address": 0, "metric_name": "a"}, {"address": 20, "metric_name": "b"}]
    async with Plant() as plant:
        found = await trial(source(config(plant.port, registers)), 30)
        assert {sample.tag.metric_name: sample.value for sample in found.samples.values()} == {"a": 100, "b": 7}
        assert (found.started, found.error) == (True, None)
        await until(lambda: plant.connections == 0)


async def test_a_device_that_is_not_there_is_an_error_and_no_exception() -> None:
    found = await trial(source(config(free_port(), [{"address": 0, "metric_name": "a"}])), 5)
    assert isinstance(found.error, RetryableInputError)
    assert not found.started
    assert found.samples == {}


async def test_what_is_refused_is_told(tmp_path: Path) -> None:
    registers = [{"address": 0, "metric_name": "a"}, {"address": 900, "metric_name": "b"}]
    async with Plant() as plant:
        found = await trial(source(config(plant.port, registers)), 5)
    assert [sample.tag.metric_name for sample in found.samples.values()] == ["a"]
    assert "illegal" in (found.trouble + "".join(found.refusals.values())).lower()


async def test_a_device_that_says_nothing_ends_with_the_time() -> None:
    async with Plant() as plant:
        plant.silent.add(1)
        settings = msgspec.structs.replace(config(plant.port, [{"address": 0, "metric_name": "a"}]), timeout=60.0)
        found = await trial(source(settings), 0.5)
        assert (found.samples, found.started) == ({}, True)
        plant.silent.clear()
