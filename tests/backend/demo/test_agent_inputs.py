"""The agent's own inputs, built from the written configuration, read every metric of the running plant."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import pytest
from plantwright.demo.agent_config import write_agent_config
from plantwright.demo.machines import MACHINES, find_machine
from plantwright.demo.plant import Plant
from plantwright.demo.signals import snapshot
from plantwright_agent.configuration.config import load_config
from plantwright_agent.inputs.registry import build_input
from plantwright_agent.inputs.source import SourceConfig
from plantwright_agent.samples import FilePosition, RawSample

pytestmark = pytest.mark.asyncio(loop_scope="session")

Key = tuple[str, str]


class FromTheStart:
    """Nothing has been read yet."""

    async def positions(self, stream: str) -> Mapping[str, FilePosition]:  # noqa: ARG002 - the agent's signature
        return {}


async def first_samples(source: SourceConfig) -> dict[Key, RawSample]:
    """One sample of each metric of a source."""
    wanted = {key for key in all_keys() if find_machine(key[0]).protocol in _PROTOCOLS[source.protocol]}
    found: dict[Key, RawSample] = {}
    reader = build_input(source, FromTheStart())
    await reader.start()
    try:
        async with asyncio.timeout(10):
            async for collected in reader.collect():
                assert collected.dead_letters == ()
                found |= {(s.tag.machine_identifier, s.tag.metric_name): s for s in collected.samples}
                if wanted <= found.keys():
                    break
    finally:
        await reader.stop()
    return found


_PROTOCOLS = {"opcua": {"opc_ua"}, "modbus": {"modbus_tcp"}, "csv": {"csv"}, "json": {"json"}}


def all_keys() -> set[Key]:
    return {(machine.identifier, spec.name) for machine in MACHINES for spec in machine.metrics}


async def test_every_metric_arrives_with_its_unit_and_value(plant: Plant, plant_dir: Path, tmp_path: Path) -> None:
    path = tmp_path / "agent.toml"
    write_agent_config(
        path,
        data_dir=plant_dir,
        api_url="http://127.0.0.1:8000",
        api_key="hk_test",
        buffer_dir=tmp_path / "buffer",
        opcua_port=plant.opcua_port,
        modbus_port=plant.modbus_port,
    )
    collected = await asyncio.gather(*(first_samples(source) for source in load_config(path, {}).source))
    samples = {key: sample for part in collected for key, sample in part.items()}
    assert samples.keys() == all_keys()
    for (identifier, metric), sample in samples.items():
        machine = find_machine(identifier)
        spec = next(spec for spec in machine.metrics if spec.name == metric)
        assert (sample.tag.unit, sample.quality) == (spec.unit, "good")
        assert isinstance(sample.value, int | float)
        value = sample.value * sample.tag.scale + sample.tag.offset
        second = int(sample.timestamp.timestamp()) * 1_000
        recent = [snapshot(machine, second - back)[metric] for back in (-1_000, 0, 1_000, 2_000)]
        assert any(value == pytest.approx(candidate, rel=1e-6) for candidate in recent)
