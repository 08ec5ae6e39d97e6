"""Settings of `[source.json]`."""

from typing import Annotated

import msgspec

from plantwright_agent.inputs.files.config import FileConfig
from plantwright_agent.inputs.json_watch.path import problem
from plantwright_agent.inputs.tags import ColumnConfig, Name


class JsonConfig(FileConfig, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Keys are paths, see `plantwright_agent.inputs.json_watch.path`.

    One document per line or, with `whole_file`, one per file. With `records`, a document holds many records. Wide
    form: `metrics` names the values of a record. Long form, with `metric_key` and `value_key`: one value per record.
    """

    time_key: Name | Annotated[list[Name], msgspec.Meta(min_length=1, max_length=3)]
    metrics: dict[str, ColumnConfig] = msgspec.field(default_factory=dict)
    records: Name | None = None
    whole_file: bool = False
    machine_key: Name | None = None
    metric_key: Name | None = None
    value_key: Name | None = None
    unit_key: Name | None = None
    quality_key: Name | None = None

    @property
    def is_long(self) -> bool:
        return self.metric_key is not None

    @property
    def names_machines(self) -> bool:
        return self.machine_key is not None

    @property
    def time_keys(self) -> list[str]:
        return [self.time_key] if isinstance(self.time_key, str) else self.time_key

    def problems(self) -> list[tuple[str, str]]:
        """Key and reason for each rule between keys that is broken."""
        found = super().problems()
        named = ("machine_key", "metric_key", "value_key", "unit_key", "quality_key")
        paths = [("time_key", path) for path in self.time_keys]
        paths += [(key, path) for key in named if (path := getattr(self, key)) is not None]
        paths += [] if self.is_long else [(f"metrics.{path}", path) for path in self.metrics]
        found += [(key, reason) for key, path in paths if (reason := problem(path))]
        if self.records is not None and (reason := problem(self.records, records=True)):
            found.append(("records", reason))
        if self.metric_key is None and self.value_key is not None:
            found.append(("metric_key", "needed with value_key: one record holds one value"))
        elif self.metric_key is not None and self.value_key is None:
            found.append(("value_key", "needed with metric_key: one record holds one value"))
        elif self.metric_key is None and not self.metrics:
            found.append(("metrics", "name the values of a record, or metric_key and value_key for the long form"))
        if self.metric_key is None and self.unit_key is not None:
            found.append(("unit_key", "belongs to the long form, with metric_key and value_key"))
        return found
