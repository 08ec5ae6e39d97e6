"""Settings of JSON sources, and paths."""

import re
import tomllib
from pathlib import Path as FilePath
from typing import Any

import msgspec
import pytest
from plantwright_agent.inputs.json_watch.config import JsonConfig
from plantwright_agent.inputs.json_watch.path import Path, Records

METRICS: dict[str, Any] = {"metrics": {"n": {}}}


@pytest.mark.parametrize(
    ("settings", "key", "reason"),
    [
        ({}, "metrics", "name the values"),
        (METRICS | {"value_key": "v"}, "metric_key", "needed with value_key"),
        ({"metric_key": "m"}, "value_key", "needed with metric_key"),
        (METRICS | {"unit_key": "u"}, "unit_key", "long form"),
        (METRICS | {"time_key": "a[b]"}, "time_key", "not understood from '[b]'"),
        ({"metrics": {"a[*]": {}}}, "metrics.a[*]", "not understood from '[*]'"),
        (METRICS | {"records": "a[-1]"}, "records", "not understood"),
        (METRICS | {"time_zone": "Nowhere"}, "time_zone", "IANA"),
    ],
)
def test_rules_name_the_key(settings: dict[str, Any], key: str, reason: str) -> None:
    config = msgspec.convert({"path": "/data/x.jsonl", "time_key": "t"} | settings, JsonConfig)
    [(place, why)] = config.problems()
    assert place == key
    assert reason in why


DOCUMENT = {"a": {"b.c": [1, {"d": 2}], "e": {"f": None}}, "x": [[{"y": 1}], [{"y": 2}]], "g.h": {"i": 3}}


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("a.b.c[1].d", 2),
        ("a['b.c'][0]", 1),
        ('["a"].e.f', None),
        ("a.b.c[7]", None),
        ("g.h.i", 3),
        ("$.g.h.i", 3),
        ("x[1][0].y", 2),
        ("nothing.here", None),
    ],
)
def test_paths(expression: str, value: object) -> None:
    assert Path(expression).find(DOCUMENT, DOCUMENT) == value


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("x[*][*].y", [1, 2]),
        ("$.x[*]", DOCUMENT["x"]),
        ("a.b.c[*]", [1, {"d": 2}]),
        ("a[*]", None),
        ("g.h", [{"i": 3}]),
    ],
)
def test_records(expression: str, found: list[object] | None) -> None:
    assert Records(expression).find(DOCUMENT) == found


def test_every_key_is_documented() -> None:
    page = (FilePath(__file__).parents[2] / "docs" / "files.md").read_text(encoding="utf-8")
    fields = msgspec.structs.fields(JsonConfig)
    assert [field.name for field in fields if f"`{field.name}`" not in page] == []


def test_the_documented_examples_have_no_problems() -> None:
    page = (FilePath(__file__).parents[2] / "docs" / "files.md").read_text(encoding="utf-8")
    documents = [tomllib.loads(example)["source"] for example in re.findall(r"```toml\n(.*?)```", page, re.DOTALL)]
    examples = [document["json"] for document in documents if "json" in document]
    assert len(examples) == 2
    assert [msgspec.convert(example, JsonConfig).problems() for example in examples] == [[], []]
