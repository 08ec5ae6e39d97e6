"""Settings of `[source.csv]`."""

from typing import Annotated, Literal

import msgspec

from plantwright_agent.inputs.files.config import FileConfig
from plantwright_agent.inputs.tags import ColumnConfig, Name


class CsvConfig(FileConfig, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Without `metrics`, every column but the time column and `ignore_columns` is a metric."""

    delimiter: Annotated[str, msgspec.Meta(min_length=1, max_length=1)] = ","
    decimal: Literal[".", ","] = "."
    time_column: Name
    metrics: dict[str, ColumnConfig] = msgspec.field(default_factory=dict)
    ignore_columns: list[str] = msgspec.field(default_factory=list)

    def problems(self) -> list[tuple[str, str]]:
        """Key and reason for each rule between keys that is broken."""
        found = super().problems()
        if self.delimiter == self.decimal:
            found.append(("delimiter", "the same character cannot also be the decimal mark"))
        found += [
            (f"metrics.{column}", "is the time column, so it cannot be a metric")
            for column in self.metrics
            if column == self.time_column
        ]
        return found
