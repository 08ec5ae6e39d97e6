"""Settings of CSV sources: what is refused, and which key is named."""

import re
import tomllib
from pathlib import Path
from typing import Any

import msgspec
import pytest
from plantwright_agent.configuration.config import load_config
from plantwright_agent.errors import ConfigError
from plantwright_agent.inputs.csv_watch.config import CsvConfig

LONG = {"metric_column": "m", "value_column": "v"}


def config(**settings: Any) -> CsvConfig:
    return msgspec.convert({"path": "/data/*.csv", "time_column": "time"} | settings, CsvConfig)


@pytest.mark.parametrize(
    ("settings", "key", "reason"),
    [
        ({"delimiter": ",", "decimal": ","}, "delimiter", "decimal mark"),
        ({"delimiter": '"'}, "delimiter", "quote"),
        ({"thousands": "."}, "thousands", "decimal mark"),
        ({"thousands": ","}, "thousands", "delimiter"),
        ({"value_column": "v"}, "metric_column", "needed with value_column"),
        ({"metric_column": "m"}, "value_column", "needed with metric_column"),
        ({"unit_column": "u"}, "unit_column", "long form"),
        (LONG | {"unit_column": "m"}, "metric_column", "named twice"),
        ({"metrics": {"time": {}}}, "metrics.time", "is the time column"),
        ({"columns": ["time", "a"], "metrics": {"b": {}}}, "metrics.b", "not among columns"),
        ({"columns": ["a", "b"]}, "time_column", "not among columns"),
        ({"columns": ["time", "a", "a"]}, "columns", "named twice"),
        ({"time_zone": "Mars"}, "time_zone", "IANA"),
    ],
)
def test_rules_between_keys_name_the_key(settings: dict[str, Any], key: str, reason: str) -> None:
    problems = config(**settings).problems()
    assert key in [place for place, _ in problems]
    assert any(reason in why for place, why in problems if place == key)


@pytest.mark.parametrize(
    "settings",
    [{"encoding": "ebcdic"}, {"delimiter": ";;"}, {"decimal": "'"}, {"skip_lines": -1}, {"qualities": {"1": "fine"}}],
)
def test_values_no_file_can_have_name_the_key(settings: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError, match=rf"\$\.{next(iter(settings))}"):
        config(**settings)


def test_what_is_right_has_no_problems() -> None:
    assert config(**LONG, machine_column="id", delimiter="\t", thousands="'").problems() == []
    assert config(columns=["time", "a"], header=True, metrics={"a": {}}).problems() == []
    assert config(**LONG, metrics={"PLC.T": {}}).problems() == []


def test_every_key_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs" / "files.md").read_text(encoding="utf-8")
    fields = msgspec.structs.fields(CsvConfig)
    assert [field.name for field in fields if f"`{field.name}`" not in page] == []


def test_the_documented_examples_have_no_problems() -> None:
    page = (Path(__file__).parents[2] / "docs" / "files.md").read_text(encoding="utf-8")
    documents = [tomllib.loads(example)["source"] for example in re.findall(r"```toml\n(.*?)```", page, re.DOTALL)]
    examples = [document["csv"] for document in documents if "csv" in document]
    assert len(examples) == 2
    assert [msgspec.convert(example, CsvConfig).problems() for example in examples] == [[], []]


def test_relative_paths_start_at_the_folder_of_the_configuration() -> None:
    found = config(path="in/*.csv", move_to="done").located(Path("/etc/plantwright"))
    assert (found.path, found.move_to) == ("/etc/plantwright/in/*.csv", "/etc/plantwright/done")
    assert config(path="/data/x.csv").located(Path("/etc")).path == "/data/x.csv"


@pytest.mark.parametrize("column", ["", 'machine_column = "id"'])
def test_a_source_needs_no_machine_when_its_file_names_them(tmp_path: Path, column: str) -> None:
    text = f"""
        [agent]
        api_key = "hk_test"
        api_url = "https://plant.example.com"
        [[source]]
        name = "lab"
        protocol = "csv"
        [source.csv]
        path = "lab.csv"
        time_column = "time"
        {column}
        """
    path = tmp_path / "agent.toml"
    path.write_text(text)
    if column:
        assert load_config(path, {}).source[0].name == "lab"
        return
    with pytest.raises(ConfigError, match="machine_identifier"):
        load_config(path, {})
