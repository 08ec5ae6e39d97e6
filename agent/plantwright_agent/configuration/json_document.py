"""JSON of a source file."""

import json
from typing import Any

from plantwright_agent.configuration.syntax import Malformed, Place
from plantwright_agent.configuration.yaml_document import parse_yaml


def parse_json(text: str) -> tuple[Any, dict[Place, int]]:
    """Values and the line of each. Raises Malformed.

    JSON is flow-style YAML but for tabs, which in JSON stand only between values; so the YAML reader finds the lines.
    """
    try:
        values = json.loads(text)
    except json.JSONDecodeError as error:
        raise Malformed(error.lineno, error.msg) from None
    _, lines = parse_yaml(text.replace("\t", " "))
    return values, lines
