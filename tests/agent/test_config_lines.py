"""Every key of a TOML, YAML or JSON text is found on its line, however it is written."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plantwright_agent.configuration.json_document import parse_json
from plantwright_agent.configuration.syntax import Malformed, Place, find_place, spell
from plantwright_agent.configuration.toml_lines import toml_lines
from plantwright_agent.configuration.yaml_document import parse_yaml

REPOSITORY = Path(__file__).parents[2]

ODD = r'''# [not.a.table]
"quoted.key" = 1 # = 2
a.b . "c d" = "it's \" ="
text = """
[inside]
x = 1 \""" still
"""
raw = <<<
[[inside]]<<<
list = [ 1, # one
  [ "]", '#' ],
  { x = 1, y.z = [ 2 ] },
]
when = 1979-05-27 07:32:00
[t]
[t.u."v.w"]
k = { a = "}" , b = {} }
[[p]]
n = 1
[[p.q]]
n = 2
[[p.q]]
[p.q.r]
n = 3
[[p]]
n = 4
p.deep = 5
'''.replace("<<<", "'" * 3)


def places(values: Any, above: Place = ()) -> set[Place]:
    below: set[Place] = {above} if above else set()
    items = values.items() if isinstance(values, dict) else enumerate(values) if isinstance(values, list) else ()
    for key, value in items:
        below |= places(value, (*above, key))
    return below


def test_odd_toml_is_found_key_for_key() -> None:
    lines = toml_lines(ODD)
    assert set(lines) == places(tomllib.loads(ODD))
    at = {spell(place): ODD.splitlines()[line - 1] for place, line in lines.items()}
    assert at["quoted.key"].startswith('"quoted.key"')
    assert at["list[1][0]"] == "  [ \"]\", '#' ],"
    assert at["list[2].y.z[0]"] == "  { x = 1, y.z = [ 2 ] },"
    assert at["t.u.v.w.k.b"].startswith("k = ")
    assert at["p[0].q[1].r.n"] == "n = 3"
    assert at["p[1].p.deep"] == "p.deep = 5"
    assert lines["p", 0, "q", 1] == lines["p", 0, "q", 0] + 2


@pytest.mark.parametrize("path", sorted(REPOSITORY.glob("*.toml")) + sorted(REPOSITORY.glob("*/pyproject.toml")))
def test_every_toml_file_here_is_found_key_for_key(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert set(toml_lines(text)) == places(tomllib.loads(text))


KEYS = st.text("ab.-_\"'=[]{}#, \u00e9", min_size=1, max_size=4)
VALUES = st.recursive(
    st.one_of(st.integers(-9, 9), st.booleans(), st.text("ab\"'\\\n#[]{}=,", max_size=6)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)


def as_toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(key)} = {as_toml(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list):
        return "[\n  " + ", # ]\n  ".join(as_toml(item) for item in value) + "\n]"
    return json.dumps(value)


@given(st.dictionaries(KEYS, VALUES, max_size=4))
def test_any_toml_is_found_key_for_key(values: dict[str, Any]) -> None:
    text = "\n".join(f"{json.dumps(key)} = {as_toml(value)}" for key, value in values.items())
    assert tomllib.loads(text) == values
    lines = toml_lines(text)
    assert set(lines) == places(values)
    for key in values:
        assert text.splitlines()[lines[(key,)] - 1].startswith(json.dumps(key))


@given(st.dictionaries(KEYS, VALUES, max_size=4))
def test_any_json_is_found_key_for_key(values: dict[str, Any]) -> None:
    text = json.dumps(values, indent="\t")
    found, lines = parse_json(text)
    assert found == values
    assert {place for place in lines if place} == places(values)
    for place, line in lines.items():
        if place and isinstance(place[-1], str):
            assert text.splitlines()[line - 1].strip().startswith(json.dumps(place[-1]))


def test_yaml_values_are_those_of_yaml_1_2() -> None:
    text = "a: no\nb: 1e-3\nc: 0x10\nd: true\ne: 010\nf: 12:30\ng: ~\nh: 2026-01-01\ni: -4\nj: .5\n"
    values, lines = parse_yaml(text)
    assert values == {
        "a": "no",
        "b": 0.001,
        "c": 16,
        "d": True,
        "e": "010",
        "f": "12:30",
        "g": None,
        "h": "2026-01-01",
        "i": -4,
        "j": 0.5,
    }
    assert [line for place, line in lines.items() if place] == list(range(1, 11))


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("a: 1\nb: [1\nc: 2\n", 3, "expected ',' or ']'"),
        ("a: 1\n\tb: 2\n", 2, "cannot start any token"),
        ("a: 1\na: 2\n", 2, "here twice, first on line 1"),
        ("a: &x 1\nb: *x\n", 2, "aliases"),
        ("a: 1\nb: !!python/name:os.system 1\n", 2, "could not determine a constructor"),
        ("a: 1\n1: 2\n", 2, "a key must be a text"),
        ("a: 1\n---\nb: 2\n", 2, "another document"),
        ("a: 1\nb: \x01\n", 2, "not allowed"),
    ],
)
def test_bad_yaml_is_refused_with_its_line(text: str, line: int, reason: str) -> None:
    with pytest.raises(Malformed) as caught:
        parse_yaml(text)
    assert caught.value.line == line
    assert reason in caught.value.reason


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [('{"a": 1,\n"b": }', 2, "Expecting value"), ('{"a": 1,\n\n"a": 2}', 3, "twice, first on line 1")],
)
def test_bad_json_is_refused_with_its_line(text: str, line: int, reason: str) -> None:
    with pytest.raises(Malformed) as caught:
        parse_json(text)
    assert (caught.value.line, reason in caught.value.reason) == (line, True)


def test_a_spelling_finds_its_place_even_with_dots_in_keys() -> None:
    values = {"csv": {"metrics": {"motor.temp": {"unit": "K"}, "motor": 1}}, "list": [{"a": 1}]}
    assert find_place("csv.metrics.motor.temp.unit", values) == ("csv", "metrics", "motor.temp", "unit")
    assert find_place("csv.metrics.motor", values) == ("csv", "metrics", "motor")
    assert find_place("csv.delimiter", values) == ("csv",)
    assert find_place("list[0].a", values) == ("list", 0, "a")
    assert find_place("list[7].a", values) == ("list", 7)
