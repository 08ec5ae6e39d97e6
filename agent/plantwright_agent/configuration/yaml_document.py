"""YAML of a source file: the plain values of YAML 1.2 (`no` is a text, `010` is no number), no tags, no aliases."""

import re
from typing import Any

import yaml

from plantwright_agent.configuration.syntax import Malformed, Place

PLAIN_VALUES = {
    "null": (re.compile(r"^(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""]),
    "bool": (re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")),
    "int": (re.compile(r"^(?:[-+]?(?:0|[1-9][0-9]*)|0x[0-9a-fA-F]+)$"), list("-+0123456789")),
    "float": (
        re.compile(r"^[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$"),
        list("-+.0123456789"),
    ),
}


class _Loader(yaml.SafeLoader):
    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - the library's own way to give a loader its rules

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark: yaml.Mark = self.get_mark()
            raise Malformed(mark.line + 1, "aliases (*name) are not understood here")
        return super().compose_node(parent, index)


for _name, (_pattern, _first) in PLAIN_VALUES.items():
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_name}", _pattern, _first)


def parse_yaml(text: str) -> tuple[Any, dict[Place, int]]:
    """Values and the line of each. Raises Malformed."""
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        lines: dict[Place, int] = {}
        _locate(node, (), lines)
        values = None if node is None else loader.construct_document(node)
    except yaml.reader.ReaderError as error:
        raise Malformed(text[: error.position].count("\n") + 1, error.reason) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise Malformed(mark.line + 1 if mark else 1, error.problem or error.context or "not readable") from None
    return values, lines


def _locate(node: yaml.Node | None, place: Place, lines: dict[Place, int]) -> None:
    if node is None:
        return
    lines.setdefault(place, node.start_mark.line + 1)
    if isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            _locate(item, (*place, index), lines)
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            _locate_pair(key, value, place, lines)


def _locate_pair(key: yaml.Node, value: yaml.Node, place: Place, lines: dict[Place, int]) -> None:
    line = key.start_mark.line + 1
    if not isinstance(key, yaml.ScalarNode) or key.tag != "tag:yaml.org,2002:str":
        raise Malformed(line, "a key must be a text; put it in quotes")
    below = (*place, key.value)
    if below in lines:
        raise Malformed(line, f'"{key.value}" is here twice, first on line {lines[below]}')
    lines[below] = line
    _locate(value, below, lines)
