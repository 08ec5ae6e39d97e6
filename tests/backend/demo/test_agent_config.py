"""The written configuration is what the agent itself accepts, and it names every metric once."""

import stat
from pathlib import Path

import pytest
from plantwright.demo.agent_config import write_agent_config
from plantwright.demo.credentials import Credentials
from plantwright.demo.machines import MACHINES
from plantwright_agent.configuration.config import Config, load_config


@pytest.fixture
def path(plant_dir: Path, credentials: Credentials, tmp_path: Path) -> Path:
    file = tmp_path / "agent" / "agent.toml"
    write_agent_config(
        file,
        data_dir=plant_dir,
        api_url="http://127.0.0.1:8000",
        api_key='hk_"quoted\\',
        buffer_dir=tmp_path / "buffer",
        opcua_port=4841,
        modbus_port=5021,
    )
    return file


def metrics_of(config: Config) -> list[tuple[str | None, str | None]]:
    found: list[tuple[str | None, str | None]] = []
    for source in config.source:
        if source.opcua is not None:
            found += [(node.machine_identifier, node.metric_name) for node in source.opcua.nodes]
        if source.modbus is not None:
            found += [(item.machine_identifier, item.metric_name) for item in source.modbus.registers]
        for columns in (source.csv, source.json):
            if columns is not None:
                found += [(source.machine_identifier, name) for name in columns.metrics]
    return found


def test_the_agent_accepts_it_with_every_metric_of_the_plant(path: Path) -> None:
    config = load_config(path, {})
    expected = [(machine.identifier, spec.name) for machine in MACHINES for spec in machine.metrics]
    assert sorted(metrics_of(config)) == sorted(expected)
    assert (config.agent.push_interval, config.agent.batch_size) == (0.5, 500)
    assert config.agent.api_key.reveal() == 'hk_"quoted\\'


def test_it_points_at_the_given_ports_and_secures_opcua(path: Path) -> None:
    sources = {source.protocol: source for source in load_config(path, {}).source}
    opcua, modbus = sources["opcua"].opcua, sources["modbus"].modbus
    assert opcua is not None
    assert modbus is not None
    assert opcua.endpoint == "opc.tcp://127.0.0.1:4841/plantwright/demo"
    assert (opcua.security_mode, opcua.security_policy) == ("SignAndEncrypt", "Basic256Sha256")
    assert (modbus.host, modbus.port) == ("127.0.0.1", 5021)
    assert {register.unit_id for register in modbus.registers} == {1, 2}


def test_only_its_owner_can_read_what_holds_a_secret(path: Path, credentials: Credentials) -> None:
    secrets = [path, credentials.server_key, credentials.client_key, credentials.server_key.with_name("user.json")]
    assert [stat.S_IMODE(file.stat().st_mode) for file in secrets] == [0o600] * 4


def test_a_password_does_not_show_itself(credentials: Credentials) -> None:
    assert credentials.password not in repr(credentials)
