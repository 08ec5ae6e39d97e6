"""Values as TOML that a person would write by hand."""

import json
import re
from collections.abc import Mapping


def toml_value(value: str | float) -> str:
    """Strings escape what TOML wants escaped; everything else stays readable."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def toml_table(head: str, values: Mapping[str, str | float | None]) -> str:
    """A table under its head; empty texts and None are left out."""
    lines = [f"{key} = {toml_value(value)}" for key, value in values.items() if value is not None and value != ""]
    return "\n".join([head, *lines]) + "\n"


def metric_name(name: str) -> str:
    """`Motor Temp.2` as `motor_temp_2`: a proposal, for a person to change."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_") or "value"
