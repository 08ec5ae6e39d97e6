"""A configuration is taken whole or refused whole, and a refusal names file, key and reason."""

from pathlib import Path

import pytest
from plantwright_agent.cli.main import main
from plantwright_agent.configuration.config import Config, config_path, load_config
from plantwright_agent.errors import ConfigError

AGENT = """
[agent]
api_key = "hk_secret_value"
api_url = "https://plant.example.com"
buffer_dir = "buffer"
"""
MODBUS = """
[[source]]
name = "line-1"
machine_identifier = "PUMP-1"
protocol = "modbus_tcp"
[source.modbus]
host = "10.0.0.5"
[[source.modbus.registers]]
address = 0
metric_name = "pressure"
"""
CSV = """
[[source]]
name = "lab"
machine_identifier = "PUMP-1"
protocol = "csv"
[source.csv]
path = "lab.csv"
time_column = "time"
"""
OPCUA = """
[[source]]
name = "plc"
machine_identifier = "PUMP-1"
protocol = "opc_ua"
[source.opcua]
endpoint = "opc.tcp://10.0.0.6:4840"
[[source.opcua.nodes]]
node_id = "ns=2;i=1001"
metric_name = "temperature"
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "agent.toml"
    path.write_text(text, encoding="utf-8")
    return path


def load(folder: Path, text: str, **environment: str) -> Config:
    return load_config(write(folder, text), {f"PLANTWRIGHT_AGENT_{k}": v for k, v in environment.items()})


@pytest.mark.parametrize(
    ("text", "key", "reason"),
    [
        (AGENT.replace('api_key = "hk_secret_value"', "") + CSV, "agent.api_key", "is missing"),
        (AGENT + "batch_size = 10001\n" + CSV, "agent.batch_size", "<= 10000"),
        (AGENT + "bach_size = 10\n" + CSV, "agent.bach_size", 'did you mean "batch_size"?'),
        (AGENT.replace("https:", "http:") + CSV, "agent.api_url", "use https"),
        (AGENT.replace("https:", "ftp:") + CSV, "agent.api_url", "must be a URL"),
        (AGENT, "source", "at least one [[source]]"),
        (AGENT + CSV + CSV, "source[0].name", "more than one source"),
        (AGENT + CSV.replace('"csv"', '"json"'), "source[0].csv", 'does not belong to protocol "json"'),
        (AGENT + CSV.replace('"csv"', '"json"'), "source[0].json", "[source.json] is missing"),
        (AGENT + CSV.replace('"csv"', '"profibus"'), "source[0].protocol", 'must be one of "opcua", "modbus"'),
        (AGENT + CSV.replace('machine_identifier = "PUMP-1"', ""), "source[0].csv.metrics", "machine_identifier"),
        (AGENT + CSV + 'time_zone = "Mars/Base"\n', "source[0].csv.time_zone", "IANA"),
        (AGENT + MODBUS + "count = 2\n", "source[0].modbus.registers[0].data_type", "needed to read 2"),
        (AGENT + MODBUS + 'count = 1\ndata_type = "float32"\n', "source[0].modbus.registers[0].count", "takes 2"),
        (AGENT + MODBUS + 'register_type = "coyl"\n', "source[0].modbus.registers[0].register_type", 'not "coyl"'),
        (
            AGENT + OPCUA.replace("[[", 'certificate = "no.der"\n[[', 2)[1:],
            "source[0].opcua.certificate",
            "come together",
        ),
        (AGENT + OPCUA.replace("ns=2;i=1001", "temperature"), "source[0].opcua.nodes[0].node_id", "regex"),
        (
            AGENT
            + OPCUA.replace("[[source.opcua", 'security_mode = "None"\nusername = "a"\npassword = "b"\n[[source.opcua'),
            "source[0].opcua.security_mode",
            "in the clear",
        ),
        (AGENT + 'proxy = "//plant:hk_secret_value@proxy"' + "\n" + CSV, "agent.proxy", "must be a URL"),
        (AGENT + 'proxy = "http://plant:hk_secret_value@proxy:x"' + "\n" + CSV, "agent.proxy", "must be a URL"),
        (AGENT + 'proxy = "http://plant:hk_secret_value@[proxy"' + "\n" + CSV, "agent.proxy", "must be a URL"),
        ("[agent\n", "(file)", "is not valid TOML"),
    ],
)
def test_a_wrong_file_is_refused_with_file_key_and_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, key: str, reason: str
) -> None:
    path = write(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        load_config(path, {})
    found = [problem for problem in caught.value.problems if problem.key == key]
    assert found, caught.value.problems
    assert reason in found[0].reason
    assert main(["check", "--config", str(path)]) == 2
    printed = capsys.readouterr().err
    assert str(found[0]) in printed
    assert str(found[0]).startswith(f"{path}:")
    assert "hk_secret_value" not in printed


def test_all_broken_rules_are_named_at_once(tmp_path: Path) -> None:
    text = AGENT.replace("https:", "http:") + OPCUA.replace("ns=2;i=1001", "level")
    text += MODBUS + "[[source.modbus.registers]]\naddress = -1\n" + CSV.replace("time_column", "time_colum")
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text)
    assert [(problem.line, problem.key) for problem in caught.value.problems] == [
        (4, "agent.api_url"),
        (14, "source[0].opcua.nodes[0].node_id"),
        (26, "source[1].modbus.registers[1].metric_name"),
        (27, "source[1].modbus.registers[1].address"),
        (33, "source[2].csv.time_column"),
        (35, "source[2].csv.time_colum"),
    ]


def test_every_agent_setting_can_come_from_the_environment(tmp_path: Path) -> None:
    text = CSV
    config = load(
        tmp_path,
        text,
        API_KEY="hk_env",
        API_URL="http://localhost:8000",
        PUSH_INTERVAL="0.5",
        BATCH_SIZE="7",
        BUFFER_DIR="/srv/b",
        MAX_BUFFER_MB="12.5",
        LOG_LEVEL="debug",
    )
    agent = config.agent
    assert agent.api_key.reveal() == "hk_env"
    assert (agent.push_interval, agent.batch_size, agent.max_buffer_mb) == (0.5, 7, 12.5)
    assert (str(agent.buffer_dir), agent.log_level) == ("/srv/b", "debug")


def test_a_bad_environment_value_names_the_variable(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"agent\.batch_size: .*PLANTWRIGHT_AGENT_BATCH_SIZE"):
        load(tmp_path, AGENT + CSV, BATCH_SIZE="many")


def test_relative_paths_start_at_the_file_and_aliases_are_understood(tmp_path: Path) -> None:
    config = load(tmp_path, AGENT + CSV + MODBUS)
    assert config.agent.buffer_dir == tmp_path / "buffer"
    assert config.source[0].csv is not None
    assert config.source[0].csv.path == str(tmp_path / "lab.csv")
    assert config.source[1].protocol == "modbus"


def test_secrets_do_not_show_themselves(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    proxy = 'proxy = "http://plant:px_secret_value@proxy.example:3128"\n'
    config = load(tmp_path, AGENT + proxy + CSV)
    assert config.agent.proxy is not None
    assert config.agent.proxy.reveal() == "http://plant:px_secret_value@proxy.example:3128"
    assert "secret_value" not in repr(config) + str(config.agent) + f"{config.agent.proxy}"
    assert main(["check", "--config", str(tmp_path / "agent.toml")]) == 0
    shown = capsys.readouterr()
    assert "secret_value" not in shown.out + shown.err
    assert "lab: csv -> PUMP-1" in shown.out


def test_the_file_is_found_by_argument_then_environment_then_default() -> None:
    environment = {"PLANTWRIGHT_AGENT_CONFIG": "/e.toml"}
    assert config_path("/a.toml", environment) == Path("/a.toml")
    assert config_path(None, environment) == Path("/e.toml")
    assert config_path(None, {}) == Path("/etc/plantwright/agent.toml")


def test_the_example_in_the_readme_is_accepted(tmp_path: Path) -> None:
    readme = (Path(__file__).parents[2] / "agent" / "README.md").read_text(encoding="utf-8")
    (tmp_path / "pki").mkdir()
    for name in ("agent.der", "agent.pem", "press-plc.der"):
        (tmp_path / "pki" / name).touch()
    config = load(tmp_path, readme.split("```toml\n")[1].split("```")[0].replace("…", "x"))
    assert [source.protocol for source in config.source] == ["opcua", "modbus", "csv", "json"]
