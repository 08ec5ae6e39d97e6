"""Sources in files of their own, and values from the environment."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from plantwright_agent.configuration.config import Config, load_config, read_config
from plantwright_agent.errors import ConfigError, Problem

from tests.agent.test_config import AGENT, CSV, MODBUS, OPCUA, write

PUMP = """\
# yaml-language-server: $schema=agent.schema.json
name: pump-7
machine_identifier: PUMP-7
protocol: modbus
modbus:
  host: 10.0.0.7
  registers:
    - address: 0
      metric_name: pressure
      unit: on
"""
LABS = [
    {
        "name": f"lab-{number}",
        "machine_identifier": "LAB",
        "protocol": "csv",
        "csv": {"path": f"{number}.csv", "time_column": "t"},
    }
    for number in (1, 2)
]


def add(folder: Path, name: str, text: str, *, below: str = "sources.d") -> Path:
    (folder / below).mkdir(exist_ok=True)
    path = folder / below / name
    path.write_text(text, encoding="utf-8")
    return path


def problems(path: Path, environment: dict[str, str] | None = None) -> list[Problem]:
    with pytest.raises(ConfigError) as caught:
        load_config(path, environment or {})
    return caught.value.problems


def names(config: Config) -> list[str]:
    return [source.name for source in config.source]


def test_files_of_the_folder_add_sources_in_the_order_of_their_names(tmp_path: Path) -> None:
    path = write(tmp_path, AGENT + CSV)
    add(tmp_path, "20-pump.yaml", PUMP)
    add(tmp_path, "10-labs.json", json.dumps(LABS))
    add(tmp_path, "30-pump.yaml.bak", "not: [read")
    add(tmp_path, ".40.yaml", "not: [read")
    config = load_config(path, {})
    assert names(config) == ["lab", "lab-1", "lab-2", "pump-7"]
    assert config.source[3].modbus is not None
    assert config.source[3].modbus.registers[0].unit == "on"
    assert config.source[1].csv is not None
    assert config.source[1].csv.path == str(tmp_path / "1.csv")


def test_the_folder_may_stand_elsewhere_and_must_be_there_when_named(tmp_path: Path) -> None:
    path = write(tmp_path, AGENT + 'sources_dir = "machines"\n')
    [none, folder] = problems(path)
    assert (folder.line, folder.key, folder.reason) == (6, "agent.sources_dir", f"{tmp_path}/machines is not a folder")
    assert none.key == "source"
    add(tmp_path, "pump.yml", PUMP, below="machines")
    assert names(load_config(path, {})) == ["pump-7"]


def test_what_is_wrong_in_a_source_file_is_told_with_that_file_and_line(tmp_path: Path) -> None:
    path = write(tmp_path, AGENT + CSV)
    pump = add(tmp_path, "pump.yaml", PUMP.replace("address: 0", "adress: 0").replace("host:", "port: no\n  host:"))
    labs = add(tmp_path, "labs.json", json.dumps([LABS[0], LABS[1] | {"protocol": "json"}], indent=1))
    bad = add(tmp_path, "bad.yaml", "name: a\n  b: c\n")
    found = [(problem.file, problem.line, problem.key) for problem in problems(path)]
    assert found == [
        (bad, 2, "(file)"),
        (labs, 11, "source[2].json"),
        (labs, 15, "source[2].csv"),
        (pump, 6, "source[3].modbus.port"),
        (pump, 9, "source[3].modbus.registers[0].adress"),
        (pump, 9, "source[3].modbus.registers[0].address"),
    ]


def test_a_name_is_its_sources_own_across_files(tmp_path: Path) -> None:
    path = write(tmp_path, AGENT + CSV.replace('"lab"', '"pump-7"'))
    pump = add(tmp_path, "pump.yaml", PUMP)
    assert [(problem.file, problem.line) for problem in problems(path)] == [(path, 8), (pump, 2)]


def test_an_outcome_names_what_it_depends_on_even_when_refused(tmp_path: Path) -> None:
    path = write(tmp_path, AGENT + "bach_size = 3\n" + CSV)
    pump = add(tmp_path, "pump.yaml", PUMP)
    secret = tmp_path / "key"
    outcome = read_config(path, {"PLANTWRIGHT_AGENT_API_KEY_FILE": str(secret)})
    assert outcome.config is None
    assert outcome.watched == {path, pump, pump.parent, secret}


def test_any_key_can_come_from_the_environment(tmp_path: Path) -> None:
    path = write(tmp_path, AGENT + CSV + MODBUS + OPCUA.replace('"plc"', '"Press-PLC 1"'))
    add(tmp_path, "pump.yaml", PUMP)
    config = load_config(
        path,
        {
            "PLANTWRIGHT_AGENT__SOURCE__PRESS_PLC_1__OPCUA__USERNAME": "reader",
            "PLANTWRIGHT_AGENT__SOURCE__PRESS_PLC_1__OPCUA__PASSWORD": "s3cret",
            "PLANTWRIGHT_AGENT__SOURCE__PUMP_7__MODBUS__REGISTERS__0__SCALE": "0.5",
            "PLANTWRIGHT_AGENT__SOURCE__0__CSV__IGNORE_COLUMNS": '["a", "b"]',
            "PLANTWRIGHT_AGENT__SOURCE__LAB__WHEN_FULL": "drop_oldest",
            "PLANTWRIGHT_AGENT__AGENT__BATCH_SIZE": "9",
            "PLANTWRIGHT_AGENT_SERVICE_HOST": "of a container platform, not ours",
        },
    )
    lab, _, press, pump = config.source
    assert press.opcua is not None
    assert press.opcua.password is not None
    assert (press.opcua.username, press.opcua.password.reveal()) == ("reader", "s3cret")
    assert pump.modbus is not None
    assert pump.modbus.registers[0].scale == 0.5
    assert lab.csv is not None
    assert (lab.csv.ignore_columns, lab.when_full, config.agent.batch_size) == (["a", "b"], "drop_oldest", 9)


@pytest.mark.parametrize(
    ("variable", "value", "key", "reason"),
    [
        ("_SOURCE__LAP__CSV__PATH", "x", None, 'there is no "LAP" among 2 - did you mean "lab"?'),
        ("_SOURCE__LAB__CSV__PAHT", "x", None, 'there is no key "paht" - did you mean "path"?'),
        ("_SOURCE__LAB__NAME__DEEPER", "x", None, "below something that is no table"),
        ("_SOURCE__LAB__CSV__POLL_INTERVAL", "soon", "source[0].csv.poll_interval", "got `text`"),
        ("_SOURCE__LAB__CSV__POLL_INTERVAL", "-1", "source[0].csv.poll_interval", "> 0"),
        ("API_KEY_FILE", "/nowhere", "PLANTWRIGHT_AGENT_API_KEY", "cannot be read: No such file"),
    ],
)
def test_a_bad_variable_is_told_by_its_name(
    tmp_path: Path, variable: str, value: str, key: str | None, reason: str
) -> None:
    full = f"PLANTWRIGHT_AGENT_{variable}"
    [problem] = problems(write(tmp_path, AGENT + CSV + MODBUS), {full: value})
    assert problem.key == (key or full)
    assert reason in problem.reason
    assert (f"from {full}" in problem.reason) == (key is not None and key.startswith("source"))


def test_a_source_that_two_names_fit_must_be_told_by_index(tmp_path: Path) -> None:
    text = AGENT + CSV + CSV.replace('"lab"', '"a-b"') + CSV.replace('"lab"', '"a b"')
    [problem] = problems(write(tmp_path, text), {"PLANTWRIGHT_AGENT__SOURCE__A_B__CSV__PATH": "x"})
    assert 'fits "a-b" and "a b"; use the index' in problem.reason


def test_secrets_come_from_files_and_credentials_and_the_variable_wins(tmp_path: Path) -> None:
    text = AGENT.replace('api_key = "hk_secret_value"', "") + CSV
    path = write(tmp_path, text)
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    (credentials / "PLANTWRIGHT_AGENT_API_KEY").write_text("hk_credential\n")
    (tmp_path / "key").write_text("hk_file\n")
    environment = {"CREDENTIALS_DIRECTORY": str(credentials)}
    assert load_config(path, environment).agent.api_key.reveal() == "hk_credential"
    environment["PLANTWRIGHT_AGENT_API_KEY_FILE"] = str(tmp_path / "key")
    assert load_config(path, environment).agent.api_key.reveal() == "hk_file"
    environment["PLANTWRIGHT_AGENT_API_KEY"] = "hk_direct"
    assert load_config(path, environment).agent.api_key.reveal() == "hk_direct"


def test_ca_file_is_a_key_and_not_a_value_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("-")
    config = load_config(write(tmp_path, AGENT + CSV), {"PLANTWRIGHT_AGENT_CA_FILE": str(tmp_path / "ca.pem")})
    assert config.agent.ca_file == tmp_path / "ca.pem"


def test_a_full_buffer_holds_files_and_drops_of_devices_unless_told_otherwise(tmp_path: Path) -> None:
    text = AGENT + CSV + MODBUS
    assert [source.waits_when_full for source in load_config(write(tmp_path, text), {}).source] == [True, False]
    text = text.replace('"csv"', '"csv"\nwhen_full = "drop_oldest"').replace(
        '"modbus_tcp"', '"modbus_tcp"\nwhen_full = "wait"'
    )
    assert [source.waits_when_full for source in load_config(write(tmp_path, text), {}).source] == [False, True]


TEXT = st.text(st.sampled_from("abc =[]{}\"'.,:-\n\t#&*!0\0\u00e9"), max_size=60)
ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["opcua", "csv", "x", "a\0b", ""]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["agent", "source", "name", "protocol", "csv", "path", "opcua", "nodes", "api_key", "ca_file"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
@given(toml=TEXT, yaml=TEXT, document=ANY)
def test_whatever_is_in_the_files_they_are_read_or_refused(
    tmp_path: Path, toml: str, yaml: str, document: object
) -> None:
    path = write(tmp_path, toml)
    add(tmp_path, "a.yaml", yaml)
    add(tmp_path, "b.json", json.dumps(document))
    for text in (toml, AGENT):
        path.write_text(text, encoding="utf-8")
        outcome = read_config(path, {"PLANTWRIGHT_AGENT__SOURCE__0__CSV__PATH": "x"})
        assert (outcome.config is None) == bool(outcome.problems)


@pytest.mark.parametrize("suffix", ["toml", "json", "yaml"])
def test_what_is_nested_too_deeply_is_refused(tmp_path: Path, suffix: str) -> None:
    deep = "[" * 20_000 + "]" * 20_000
    path = write(tmp_path, AGENT + (f"x = {deep}" if suffix == "toml" else CSV))
    if suffix != "toml":
        add(tmp_path, f"deep.{suffix}", deep)
    assert problems(path)[0].reason == "is nested too deeply"


def test_a_mark_that_other_systems_put_before_the_text_does_no_harm(tmp_path: Path) -> None:
    path = write(tmp_path, "")
    path.write_bytes(b"\xef\xbb\xbf" + (AGENT + CSV).replace("\n", "\r\n").encode())
    assert names(load_config(path, {})) == ["lab"]
