"""Settings of `[source.json]`."""

from typing import Annotated

import msgspec

from plantwright_agent.inputs.files.config import FileConfig
from plantwright_agent.inputs.tags import ColumnConfig, Name


class JsonConfig(FileConfig, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """`time_key` and the keys of `metrics` are paths; a dot goes one object deeper: "motor.winding.temp"."""

    time_key: Name
    metrics: Annotated[dict[str, ColumnConfig], msgspec.Meta(min_length=1)]
